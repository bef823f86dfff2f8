"""What was granted is carried out: an erasure, a no, a restriction, a copy without others."""

from __future__ import annotations

import pytest

from registration.errors import Invalid
from registration.mail.models import Mail
from registration.people.consents import allow
from registration.people.models import Consent, Person
from registration.people.rules import Purpose
from registration.privacy.answering import (
    answer,
    carry_out,
)
from registration.privacy.copies import NoSuchText, copy_of, leave_out, put_back, texts_of
from registration.privacy.erasure import erase
from registration.privacy.models import RightsRequest
from registration.privacy.request_given import DecisionGiven
from registration.privacy.request_rules import (
    Channel,
    Decision,
    MovedOn,
    NothingToCarryOut,
    State,
)
from registration.privacy.requests import (
    decide,
    match,
)
from registration.privacy.restrictions import restricted
from registration.settings import Settings
from tests.builders import NOON, make_person
from tests.privacy.asking import LATER, STAFF, YES, known, opened, state_of


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
