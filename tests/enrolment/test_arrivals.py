"""Those who come at the same moment are placed in one transaction, each as if they came alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from registration.catalogue.rules import Offering
from registration.catalogue.sureness import mark_sure
from registration.db import transaction
from registration.enrolment import service
from registration.enrolment.arrivals import Arrival, place_all
from registration.enrolment.models import Place
from registration.enrolment.queries import counts
from registration.enrolment.rules import Taken
from registration.enrolment.service import SignUp, sign_up
from registration.errors import DomainError
from registration.ledger.models import Entry
from registration.mail import service as mail_service
from registration.mail.models import Mail
from registration.people.models import Consent, Person
from registration.people.rules import Purpose
from registration.settings import Settings
from tests.builders import NOON
from tests.enrolment.makers import STARTS, make_company, make_session, take, wish


async def all_at_once(
    offering: Offering, store: Settings, *wishes: SignUp
) -> list[Taken | BaseException]:
    works = (sign_up(offering, each, settings=store, now=NOON) for each in wishes)
    return await asyncio.gather(*works, return_exceptions=True)


def said(answers: list[Taken | BaseException]) -> list[str]:
    return [
        answer.status.value if isinstance(answer, Taken) else type(answer).__name__
        for answer in answers
    ]


async def written() -> tuple[int, int, int, int]:
    """Persons, places, mails, and entries on places taken."""
    entries = Entry.filter(act="place-taken").count()
    return (
        await Person.all().count(), await Place.all().count(), await Mail.all().count(),
        await entries,
    )  # fmt: skip


async def test_all_who_come_at_once_are_placed_in_order_in_one_turn(store: Settings) -> None:
    offering = await make_session(seats=2)
    answers = await all_at_once(offering, store, *map(wish, range(5)))
    assert said(answers) == ["confirmed", "confirmed", "waiting", "waiting", "waiting"]
    taken = [answer for answer in answers if isinstance(answer, Taken)]
    assert [each.position for each in taken] == [None, None, 1, 2, 3]
    rows = await Place.all().order_by("turn")
    assert [row.id for row in rows] == [each.id for each in taken]
    assert await written() == (5, 5, 5, 5)


async def test_whom_it_refuses_leaves_nothing_and_stops_nobody(store: Settings) -> None:
    offering = await make_session(seats=3, waiting_open=False)
    await take(offering, 1, store)
    answers = await all_at_once(offering, store, *map(wish, (1, 2, 3, 4)))
    assert said(answers) == ["AlreadySignedUp", "confirmed", "confirmed", "SeatingFull"]
    assert await written() == (3, 3, 3, 3)


async def test_who_comes_after_the_close_is_refused_and_the_others_are_not(
    store: Settings,
) -> None:
    offering = await make_session(seats=3)
    times = (NOON, STARTS + timedelta(minutes=1), NOON)
    works = (
        sign_up(offering, wish(number), settings=store, now=moment)
        for number, moment in enumerate(times)
    )
    answers = await asyncio.gather(*works, return_exceptions=True)
    assert said(answers) == ["confirmed", "SignUpClosed", "confirmed"]
    assert await written() == (2, 2, 2, 2)


async def test_a_row_that_the_store_refuses_stops_nobody_else(store: Settings) -> None:
    """A submission of somebody else's is found by the unique column alone: all is undone, and each
    is placed by itself."""
    offering, other = await make_session(seats=9), await make_session(seats=9)
    await sign_up(other, wish(1, submission="form-1"), settings=store, now=NOON)
    wishes = wish(2), wish(3, submission="form-1"), wish(4)
    assert said(await all_at_once(offering, store, *wishes)) == [
        "confirmed",
        "SubmissionReused",
        "confirmed",
    ]
    assert await written() == (3, 3, 3, 3)
    assert await counts([offering.seating_id]) == {offering.seating_id: (2, 0)}


async def test_what_cannot_be_written_for_one_fails_that_one_alone(store: Settings) -> None:
    offering, endless = await make_session(seats=9), wish(2)
    endless = replace(endless, contact=replace(endless.contact, last_name="x" * 5_000))
    answers = await all_at_once(offering, store, wish(1), endless, wish(3))
    assert said(answers) == ["confirmed", "ValidationError", "confirmed"]
    assert await written() == (2, 2, 2, 2)


async def test_what_fails_after_the_commit_is_not_done_again(
    store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All hear that something went wrong, and their places stand, each once."""

    def broken() -> None:
        raise RuntimeError

    offering = await make_session(seats=9)
    monkeypatch.setattr(mail_service, "_listeners", [broken])
    assert said(await all_at_once(offering, store, *map(wish, range(3)))) == ["RuntimeError"] * 3
    assert await written() == (3, 3, 3, 3)


