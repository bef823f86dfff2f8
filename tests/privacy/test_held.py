"""Everything that is held, in words: no column without one, no id of anybody else (P11)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registration.accounts.models import Account
from registration.accounts.rules import Role
from registration.enrolment.employees import enrol_one
from registration.enrolment.models import Place
from registration.i18n import speaking
from registration.ledger.models import Disclosure
from registration.ledger.rules import Act
from registration.ledger.service import record
from registration.mail.models import Mail
from registration.people.rules import Contact, PersonNotFound
from registration.privacy.datamap import Kind, personal, tables
from registration.privacy.held import HeldTable, held_in_words, held_of_account, label
from registration.privacy.held_reading import OF_ACCOUNT
from registration.privacy.held_words import (
    ACTORS,
    COLUMNS,
    SECRET,
    UNTOLD,
    WORDLESS,
    is_wordless,
)
from registration.privacy.models import Hold
from registration.settings import Settings
from registration.teaching.service import participants
from tests.builders import NOON, make_account, make_participant, make_person
from tests.enrolment.makers import make_company, make_session
from tests.teaching.makers import NOW, enrol, make_recipient, make_school
from tests.teaching.makers import record as record_outcome

WORDLESS_ALL = SECRET | WORDLESS | UNTOLD


def _told() -> list[tuple[str, str]]:
    """(table, column) of all that a page of a person or of an account has to have a word for."""
    of_account = {name: tables()[name] for name in OF_ACCOUNT}
    return [
        (name, column)
        for name, table in (personal() | of_account).items()
        if table.store == "main" and (table.subject or name in OF_ACCOUNT)
        for column, kind in table.columns.items()
        if kind is not Kind.NONE or name == "assignment"
    ]


@pytest.mark.promise("P11")
def test_each_column_of_a_personal_table_has_a_word_or_is_declared_without_one() -> None:
    """A column that somebody adds and forgets here fails the build."""
    unsaid = [
        f"{table}.{column}"
        for table, column in _told()
        if not is_wordless(table, column) and label(table, column) not in COLUMNS.values()
    ]
    assert unsaid == []


def test_nothing_is_declared_twice() -> None:
    plain = {column for column in COLUMNS if "." not in column}
    assert plain & WORDLESS_ALL == set()
    assert plain >= ACTORS & {column for _table, column in _told()}


def _facts(table: HeldTable, row: int = 0) -> dict[str, str]:
    return dict(table.rows[row].facts)


async def _held(person_id: UUID, **more: int | str | None) -> dict[str, HeldTable]:
    with speaking("en"):
        held = await held_in_words(person_id, **more)  # type: ignore[arg-type]  # by their names
    return {table.name: table for table in held.tables}


@pytest.mark.promise("P11")
async def test_contact_data_reads_as_people_write_it(store: Settings) -> None:
    person = await make_person(language="fi", company_name="Rata Oy")
    await person.filter(id=person.id).update(phone="+358401234567", country="FI")
    held = await _held(person.id)
    facts = _facts(held["person"])
    assert facts["First name"] == "Aino"
    assert facts["Phone"] == "+358 40 1234567"
    assert facts["Language"] == "Suomi"
    assert facts["On record since"] == "1.4.2026 12:00"
    assert facts["Where it came from"] == "You gave it yourself"
    assert not {"Id", "id", "name_key", "City"} & set(facts)


@pytest.mark.promise("P11")
async def test_whoever_acted_is_told_as_a_role_and_never_by_id(store: Settings) -> None:
    company = await make_company()
    clerk = await make_account(Role.COORDINATOR, "kirsi@rata.example", company_id=company)
    offering = await make_session(seats=3)
    contact = Contact("Eero", "Employee", "eero@rata.example", language="en")
    answer = await enrol_one(
        offering, contact, company_id=company, actor_id=clerk, settings=store, now=NOON
    )
    place = await Place.get(id=answer.place_id)
    held = await _held(place.person_id)
    facts = _facts(held["place"])
    assert facts["Training or event"] == "Track work safety, 11.4.2026"
    assert facts["Signed up by"] == "A contact person of Rata Oy"
    assert facts["Company"] == "Rata Oy"
    assert facts["Status"] == "Confirmed"
    assert _facts(held["employment"])["Company"] == "Rata Oy"
    words = str(held)
    for secret in (str(clerk), str(company), str(place.seating_id), "kirsi", "Kirsi"):
        assert secret not in words


async def test_results_name_the_training_and_the_school(register: Settings) -> None:
    school = await make_school(register, recipient_id=await make_recipient("Raidekoulu"))
    taken = await enrol(school)
    await record_outcome(school, {"place_id": taken.id, "grade": "4", "completed": True})
    held = await _held(taken.person_id)
    facts = _facts(held["outcome"])
    assert facts["Training or event"] == "Track safety, 1.4.2027"
    assert facts["Recorded by"] == "A trainer of Raidekoulu"
    assert (facts["Grade"], facts["Completed"]) == ("4", "Yes")
    assert str(school.trainer.account_id) not in str(held)


async def test_what_the_person_did_is_by_themselves_and_who_is_gone_is_somebody(
    store: Settings,
) -> None:
    person, account = await make_participant()
    await record(Act.LOGIN, now=NOON, actor_id=account, subject_id=person.id)
    await record(
        Act.PERSON_CHANGED,
        now=NOON + timedelta(hours=1),
        actor_id=uuid4(),
        subject_id=person.id,
    )
    ledger = (await _held(person.id))["ledger_entry"]
    told = [dict(row.facts) for row in ledger.rows]
    said = [(each["What was done"], each.get("By whom", "")) for each in told]
    assert said[0] == ("A person's data was changed", "Somebody who no longer has an account here")
    assert ("Logged in", "You") in said


async def _hold(person_id: UUID, authority: str, *, silent: bool = False) -> Hold:
    return await Hold.create(
        id=uuid4(),
        person_id=person_id,
        record_table="certificate",
        authority=authority,
        reason="An accident is looked into",
        reference="RT 1/2026",
        silent=silent,
        review_on=NOON.date(),
        placed_by=uuid4(),
        placed_at=NOON,
    )


async def test_a_silent_hold_is_nowhere_but_another_is_told_in_words(store: Settings) -> None:
    person = await make_person()
    await _hold(person.id, "Onnettomuustutkintakeskus")
    silent = await _hold(person.id, "Poliisi", silent=True)
    await record(Act.PERSON_CHANGED, now=NOON, subject_id=person.id, object_id=silent.id)
    await record(Act.PLACE_CHANGED, now=NOON, subject_id=person.id)
    held = await _held(person.id)
    assert held["hold"].total == 1
    assert _facts(held["hold"])["What it is about"] == "Your certificates"
    assert [dict(row.facts)["What was done"] for row in held["ledger_entry"].rows] == [
        "A place was changed"
    ]
    assert "Poliisi" not in str(held)


async def test_a_mailed_login_link_stays_in_its_mailbox(store: Settings) -> None:
    """One mail may hold the links of all who share an address."""
    person = await make_person()
    for purpose in ("login", "place"):
        await Mail.create(
            id=uuid4(),
            template=purpose,
            purpose=purpose,
            person_id=person.id,
            language="en",
            address=person.email,
            subject="Hello",
            body_text=f"https://registration.example/login/{purpose}-secret",
            body_html="<p>",
            queued_at=NOON,
        )
    told = str((await _held(person.id))["mail"])
    assert "place-secret" in told
    assert "login-secret" not in told


async def test_two_people_with_one_address_see_nothing_of_each_other(store: Settings) -> None:
    aino, _account = await make_participant("perhe@example.fi")
    await make_person("Onni", "Virtanen", "perhe@example.fi")
    words = str(await _held(aino.id))
    assert "Aino" in words
    assert "Onni" not in words


async def test_ten_thousand_looks_are_shown_a_page_at_a_time(register: Settings) -> None:
    person = await make_person()
    await Disclosure.bulk_create(
        [
            Disclosure(
                id=uuid4(),
                at=NOON + timedelta(minutes=number),
                person_id=person.id,
                purpose="attendance",
                basis="contract",
                road="pack",
                fields_shown="name,company",
            )
            for number in range(10_000)
        ],
        batch_size=500,
    )
    table = (await _held(person.id))["disclosure"]
    assert (table.total, len(table.rows), table.more) == (10_000, 5, 9_995)
    assert _facts(table)["When"] == "8.4.2026 10:39"
    assert _facts(table)["Which data"] == "name, company"
    last = (await _held(person.id, limit=25, only="disclosure", number=400))["disclosure"]
    assert (last.total, len(last.rows)) == (10_000, 25)
    assert _facts(last, 24)["When"] == "1.4.2026 12:00"


async def test_hostile_and_oversized_texts_stay_texts(store: Settings) -> None:
    person = await make_person("=HYPERLINK(1)\u202e", "<script>x</script>", company_name="Å" * 200)
    facts = _facts((await _held(person.id))["person"])
    assert facts["Last name"] == "<script>x</script>"
    await Mail.create(
        id=uuid4(),
        template="x",
        purpose="place",
        person_id=person.id,
        language="en",
        address=person.email,
        subject="s",
        body_text="x" * 100_000,
        body_html="",
        queued_at=NOON,
    )
    text = _facts((await _held(person.id))["mail"])["Text"]
    assert len(text) == 2_001


async def test_what_is_left_out_to_protect_another_is_unsaid(store: Settings) -> None:
    person = await make_person(company_name="Rata Oy")
    with speaking("en"):
        held = await held_in_words(person.id, left_out=[("person", person.id, "company_name")])
        none = await held_in_words(person.id, left_out=[("person", person.id, "")])
    assert "Company" not in _facts(held.tables[0])
    assert "Rata Oy" not in str(none)


async def test_who_is_not_held_has_no_page(store: Settings) -> None:
    with pytest.raises(PersonNotFound):
        await held_in_words(uuid4())


@pytest.mark.promise("P11")
async def test_an_account_without_a_person_sees_what_hangs_on_it_and_no_person(
    register: Settings,
) -> None:
    """A trainer who also takes part, by the same address, is another record."""
    school = await make_school(register, recipient_id=await make_recipient("Raidekoulu"))
    taken = await enrol(school)
    await participants(school.id, identity=school.trainer, now=NOW)
    account = await Account.get(id=school.trainer.account_id)
    same, _login = await make_participant(account.email)
    with speaking("en"):
        held = await held_of_account(account.id)
    found = {table.name: table for table in held.tables}
    assert _facts(found["account"])["E-mail"] == account.email
    assert _facts(found["assignment"])["To whom"] == "Raidekoulu"
    assert _facts(found["assignment"])["Session"] == "Track safety, 1.4.2027"
    assert _facts(found["account_grant"])["Role"] == "Trainer"
    words = str(held)
    assert "person" not in found
    assert str(taken.person_id) not in words
    assert "Aino" not in words
    assert str(same.id) not in words
