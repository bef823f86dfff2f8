"""The mail of a certificate sent again, within limits."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from registration.mail.models import Mail
from registration.people.models import Person
from registration.qualifications.rules import (
    CertificateNotFound,
    CertificateRevoked,
    NoAddress,
    ToldJustNow,
)
from registration.qualifications.service import revoke
from registration.qualifications.telling import Told, resend, resend_session
from registration.settings import Settings
from tests.qualifications.makers import make_certified
from tests.teaching.makers import LATER

HOUR = timedelta(hours=1)


async def sent() -> int:
    return await Mail.filter(template="certificate-issued").count()


async def test_one_is_told_again_after_an_hour(register: Settings) -> None:
    _school, (line,) = await make_certified(register)
    with pytest.raises(ToldJustNow):
        await resend(
            line.id, actor_id=None, settings=register, now=LATER + HOUR - timedelta(seconds=1)
        )
    await resend(line.id, actor_id=None, settings=register, now=LATER + HOUR)
    assert await sent() == 2
    with pytest.raises(ToldJustNow):
        await resend(line.id, actor_id=None, settings=register, now=LATER + HOUR)
    assert await sent() == 2


async def test_who_cannot_be_told_again(register: Settings) -> None:
    _school, (line,) = await make_certified(register)
    with pytest.raises(CertificateNotFound):
        await resend(uuid4(), actor_id=None, settings=register, now=LATER + HOUR)
    await Person.filter(id=line.person_id).update(email="")
    with pytest.raises(NoAddress):
        await resend(line.id, actor_id=None, settings=register, now=LATER + HOUR)
    await Person.filter(id=line.person_id).update(email="aino@example.fi")
    await revoke(line.id, "Wrong", actor_id=None, settings=register, now=LATER + HOUR)
    with pytest.raises(CertificateRevoked):
        await resend(line.id, actor_id=None, settings=register, now=LATER + HOUR)


async def test_all_of_a_session_but_who_just_had_it(store: Settings) -> None:
    school, lines = await make_certified(store, "Aino Virtanen", "Bo Öhman", "Cia Dahl", "Dan Ek")
    await resend(lines[0].id, actor_id=None, settings=store, now=LATER + HOUR)
    await Person.filter(id=lines[1].person_id).update(email="")
    await revoke(lines[2].id, "Wrong", actor_id=None, settings=store, now=LATER + HOUR)
    told = await resend_session(school.id, actor_id=None, settings=store, now=LATER + HOUR)
    assert told == Told(sent=1, just_now=1, unreachable=1)
    assert await resend_session(school.id, actor_id=None, settings=store, now=LATER + HOUR) == Told(
        0, 2, 1
    )
    assert await sent() == 6
