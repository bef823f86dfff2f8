"""The mail that asks for feedback: once, a day after, only to those who want that (P10, P18)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from registration.enrolment.changes import cancel_session
from registration.enrolment.queries import PlaceLine
from registration.enrolment.service import cancel
from registration.feedback import tickets
from registration.feedback.asking import ask_due
from registration.feedback.models import Survey
from registration.feedback.rules import ASKED_AFTER, ASKED_WITHIN, OPEN_FOR
from registration.feedback.tickets import Leads, Ticket
from registration.mail.models import Mail
from registration.people import gate as people_gate
from registration.people.allowing import NoFrom
from registration.people.consents import allow, refuse
from registration.people.prohibitions import forbid
from registration.people.rules import Purpose
from registration.privacy import gate as privacy_gate
from registration.settings import Settings
from tests.builders import NOON
from tests.feedback.makers import answer, make_class

pytestmark = [pytest.mark.promise("P10"), pytest.mark.promise("P18")]
GATES = (people_gate, privacy_gate)  # importing them puts them up


async def want_surveys(places: Sequence[PlaceLine], settings: Settings, **more: bool) -> None:
    for place in places:
        await allow(
            place.person_id,
            [Purpose.SURVEYS],
            language="en",
            proven=more.get("proven", True),
            secret=settings.secret,
            now=NOON,
        )


async def asked() -> set[UUID | None]:
    return {mail.person_id for mail in await Mail.filter(template="feedback")}


async def test_only_those_who_want_surveys_are_asked_and_once(store: Settings) -> None:
    offering, places = await make_class(6, store)
    wants, also, refused, elsewhere, unconfirmed, _never = places
    await want_surveys((wants, also, refused, elsewhere), store)
    await want_surveys((unconfirmed,), store, proven=False)
    later = NOON + timedelta(hours=1)
    await refuse(refused.person_id, [Purpose.SURVEYS], secret=store.secret, now=later)
    await forbid(
        elsewhere.email, [Purpose.SURVEYS], source=NoFrom.STAFF, secret=store.secret, now=later
    )
    due = offering.ends_at + ASKED_AFTER
    assert await ask_due(store, now=due - timedelta(seconds=1)) == 0
    assert await asked() == set()
    assert await ask_due(store, now=due) == 2
    assert await ask_due(store, now=due + timedelta(hours=1)) == 0
    assert await asked() == {wants.person_id, also.person_id}
    assert await Mail.filter(template="feedback").count() == 2


async def test_the_mail_leads_to_the_form_of_its_own_reader(register: Settings) -> None:
    offering, places = await make_class(2, register)
    await want_surveys(places, register)
    await ask_due(register, now=offering.ends_at + ASKED_AFTER)
    for place in places:
        mail = await Mail.get(template="feedback", person_id=place.person_id)
        (token,) = set(re.findall(r"/feedback/([\w-]+)", mail.body_html + mail.body_text))
        assert tickets.read(token, register.secret) == Ticket(Leads.PLACE, place.id)
        assert mail.drop_at == offering.ends_at + OPEN_FOR
        assert mail.purpose == "survey"
        assert place.name in mail.body_text
        assert "/unsubscribe/" in mail.body_text


async def test_who_has_answered_cancelled_or_waits_is_not_asked(register: Settings) -> None:
    offering, places = await make_class(3, register)
    await want_surveys(places, register)
    await cancel(places[0].id, actor_id=None, settings=register, now=NOON)
    await answer(places[1], register)
    await ask_due(register, now=offering.ends_at + ASKED_AFTER)
    assert await asked() == {places[2].person_id}


async def test_what_was_called_off_or_is_long_over_is_not_asked_about(register: Settings) -> None:
    offering, places = await make_class(1, register)
    await want_surveys(places, register)
    assert await ask_due(register, now=offering.ends_at + ASKED_WITHIN) == 0
    await cancel_session(offering.id, actor_id=None, settings=register, now=NOON)
    assert await ask_due(register, now=offering.ends_at + ASKED_AFTER) == 0
    assert await Survey.all().count() == 0
