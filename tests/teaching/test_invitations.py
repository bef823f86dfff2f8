"""A trainer is asked, answers, and sees names only after saying yes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from registration.accounts.rules import Identity
from registration.catalogue.rules import SessionNotFound
from registration.forms import parse
from registration.ledger.models import Disclosure, Entry
from registration.mail.models import Mail
from registration.settings import Settings
from registration.teaching import queries
from registration.teaching.handing import make_pack
from registration.teaching.history import shown_history
from registration.teaching.overview import Declined, declined_invitations
from registration.teaching.queries import Stage
from registration.teaching.rules import (
    AssignmentEnded,
    Invitation,
    NoAgreement,
    NotAccepted,
    PackFormat,
    PackPurpose,
    RecipientGiven,
)
from registration.teaching.service import (
    accept,
    assign,
    change_recipient,
    decline,
    end_assignment,
    lock_results,
    participants,
)
from tests.teaching.makers import LATER, NOW, School, enrol, make_school, make_trainer, record


async def ask(school: School, who: Identity, *, agreed: bool = False) -> None:
    await assign(
        school.id,
        who.account_id,
        school.recipient_id,
        agreed=agreed,
        actor_id=None,
        settings=school.settings,
        now=NOW,
    )


async def names(school: School) -> list[str]:
    people = await participants(school.id, identity=school.trainer, now=NOW)
    return [each.name for each in people]


async def standing(school: School) -> tuple[Stage, Invitation, int, bool]:
    each = await queries.assigned_session(school.id, school.trainer.account_id, now=NOW)
    return each.stage, each.invitation, each.people, each.refusal == NotAccepted.message


@pytest.mark.promise("P7")
async def test_nothing_of_anybody_is_shown_before_the_trainer_accepts(store: Settings) -> None:
    school = await make_school(store, agreed=False)
    place = (await enrol(school)).id
    assert await standing(school) == (Stage.INVITED, Invitation.INVITED, 1, True)
    who = school.trainer
    with pytest.raises(NotAccepted):
        await participants(school.id, identity=who, now=NOW)
    with pytest.raises(NotAccepted):
        await record(school, {"place_id": place, "completed": True})
    with pytest.raises(NotAccepted):
        await lock_results(school.id, identity=who, now=LATER)
    with pytest.raises(NotAccepted):
        await shown_history(school.id, place, identity=who, now=NOW)
    for purpose in PackPurpose:
        with pytest.raises(NotAccepted):
            await make_pack(
                school.id, purpose, PackFormat.CSV, identity=who, settings=store, now=NOW
            )
    assert await Disclosure.all().count() == 0
    await accept(school.id, identity=who, now=NOW)
    assert await standing(school) == (Stage.TODAY, Invitation.ACCEPTED, 1, False)
    assert await names(school) == ["Aino Virtanen"]


async def test_the_invitation_goes_by_mail_and_names_nobody(store: Settings) -> None:
    school = await make_school(store, agreed=False)
    await enrol(school)
    mails = await Mail.filter(template="trainer-invited")
    assert [mail.subject for mail in mails] == ["Will you teach Track safety?"]
    (mail,) = mails
    assert f"/trainer/sessions/{school.id}" in mail.body_text
    assert "1.4.2027 9:00–16:00" in mail.body_text
    assert "Virtanen" not in f"{mail.body_text}{mail.body_html}"


async def test_who_has_agreed_is_not_asked(store: Settings) -> None:
    school = await make_school(store)
    assert await standing(school) == (Stage.TODAY, Invitation.ACCEPTED, 0, False)
    assert await Mail.filter(template="trainer-invited").count() == 0
    await ask(school, school.trainer)
    assert await standing(school) == (Stage.TODAY, Invitation.ACCEPTED, 0, False)
    assert await Mail.filter(template="trainer-invited").count() == 0


async def test_declined_is_told_and_can_be_taken_back(store: Settings) -> None:
    school = await make_school(store, agreed=False)
    who = school.trainer
    await decline(school.id, "  I am away\nthat week ", identity=who, now=NOW)
    assert await standing(school) == (Stage.DECLINED, Invitation.DECLINED, 0, True)
    with pytest.raises(NotAccepted):
        await participants(school.id, identity=who, now=NOW)
    assert await declined_invitations(now=NOW) == (
        Declined("Tuija Trainer", "I am away that week", NOW, school.session),
    )
    (line,) = await queries.assignments_of_session(school.id)
    assert (line.invitation, line.declined_because, line.declined_at) == (
        Invitation.DECLINED,
        "I am away that week",
        NOW,
    )
    await accept(school.id, identity=who, now=NOW)
    assert await names(school) == []
    assert await declined_invitations(now=NOW) == ()
    acts = [each.act for each in await Entry.filter(object_id=school.id).order_by("number")]
    assert acts[-3:] == ["assignment-given", "assignment-declined", "assignment-accepted"]


async def test_who_accepted_can_say_no_later_and_sees_nobody_then(store: Settings) -> None:
    school = await make_school(store)
    await enrol(school)
    await decline(school.id, identity=school.trainer, now=NOW)
    with pytest.raises(NotAccepted):
        await names(school)


async def test_who_declined_is_asked_anew_and_who_is_asked_is_asked_once(store: Settings) -> None:
    school = await make_school(store, agreed=False)
    await ask(school, school.trainer)
    assert await Mail.filter(template="trainer-invited").count() == 1
    await decline(school.id, identity=school.trainer, now=NOW)
    await ask(school, school.trainer)
    assert await Mail.filter(template="trainer-invited").count() == 2
    assert await standing(school) == (Stage.INVITED, Invitation.INVITED, 0, True)
    await ask(school, school.trainer, agreed=True)
    assert await standing(school) == (Stage.TODAY, Invitation.ACCEPTED, 0, False)


async def test_answering_twice_is_answering_once(register: Settings) -> None:
    school = await make_school(register, agreed=False)
    who = school.trainer
    before = await Entry.all().count()
    for _time in range(2):
        await accept(school.id, identity=who, now=NOW)
    for _time in range(2):
        await decline(school.id, "x" * 300, identity=who, now=NOW)
    assert await Entry.all().count() == before + 2
    (line,) = await queries.assignments_of_session(school.id)
    assert line.declined_because == "x" * 200


async def test_only_the_one_who_was_asked_answers_and_only_in_time(register: Settings) -> None:
    school = await make_school(register, agreed=False)
    stranger = await make_trainer("Sulo Stranger")
    for answer in (accept, decline):
        with pytest.raises(SessionNotFound):
            await answer(school.id, identity=stranger, now=NOW)
    over = school.session.ends_at + timedelta(days=14)
    with pytest.raises(AssignmentEnded):
        await accept(school.id, identity=school.trainer, now=over)
    (line,) = await queries.assignments_of_session(school.id)
    await end_assignment(line.id, actor_id=None, now=NOW)
    with pytest.raises(AssignmentEnded):
        await accept(school.id, identity=school.trainer, now=NOW)
    assert (await standing(school))[0] is Stage.CLOSED


@pytest.mark.promise("P15")
async def test_an_agreement_that_ended_today_holds_until_midnight(store: Settings) -> None:
    school = await make_school(store)
    await enrol(school)
    today = {"name": "Koulu Oy", "country": "FI", "agreement_on": "2027-01-01"}
    ends = parse(RecipientGiven, today | {"agreement_until": date(2027, 4, 1)})
    await change_recipient(school.recipient_id, ends, actor_id=None, now=NOW)
    assert await names(school) == ["Aino Virtanen"]
    midnight = NOW.replace(hour=21)
    with pytest.raises(NoAgreement):
        await participants(school.id, identity=school.trainer, now=midnight)
    with pytest.raises(NoAgreement):
        await record(school, now=midnight)
