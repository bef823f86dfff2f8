"""A request from its coming to its answer, and each step on record (P11, P12)."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from registration.accounts.rules import Role
from registration.errors import DomainError, Invalid
from registration.forms import parse
from registration.i18n import DEFAULT_ZONE
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.consents import allow
from registration.people.models import Consent, Person
from registration.people.rules import PersonNotFound, Purpose
from registration.privacy.answering import (
    answer,
    carry_out,
    close_old,
    prolong,
    question,
    take_in,
)
from registration.privacy.copies import NoSuchText, copy_of, leave_out, put_back, texts_of
from registration.privacy.erasure import erase
from registration.privacy.export import export
from registration.privacy.models import Redaction, RightsPart, RightsRequest
from registration.privacy.request_forgetting import forget
from registration.privacy.request_given import DecisionGiven, IdentityGiven, RequestGiven
from registration.privacy.request_lines import (
    Sought,
    found,
    request,
    requests_of_account,
    steps,
    waiting,
)
from registration.privacy.request_rules import (
    AddressUnknown,
    AlreadyDecided,
    Channel,
    CopyByLogin,
    Decision,
    Fee,
    Ground,
    Identity,
    IdentityMissing,
    MandateMissing,
    Matched,
    MovedOn,
    NoFeeHere,
    NotCarriedOut,
    NothingToCarryOut,
    NotMatched,
    RequestKind,
    RequestNotFound,
    State,
    TooLateToExtend,
)
from registration.privacy.requests import (
    ask_identity,
    decide,
    extend,
    identify,
    match,
    note_done,
    open_request,
    requests_of,
    set_fee,
    show_mandate,
    withdraw,
)
from registration.privacy.restrictions import restricted
from registration.settings import Settings
from tests.builders import NOON, make_account, make_person

STAFF = uuid4()
LATER = NOON + timedelta(days=3)
YES = DecisionGiven(decision=Decision.GRANTED)
SHOWN = IdentityGiven(how=Identity.ID_SHOWN, seen="driving licence")
WRITTEN = IdentityGiven(how=Identity.SIGNED_LETTER, seen="signature, the address on record")


async def opened(kind: str = "access", channel: str = "letter", **more: object) -> UUID:
    given = parse(RequestGiven, {"kind": kind, "channel": channel, "language": "en"} | more)
    return await open_request(given, actor_id=STAFF, now=NOON)


async def known(person: Person, kind: str = "access", **more: object) -> UUID:
    """In hand: whose it is, and who asks."""
    made = await opened(kind, "letter", **more)
    await match(made, person.id, actor_id=STAFF, now=NOON)
    await identify(made, WRITTEN, actor_id=STAFF, now=NOON)
    return made


async def state_of(request_id: UUID) -> State:
    return (await request(request_id)).line.state


async def acts(request_id: UUID) -> list[str]:
    return [step.act.removeprefix("request-") for step in await steps(request_id)]


@pytest.mark.promise("P12")
async def test_a_letter_goes_from_its_coming_to_its_answer(store: Settings) -> None:
    aino = await make_person()
    made = await opened(asked="Send me all.", received_on=date(2026, 3, 31))
    assert await state_of(made) is State.RECEIVED
    await ask_identity(made, actor_id=STAFF, now=NOON)
    assert await state_of(made) is State.WAITING
    await match(made, aino.id, actor_id=STAFF, now=NOON)
    assert await state_of(made) is State.WAITING
    await identify(made, WRITTEN, actor_id=STAFF, now=NOON)
    assert await state_of(made) is State.IN_HAND
    await decide(made, YES, actor_id=STAFF, now=LATER)
    assert await state_of(made) is State.DECIDED
    with pytest.raises(NotCarriedOut):
        await answer(made, Channel.LETTER, actor_id=STAFF, settings=store, now=LATER)
    await copy_of(made, actor_id=STAFF, settings=store, now=LATER)
    await answer(made, Channel.LETTER, actor_id=STAFF, settings=store, now=LATER)
    line = (await request(made)).line
    assert (line.state, line.answered_at, line.reference) == (
        State.ANSWERED,
        LATER,
        "TP-2026-0001",
    )
    assert line.until == datetime(2026, 4, 30, 23, 59, 59, tzinfo=DEFAULT_ZONE)
    assert await acts(made) == [
        "opened", "identity-asked", "matched", "identified", "decided", "copied", "answered",
    ]  # fmt: skip


@pytest.mark.promise("P12")
async def test_the_request_is_part_of_the_next_export(store: Settings) -> None:
    aino = await make_person()
    made = await known(aino, asked="What do you hold on me?")
    given = DecisionGiven.model_validate(
        {
            "parts": [
                {"what": "contact data", "decision": "granted"},
                {"what": "a colleague's words", "decision": "refused", "because": "hers"},
            ]
        }
    )
    assert await decide(made, given, actor_id=STAFF, now=NOON) is Decision.PARTLY
    held = (await export(aino.id, actor_id=None, house="Raide Oy", now=NOON))["held"]
    assert isinstance(held, dict)
    [row] = held["rights_request"]["rows"]
    assert (row["asked"], row["decision"], row["identity"]) == (
        "What do you hold on me?",
        "partly",
        "signed-letter",
    )
    assert sorted(part["what"] for part in held["rights_part"]["rows"]) == [
        "a colleague's words",
        "contact data",
    ]


@pytest.mark.promise("P12")
async def test_numbers_have_no_gaps_whoever_opens_at_once(store: Settings) -> None:
    made = await asyncio.gather(*(opened("other", "mail") for _ in range(12)))
    with pytest.raises(Invalid):
        await opened("other", "mail", received_on=date(2026, 4, 2))  # a day to come
    last = await opened("other", "mail")
    numbers = sorted([(await request(each)).line.reference for each in (*made, last)])
    assert numbers == [f"TP-2026-{at:04}" for at in range(1, 14)]


@pytest.mark.promise("P12")
async def test_of_two_colleagues_who_decide_at_once_one_is_told_so(store: Settings) -> None:
    made = await known(await make_person())
    no = DecisionGiven(decision=Decision.REFUSED, ground=Ground.EXCESSIVE)
    done = await asyncio.gather(
        decide(made, YES, actor_id=uuid4(), now=NOON),
        decide(made, no, actor_id=uuid4(), now=NOON),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in done) == ["AlreadyDecided", "Decision"]
    won = next(each for each in done if isinstance(each, Decision))
    detail = await request(made)
    assert detail.line.decision is won
    assert (detail.ground is Ground.EXCESSIVE) == (won is Decision.REFUSED)
    assert (await acts(made)).count("decided") == 1


async def test_nothing_is_granted_before_it_is_sure_who_asks(store: Settings) -> None:
    aino = await make_person()
    made = await opened("erasure", "mail", asker_email="aino@example.fi")
    with pytest.raises(NotMatched):
        await decide(made, YES, actor_id=STAFF, now=NOON)
    await match(made, aino.id, actor_id=STAFF, now=NOON)
    with pytest.raises(IdentityMissing):
        await decide(made, YES, actor_id=STAFF, now=NOON)
    no = DecisionGiven(decision=Decision.REFUSED, ground=Ground.IDENTITY)
    assert await decide(made, no, actor_id=STAFF, now=NOON) is Decision.REFUSED


async def test_it_is_said_what_was_looked_at(store: Settings) -> None:
    made = await opened()
    with pytest.raises(Invalid):
        await identify(made, IdentityGiven(how=Identity.ID_SHOWN), actor_id=STAFF, now=NOON)


async def test_a_refusal_has_a_reason(store: Settings) -> None:
    made = await known(await make_person())
    for given in (
        DecisionGiven(decision=Decision.REFUSED),
        DecisionGiven(decision=Decision.PARTLY),
        DecisionGiven.model_validate({"parts": [{"what": "all", "decision": "refused"}]}),
    ):
        with pytest.raises(Invalid):
            await decide(made, given, actor_id=STAFF, now=NOON)
    assert await state_of(made) is State.IN_HAND


async def test_who_asks_for_another_shows_that_they_may(store: Settings) -> None:
    aino = await make_person()
    made = await known(aino, behalf="lawyer", asker_name="Asianajaja Oy")
    with pytest.raises(MandateMissing):
        await decide(made, YES, actor_id=STAFF, now=NOON)
    await show_mandate(made, "power of attorney, signed by her", actor_id=STAFF, now=NOON)
    assert await decide(made, YES, actor_id=STAFF, now=NOON) is Decision.GRANTED


async def test_data_goes_to_no_address_that_might_be_anybodys(store: Settings) -> None:
    aino = await make_person()
    made = await opened("access", "mail", asker_email="anybody@example.com", asker_name="Aino V")
    await match(made, aino.id, actor_id=STAFF, now=NOON)
    await identify(made, WRITTEN, actor_id=STAFF, now=NOON)
    await decide(made, YES, actor_id=STAFF, now=NOON)
    await copy_of(made, actor_id=STAFF, settings=store, now=NOON)
    await answer(made, Channel.MAIL, actor_id=STAFF, settings=store, now=NOON)
    # The mail went to the address on record, not to the one that was typed.
    assert [mail.address for mail in await Mail.all()] == ["aino@example.fi"]


async def test_nobody_without_an_address_is_answered_by_mail(store: Settings) -> None:
    made = await opened("other", "phone", asker_name="Somebody")
    await match(made, None, actor_id=STAFF, now=NOON)
    await decide(made, YES, actor_id=STAFF, now=NOON)
    with pytest.raises(AddressUnknown):
        await answer(made, Channel.MAIL, actor_id=STAFF, settings=store, now=NOON)
    await answer(made, Channel.PHONE, actor_id=STAFF, settings=store, now=NOON)
    assert await state_of(made) is State.ANSWERED


@pytest.mark.promise("P11")
async def test_that_nobody_is_held_is_an_answer_too(store: Settings) -> None:
    made = await opened(asker_name="Nemo Nullus", asker_email="nemo@example.com")
    await match(made, None, actor_id=STAFF, now=NOON)
    given = DecisionGiven(decision=Decision.NOTHING_HELD)
    await decide(made, given, actor_id=STAFF, now=NOON)
    await answer(made, Channel.MAIL, actor_id=STAFF, settings=store, now=NOON)
    [mail] = await Mail.all()
    assert (mail.address, mail.subject) == (
        "nemo@example.com",
        "We hold no data on you (TP-2026-0001)",
    )
    assert (await request(made)).line.matched is Matched.NOBODY


async def test_two_people_with_one_address_are_never_mixed(store: Settings) -> None:
    aino = await make_person("Aino", "Virtanen", "office@example.fi")
    eero = await make_person("Eero", "Virtanen", "office@example.fi")
    made = await known(aino, asked="Mine, not my brother's.")
    await decide(made, YES, actor_id=STAFF, now=NOON)
    held = (await copy_of(made, actor_id=STAFF, settings=store, now=NOON))["held"]
    assert isinstance(held, dict)
    assert [row["first_name"] for row in held["person"]["rows"]] == ["Aino"]
    assert await requests_of(eero.id) == []
    assert [line.id for line in await requests_of(aino.id)] == [made]


@pytest.mark.promise("P12")
async def test_a_longer_time_has_a_reason_and_is_told(store: Settings) -> None:
    aino = await make_person()
    made = await known(aino)
    with pytest.raises(Invalid):
        await extend(made, date(2026, 6, 1), " ", actor_id=STAFF, now=NOON)
    told = await prolong(
        made, date(2026, 6, 1), "Many records.", actor_id=STAFF, settings=store, now=NOON
    )
    detail = await request(made)
    assert (told, detail.line.until.date(), detail.extended_because) == (
        True,
        date(2026, 6, 1),
        "Many records.",
    )
    [mail] = await Mail.all()
    assert "The reason: Many records." in mail.body_text
    with pytest.raises(DomainError):
        await extend(made, date(2026, 6, 2), "More.", actor_id=STAFF, now=NOON)


async def test_no_more_time_once_the_month_is_over(store: Settings) -> None:
    made = await known(await make_person())
    late = NOON + timedelta(days=40)
    with pytest.raises(TooLateToExtend):
        await extend(made, date(2026, 6, 1), "Many records.", actor_id=STAFF, now=late)
    assert [line.late(late) for line in await waiting()] == [True]
    assert [line.id for line in await found(Sought(late=True), now=late)] == [made]
    assert await found(Sought(late=True), now=NOON) == []


@pytest.mark.promise("P12")
async def test_a_further_copy_is_free_unless_a_human_says_what_it_costs(store: Settings) -> None:
    aino = await make_person()
    first = await known(aino)
    with pytest.raises(NoFeeHere):
        await set_fee(first, Fee.CHARGED, cents=500, because="Again.", actor_id=STAFF, now=NOON)
    await decide(first, YES, actor_id=STAFF, now=NOON)
    await copy_of(first, actor_id=STAFF, settings=store, now=NOON)
    await answer(first, Channel.LETTER, actor_id=STAFF, settings=store, now=NOON)
    given = RequestGiven(kind=RequestKind.ACCESS, channel=Channel.LETTER)
    again = await open_request(given, person_id=aino.id, actor_id=STAFF, now=LATER)
    detail = await request(again)
    assert (detail.note.may_cost, detail.note.last_copy_at, detail.fee) == (
        True,
        NOON,
        Fee.UNDECIDED,
    )
    await identify(again, WRITTEN, actor_id=STAFF, now=LATER)
    with pytest.raises(Invalid):
        await set_fee(again, Fee.CHARGED, cents=500, actor_id=STAFF, now=LATER)
    await set_fee(again, Fee.CHARGED, cents=500, because="Again.", actor_id=STAFF, now=LATER)
    assert (await request(again)).fee_cents == 500
    await set_fee(again, Fee.FREE, actor_id=STAFF, now=LATER)
    assert (await request(again)).fee_cents == 0


@pytest.mark.promise("P11")
@pytest.mark.promise("P13")
async def test_a_granted_erasure_is_carried_out_and_then_answered(store: Settings) -> None:
    aino = await make_person()
    other = await known(aino, "access", asked="Xyzzy")
    made = await known(aino, "erasure", asked="Delete Xyzzy")
    with pytest.raises(MovedOn):
        await carry_out(made, actor_id=STAFF, settings=store, now=NOON)
    await decide(made, YES, actor_id=STAFF, now=NOON)
    await carry_out(made, actor_id=STAFF, settings=store, now=LATER)
    assert await Person.filter(id=aino.id).count() == 0
    assert await state_of(other) is State.WITHDRAWN
    await answer(made, Channel.MAIL, actor_id=STAFF, settings=store, now=LATER)
    [mail] = await Mail.all()
    assert (mail.address, mail.person_id) == ("aino@example.fi", None)
    assert "Your data has been deleted." in mail.body_text
    for row in await RightsRequest.all():
        assert (row.asked, row.asker_name, row.asker_email, row.identity_seen) == ("", "", "", "")
    with pytest.raises(MovedOn):
        await carry_out(made, actor_id=STAFF, settings=store, now=LATER)


async def test_who_was_erased_meanwhile_is_answered_all_the_same(store: Settings) -> None:
    aino = await make_person()
    made = await known(aino, "erasure", asker_email="aino@example.fi", asker_name="Aino")
    await decide(made, YES, actor_id=STAFF, now=NOON)
    await erase(aino.id, actor_id=None, settings=store, now=NOON)
    await carry_out(made, actor_id=STAFF, settings=store, now=LATER)
    await answer(made, Channel.VISIT, actor_id=STAFF, settings=store, now=LATER)
    assert await state_of(made) is State.ANSWERED


async def test_nobody_is_matched_who_is_not_on_record(store: Settings) -> None:
    made = await opened()
    with pytest.raises(PersonNotFound):
        await match(made, uuid4(), actor_id=STAFF, now=NOON)
    with pytest.raises(RequestNotFound):
        await match(uuid4(), None, actor_id=STAFF, now=NOON)


@pytest.mark.promise("P10")
async def test_a_no_to_marketing_needs_nobodys_identity(store: Settings) -> None:
    aino = await make_person()
    await allow(
        aino.id,
        [Purpose.NEWSLETTER],
        language="fi",
        proven=True,
        secret=store.secret,
        now=NOON,
    )
    made = await opened("no-marketing", "phone")
    await match(made, aino.id, actor_id=STAFF, now=NOON)
    assert await state_of(made) is State.IN_HAND
    await decide(made, YES, actor_id=STAFF, now=NOON)
    await carry_out(made, actor_id=STAFF, settings=store, now=NOON)
    assert await Consent.filter(withdrawn_at=None).count() == 0


@pytest.mark.promise("P11")
async def test_a_restriction_granted_at_the_desk_is_in_force(store: Settings) -> None:
    aino = await make_person()
    made = await known(aino, "restriction")
    await decide(made, YES, actor_id=STAFF, now=NOON)
    await carry_out(made, actor_id=STAFF, settings=store, now=NOON)
    [line] = (await restricted([aino.id]))[aino.id]
    assert (line.upheld, line.in_force) == (True, True)


async def test_what_was_refused_is_not_carried_out(store: Settings) -> None:
    aino = await make_person()
    made = await known(aino, "erasure")
    no = DecisionGiven(decision=Decision.REFUSED, because="A hold.")
    await decide(made, no, actor_id=STAFF, now=NOON)
    with pytest.raises(NothingToCarryOut):
        await carry_out(made, actor_id=STAFF, settings=store, now=NOON)
    assert await Person.filter(id=aino.id).count() == 1


@pytest.mark.promise("P11")
async def test_what_shows_another_person_is_left_out_of_the_copy_with_the_reason(
    store: Settings,
) -> None:
    aino = await make_person()
    await known(aino, "other", asked="My manager Pekka said I failed.")
    made = await known(aino)
    texts = await texts_of(made)
    [text] = [each for each in texts if "Pekka" in each.text]
    with pytest.raises(Invalid):
        await leave_out(made, text.key, " ", actor_id=STAFF, now=NOON)
    with pytest.raises(NoSuchText):
        await leave_out(made, ("person", aino.id, "email"), "Hers", actor_id=STAFF, now=NOON)
    await leave_out(made, text.key, "Names a colleague", actor_id=STAFF, now=NOON)
    await decide(made, YES, actor_id=STAFF, now=NOON)
    held = await copy_of(made, actor_id=STAFF, settings=store, now=NOON)
    assert "Pekka" not in str(held)
    assert held["left_out"] == [
        {"table": "rights_request", "field": "asked", "because": "Names a colleague"}
    ]
    with pytest.raises(MovedOn):
        await put_back(made, text.key)


async def test_a_text_can_be_put_back(store: Settings) -> None:
    aino = await make_person()
    made = await known(aino, asked="Me and Pekka")
    [text, *_rest] = await texts_of(made)
    await leave_out(made, text.key, "Names a colleague", actor_id=STAFF, now=NOON)
    await put_back(made, text.key)
    assert {each.left_out for each in await texts_of(made)} == {""}


async def test_a_request_can_be_withdrawn_and_then_rests(store: Settings) -> None:
    made = await opened()
    await withdraw(made, actor_id=STAFF, now=NOON)
    assert await state_of(made) is State.WITHDRAWN
    for act in (
        decide(made, YES, actor_id=STAFF, now=NOON),
        match(made, None, actor_id=STAFF, now=NOON),
        withdraw(made, actor_id=STAFF, now=NOON),
    ):
        with pytest.raises(MovedOn):
            await act
    assert await waiting() == []


async def test_whoever_asked_is_told_that_it_came_and_asked_who_they_are(store: Settings) -> None:
    given = parse(
        RequestGiven,
        {"kind": "access", "channel": "mail", "language": "en", "asker_email": "a@example.com"},
    )
    made = await take_in(given, actor_id=STAFF, settings=store, now=NOON)
    assert await question(made, actor_id=STAFF, settings=store, now=NOON) is True
    assert [mail.subject for mail in await Mail.all().order_by("queued_at", "subject")] == [
        "Please show us that it is you (TP-2026-0001)",
        "We have your request (TP-2026-0001)",
    ]


@pytest.mark.promise("P12")
async def test_a_right_used_by_oneself_is_on_record_as_answered(store: Settings) -> None:
    aino = await make_person()
    made = await note_done(RequestKind.PORTABILITY, aino.id, now=NOON)
    [line] = await requests_of(aino.id)
    assert (line.id, line.state, line.decision, line.channel, line.answered_at) == (
        made,
        State.ANSWERED,
        Decision.GRANTED,
        Channel.PAGE,
        NOON,
    )
    assert await acts(made) == ["answered"]


@pytest.mark.promise("P13")
async def test_an_erased_person_leaves_no_word_in_the_register_of_requests(
    store: Settings,
) -> None:
    aino = await make_person()
    made = await known(aino, asked="Xyzzy", asker_name="Aino Xyzzy")
    given = DecisionGiven.model_validate({"parts": [{"what": "Xyzzy", "decision": "granted"}]})
    await decide(made, given, actor_id=STAFF, now=NOON)
    assert await forget(aino.id, now=LATER, decided=True) == 1
    row = await RightsRequest.get(id=made)
    assert (row.asked, row.asker_name, row.state) == ("", "", "withdrawn")
    assert (await RightsPart.all().count(), await Redaction.all().count()) == (0, 0)


@pytest.mark.promise("P13")
async def test_a_request_is_gone_three_years_after_the_answer(store: Settings) -> None:
    aino = await make_person()
    await note_done(RequestKind.ACCESS, aino.id, now=NOON)
    assert await close_old(now=NOON + timedelta(days=3 * 365)) == 0
    assert await close_old(now=NOON + timedelta(days=3 * 365 + 2)) == 1
    assert await RightsRequest.all().count() == 0


async def test_the_sweep_blanks_what_an_erasure_left(store: Settings) -> None:
    aino = await make_person()
    made = await known(aino, asked="Xyzzy")
    await withdraw(made, actor_id=STAFF, now=NOON)
    assert await close_old(now=LATER) == 0
    await erase(aino.id, actor_id=None, settings=store, now=LATER)
    await close_old(now=LATER)
    assert (await RightsRequest.get(id=made)).asked == ""


async def test_the_ledger_has_no_word_of_a_request(store: Settings) -> None:
    aino = await make_person(last_name="Xyzzy")
    made = await known(aino, asked="Xyzzy", asker_name="Xyzzy", asker_email="xyzzy@example.com")
    await decide(
        made, DecisionGiven(decision=Decision.REFUSED, because="Xyzzy"), actor_id=STAFF, now=NOON
    )
    assert [entry.act for entry in await Entry.all() if "yzzy" in entry.detail] == []


async def test_what_is_asked_of_an_account_without_a_person_is_done_by_hand_and_answered(
    store: Settings,
) -> None:
    trainer = await make_account(Role.TRAINER, "tea@example.fi", "Tea Trainer", nda_on=None)
    given = RequestGiven(kind=RequestKind.ERASURE, channel=Channel.PAGE, language="en")
    made = await open_request(
        given, account_id=trainer, identity=Identity.MAILED_LINK, actor_id=trainer, now=NOON
    )
    assert await state_of(made) is State.IN_HAND
    assert [line.id for line in await requests_of_account(trainer)] == [made]
    await decide(made, YES, actor_id=STAFF, now=NOON)
    await carry_out(made, actor_id=STAFF, settings=store, now=NOON)
    await answer(made, Channel.MAIL, actor_id=STAFF, settings=store, now=NOON)
    assert [mail.address for mail in await Mail.all()] == ["tea@example.fi"]


async def test_a_copy_for_an_address_that_cannot_log_in_goes_as_a_letter(store: Settings) -> None:
    aino = await make_person()
    made = await known(
        aino, behalf="lawyer", asker_name="Asianajaja Oy", asker_email="law@example.com"
    )
    await identify(made, SHOWN, actor_id=STAFF, now=NOON)
    await show_mandate(made, "power of attorney", actor_id=STAFF, now=NOON)
    await decide(made, YES, actor_id=STAFF, now=NOON)
    await copy_of(made, actor_id=STAFF, settings=store, now=NOON)
    with pytest.raises(CopyByLogin):
        await answer(made, Channel.MAIL, actor_id=STAFF, settings=store, now=NOON)
    await answer(made, Channel.LETTER, actor_id=STAFF, settings=store, now=NOON)
    assert await state_of(made) is State.ANSWERED


async def test_only_the_decided_is_answered(store: Settings) -> None:
    made = await known(await make_person())
    with pytest.raises(MovedOn):
        await answer(made, Channel.LETTER, actor_id=STAFF, settings=store, now=NOON)
    await decide(made, YES, actor_id=STAFF, now=NOON)
    with pytest.raises(AlreadyDecided):
        await withdraw(made, actor_id=STAFF, now=NOON)
