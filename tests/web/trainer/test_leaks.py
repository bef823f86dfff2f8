"""Every road of a trainer, walked for words that only the register should know (P3, P7, P15)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from io import BytesIO
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from starlette.applications import Starlette
from xlsxwriter import Workbook

from registration import clock
from registration.accounts.models import Account
from registration.accounts.rules import Role, Scope
from registration.accounts.tokens import add_token
from registration.catalogue.service import add_event
from registration.catering.service import register_guest
from registration.enrolment.models import Place
from registration.enrolment.service import SignUp
from registration.ledger.models import Disclosure
from registration.people.models import Person, Suggestion
from registration.people.rules import Contact, Source
from registration.press import SheetDocument, close_press, print_sheet
from registration.settings import Settings
from registration.teaching.models import Assignment, Pack, Recipient
from registration.teaching.returning import ask
from registration.teaching.service import decline
from tests.builders import log_in, make_account
from tests.catering.makers import diet, event_given, offering_of
from tests.conftest import browser
from tests.teaching.makers import School, enrol, make_school
from tests.web.trainer.conftest import Desk, give
from tests.web.trainer.roads import Roads, Way, texts_in, walk

PEOPLE = ("Aino Ainonimi", "Eero Eeronimi")
FIRMS = ("Ainofirma Oy", "Eerofirma Oy")
# What nobody who teaches may ever read, of one's own participants or of others'.
OTHERS = ("Hiddenother", "Hiddenwaiting", "Hiddengone", "Hiddenasked", "Hiddenended")
SECRETS = ("secretdiet", "secretnote", "1983-02-01", "secretorder")


def contact(mark: str) -> dict[str, str]:
    """Words of one person's own in everything that is held of how to reach them."""
    number = sum(map(ord, mark))
    return {
        "email": f"mail{mark}@{mark}post.example",
        "phone": f"+35850765{number:04d}",
        "street": f"Street{mark} 77",
        "postal_code": f"9{number:04d}",
        "city": f"City{mark}",
        "country": "SE",
    }


def marks(mark: str) -> list[str]:
    given = contact(mark)
    digits = given["phone"][-4:]
    return [
        f"mail{mark}", f"{mark}post", f"65{digits}", f"65 {digits}", f"street{mark}",
        given["postal_code"], f"city{mark}",
    ]  # fmt: skip


MARKS = [*marks("aino"), *marks("eero"), *OTHERS, *SECRETS]


async def dine(settings: Settings) -> None:
    """The same person comes to an event, and says what she eats."""
    wish = SignUp(Contact("Aino", "Ainonimi", **contact("aino")), Source.SELF)
    now = clock.now()
    given = event_given(starts_at=now + timedelta(days=30))
    event = await offering_of(await add_event(given, actor_id=None, now=now))
    await register_guest(event, wish, diet("secretdiet"), settings=settings, now=now)


async def plant(school: School, settings: Settings) -> tuple[UUID, ...]:
    """Two people on the session of whom much is held, one who waits, one who has gone."""
    aino = await enrol(school, PEOPLE[0], company_name=FIRMS[0], **contact("aino"))
    eero = await enrol(school, PEOPLE[1], company_name=FIRMS[1], **contact("eero"))
    gone = await enrol(school, "Hiddengone Person")
    waiting = await enrol(school, "Hiddenwaiting Person")
    await Place.filter(id=gone.id).update(status="cancelled", current=False)
    await Place.filter(id=waiting.id).update(status="waiting")
    await Place.filter(id=aino.id).update(order_number="secretorder")
    for field, value in (("street", "secretnote"), ("phone", "1983-02-01")):
        await Suggestion.create(
            id=uuid4(),
            person_id=aino.person_id,
            field=field,
            value=value,
            source=Source.COMPANY.value,
            suggested_at=clock.now(),
        )
    await dine(settings)
    return aino.id, eero.id


@pytest.fixture
async def way(desk: Desk, settings: Settings) -> AsyncIterator[Way]:
    """The trainer's own session, another's, one they are asked for, one whose end has come."""
    start, who = desk.school.session.starts_at, desk.school.trainer.account_id
    places = await plant(desk.school, settings)
    others = {name: await make_school(settings, start=start) for name in OTHERS[:1] + OTHERS[3:]}
    for name, other in others.items():
        await enrol(other, f"{name} Person", **contact(name.lower()))
    await give(others["Hiddenasked"].id, who, settings, agreed=False)
    await give(others["Hiddenended"].id, who, settings)
    now = clock.now()
    await Assignment.filter(session_id=others["Hiddenended"].id, account_id=who).update(ends_at=now)
    await desk.trainer.get(f"{desk.path}/packs/permit.json")
    await Pack.filter(assignment__account_id=who).update(ends_at=now - timedelta(days=30))
    await ask(settings, now=now)
    email = (await Account.get(id=who)).email
    yield Way(
        desk.app,
        desk.trainer,
        await add_token(email, Scope.TRAINER, days=1, now=now),
        who,
        (desk.school.id, *(other.id for other in others.values())),
        places,
        tuple(row.id for row in await Pack.all()),
    )
    await close_press()


def parts(words: list[str]) -> list[str]:
    """What is typed to look for somebody, all but its last letter: so that a page which says again
    what was typed is no find."""
    return [word[:-1] for word in words]