async def test_the_same_person_or_form_at_once_is_decided_one_after_the_other(
    store: Settings,
) -> None:
    offering = await make_session(seats=9)
    twice, form = wish(1), wish(2, submission="form-2")
    answers = await all_at_once(offering, store, twice, form, twice, wish(3), form)
    assert said(answers) == ["confirmed", "confirmed", "AlreadySignedUp", "confirmed", "confirmed"]
    second, fifth = answers[1], answers[4]
    assert isinstance(second, Taken)
    assert isinstance(fifth, Taken)
    assert (fifth.id, fifth.repeated) == (second.id, True)
    assert await written() == (3, 3, 3, 3)


async def test_consents_and_new_data_of_each_are_kept(store: Settings) -> None:
    first, offering = await make_session(), await make_session(seats=9)
    await take(first, 1, store)
    known = wish(1)
    known = replace(known, contact=replace(known.contact, city="Oulu"))
    yes = wish(2, consents=(Purpose.NEWSLETTER,))
    assert said(await all_at_once(offering, store, known, yes)) == ["confirmed", "confirmed"]
    assert (await Person.get(email=known.contact.email)).city == "Oulu"
    consents = await Consent.all().select_related("person")
    assert [(each.purpose, each.person.email) for each in consents] == [
        ("newsletter", yes.contact.email)
    ]


async def test_a_quota_is_kept_among_those_who_come_at_once(store: Settings) -> None:
    offering, company = await make_session(seats=3, company_quota=1), await make_company()
    ours = [wish(number, company_id=company, company_name="Rata Oy") for number in (1, 2)]
    answers = await all_at_once(offering, store, *ours, wish(3), wish(4))
    assert said(answers) == ["confirmed", "waiting", "confirmed", "confirmed"]


async def test_enough_who_come_at_once_make_it_sure_and_read_so(store: Settings) -> None:
    offering = await make_session(seats=9, minimum=2)
    assert offering.terms.tentative
    assert said(await all_at_once(offering, store, *map(wish, range(3)))) == ["confirmed"] * 3
    assert not await mark_sure(offering.seating_id, actor_id=None, now=NOON)
    assert {mail.template for mail in await Mail.all()} == {"place-confirmed"}


async def test_inside_a_transaction_it_is_part_of_that(store: Settings) -> None:
    offering = await make_session(seats=9)

    async def undone() -> None:
        async with transaction():
            await take(offering, 1, store)
            assert await Place.all().count() == 1
            raise LookupError

    with pytest.raises(LookupError):
        await undone()
    assert await written() == (0, 0, 0, 0)


async def test_nobody_is_answered_before_the_commit(store: Settings) -> None:
    """Seen from the moment of each answer, another connection finds the place."""
    offering = await make_session(seats=9)
    seen: list[bool] = []

    async def comes(number: int) -> None:
        taken = await take(offering, number, store)
        seen.append(await Place.filter(id=taken.id).exists())

    await asyncio.gather(*map(comes, range(6)))
    assert seen == [True] * 6


async def test_two_processes_that_place_many_at_once_do_not_oversell(store: Settings) -> None:
    """Groups that know nothing of each other, as each process makes them."""
    offering = await make_session(seats=7)
    groups = [
        [Arrival(offering, wish(number), store, NOON) for number in range(start, start + 4)]
        for start in (0, 10, 20, 30)
    ]
    answers = await asyncio.gather(*map(place_all, groups))
    statuses = [each.status.value for group in answers for each in group if isinstance(each, Taken)]
    assert (statuses.count("confirmed"), statuses.count("waiting")) == (7, 9)
    assert await counts([offering.seating_id]) == {offering.seating_id: (7, 9)}
    turns = await Place.all().order_by("turn").values_list("turn", "status")
    assert turns == [(n, "confirmed" if n < 8 else "waiting") for n in range(1, 17)]


async def test_a_failure_beside_the_rows_is_heard_and_the_next_is_placed(store: Settings) -> None:
    offering = await make_session(seats=9)
    nowhere = replace(offering, seating_id=offering.id)
    answers = await all_at_once(nowhere, store, wish(1), wish(2))
    assert said(answers) == ["SessionNotFound", "SessionNotFound"]
    assert all(isinstance(answer, DomainError) for answer in answers)
    assert said(await all_at_once(offering, store, wish(1))) == ["confirmed"]
    assert service._turnstile._lines == {}
