"""A request from its coming to its answer, and each step on record (P11, P12)."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from registration.errors import DomainError, Invalid
from registration.forms import parse
from registration.i18n import DEFAULT_ZONE
from registration.mail.models import Mail
from registration.people.rules import PersonNotFound
from registration.privacy.answering import (
    answer,
    prolong,
    question,
    take_in,
)
from registration.privacy.copies import copy_of
from registration.privacy.export import export
from registration.privacy.request_given import DecisionGiven, IdentityGiven, RequestGiven
from registration.privacy.request_lines import (
    Sought,
    found,
    request,
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
from registration.settings import Settings
from tests.builders import NOON, make_person
from tests.privacy.asking import LATER, SHOWN, STAFF, WRITTEN, YES, acts, known, opened, state_of


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


async def test_nobody_is_matched_who_is_not_on_record(store: Settings) -> None:
    made = await opened()
    with pytest.raises(PersonNotFound):
        await match(made, uuid4(), actor_id=STAFF, now=NOON)
    with pytest.raises(RequestNotFound):
        await match(uuid4(), None, actor_id=STAFF, now=NOON)


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