@pytest.mark.promise("P3")
@pytest.mark.promise("P7")
@pytest.mark.promise("P15")
@pytest.mark.slow
async def test_no_road_of_a_trainer_leaks(way: Way) -> None:
    roads = await walk(way, looking_for=parts(["mailaino", "Hiddenother", "Streeteero"]))
    assert roads.with_any(MARKS) == {}
    named = roads.with_any([PEOPLE[0]])
    kinds = {road.split()[0] for road in named if "200" in road or "mail" in road}
    assert {"link", "GET", "pack"} <= kinds
    assert sum(road.startswith("pack") for road in named) == 2 * 3 * 4
    codes = {road.split()[-1] for road in roads.found}
    assert {"200", "303", "403", "404", "405", "409", "422"} <= codes
    assert [road for road in roads.found if road.endswith(" 500")] == []
    assert {road.split()[1] for road in roads.found if road.startswith("mail")} == {
        "packs-ended",
        "trainer-invited",
    }


@pytest.mark.promise("P7")
@pytest.mark.slow
@pytest.mark.parametrize("why", ["asked", "declined", "ended", "agreement", "safeguard"])
async def test_nobody_is_named_while_the_session_is_not_open(
    way: Way, desk: Desk, settings: Settings, why: str
) -> None:
    """Before it was accepted, after it was declined, after its end, and without what the data may
    go there on: not a name and not a company, by any road."""
    own = Assignment.filter(session_id=desk.school.id)
    now = clock.now()
    if why == "asked":
        await own.update(accepted_at=None)
    if why == "declined":
        await decline(desk.school.id, "secretnote", identity=desk.school.trainer, now=now)
    if why == "ended":
        await own.update(ends_at=now)
    if why == "agreement":
        await Recipient.filter(name__contains="").update(agreement_until=date(2021, 1, 1))
    if why == "safeguard":
        await Recipient.filter(name__contains="").update(country="US")
    before = await Disclosure.all().count()
    roads = await walk(way, own=True)
    names = [*(name.split()[1] for name in PEOPLE), *FIRMS]
    forbidden = [mark for mark in MARKS if mark != "secretnote" or why != "declined"]
    assert roads.with_any([*forbidden, *names]) == {}
    assert await Disclosure.all().count() == before


@pytest.mark.slow
async def test_the_walk_sees_a_leak_on_every_road(way: Way) -> None:
    """The control: what trainers do get, the name, planted as if it were an address, is found on
    each road by which names travel. So an address would be found there too."""
    person = (await Place.get(id=way.places[0])).person_id
    await Person.filter(id=person).update(last_name="mailaino@ainopost.example")
    leaks = (await walk(way, own=True)).with_any(MARKS)
    own = way.sessions[0]
    wanted = {
        f"link /trainer/sessions/{own} 200",
        f"GET /trainer/sessions/{own} 200",
        f"GET /api/v1/teaching/sessions/{own}/participants 200",
        f"POST /trainer/sessions/{own} stale 409",
        f"POST /trainer/sessions/{own} wrong 422",
        *(
            f"pack /trainer/sessions/{own}/packs/{purpose}.{format} 200"
            for purpose in ("attendance", "certificate", "permit")
            for format in ("csv", "xlsx", "pdf", "json")
        ),
        *(
            f"pack /api/v1/teaching/sessions/{own}/packs/{purpose}?format={format} 200"
            for purpose in ("attendance", "certificate", "permit")
            for format in ("csv", "xlsx", "pdf", "json")
        ),
    }
    assert wanted - set(leaks) == set()


async def test_staff_see_what_trainers_must_not(app: Starlette, way: Way) -> None:
    """Else there would be nothing to leak."""
    account = await make_account(Role.STAFF, "staff@example.fi")
    roads = Roads()
    async with browser(app) as staff:
        await log_in(staff, account)
        for place in way.places:
            roads.keep("staff", await staff.get(f"/staff/places/{place}"))
            found = roads.with_any(MARKS)
            assert any(word.startswith("mail") for word in found["staff 200"])


async def test_words_deep_in_a_file_are_found(settings: Settings) -> None:
    """In a spreadsheet's properties and in a file that was put into it; in a PDF's words, title
    and streams."""
    held = BytesIO()
    with Workbook(held, {"in_memory": True}) as book:
        book.add_worksheet().write_string(70, 30, "in-a-cell")
        book.set_properties({"comments": "in-its-properties"})
    with ZipFile(held, "a") as packed:
        inner = BytesIO()
        with ZipFile(inner, "w") as nested:
            nested.writestr("note.txt", "in-another-zip")
        packed.writestr("inner.zip", inner.getvalue())
    words = "".join(texts_in(held.getvalue()))
    assert [word in words for word in ("in-a-cell", "in-its-properties", "in-another-zip")] == [
        True
    ] * 3
    sheet = SheetDocument("en", "Heading", "in-the-title", "1", (), (), ("in-a-note",), "", "Page")
    try:
        printed = "".join(texts_in(await print_sheet(sheet, settings=settings)))
    finally:
        await close_press()
    assert [word in printed for word in ("in-the-title", "in-a-note")] == [True, True]


@pytest.mark.promise("P15")
async def test_each_pack_and_look_is_on_record(desk: Desk) -> None:
    taken = await enrol(desk.school)
    await desk.trainer.get(desk.path)
    try:
        for purpose in ("attendance", "certificate", "permit"):
            for format in ("csv", "xlsx", "pdf", "json"):
                answer = await desk.trainer.get(f"{desk.path}/packs/{purpose}.{format}")
                assert answer.status_code == 200
                assert answer.headers["content-disposition"].startswith(
                    f'attachment; filename="{purpose}-'
                )
                assert answer.headers["cache-control"] == "private, no-store"
    finally:
        await close_press()
    rows = await Disclosure.filter(person_id=taken.person_id)
    assert sorted(row.purpose for row in rows) == [
        *["attendance"] * 4,
        *["certificate"] * 4,
        *["permit"] * 4,
        "teaching",
    ]
