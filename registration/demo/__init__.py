"""A believable organisation for a first look: ``registration demo`` and ``serve --demo``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from registration import clock, upkeep
from registration.accounts.logins import new_link
from registration.accounts.rules import PRINTED_LINK_LIFE, Scope
from registration.accounts.tokens import add_token
from registration.demo.story import TRAINER_EMAILS, Story
from registration.errors import Conflict
from registration.i18n import N_
from registration.settings import Settings

TOKEN_DAYS = 30


class DataThere(Conflict):
    message = N_("There is data already. The demo needs an empty database: give another DATA.")


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """``link`` logs in once, within a day."""

    role: str
    email: str
    link: str


@dataclass(frozen=True, slots=True)
class DemoResult:
    base_url: str
    logins: tuple[DemoLogin, ...]
    tokens: dict[str, str]


async def load(settings: Settings) -> DemoResult:
    """The demo's people, trainings, sessions and events are there, around today.

    Raises ``DataThere`` when the database is not empty.
    """
    if await upkeep.holds_data():
        raise DataThere
    now = clock.now()
    story = Story(settings, now)
    await story.tell()
    logins = [
        DemoLogin(
            role,
            email,
            settings.base_url
            + await new_link(account_id, confirmed=False, life=PRINTED_LINK_LIFE, now=now),
        )
        for role, email, account_id in story.accounts
    ]
    owners = {
        "staff": (story.staff_email, Scope.STAFF),
        "organiser": (story.organiser_email, Scope.ORGANISER),
        "company": (story.coordinator_emails[0], Scope.COMPANY),
        "trainer": (TRAINER_EMAILS[0], Scope.TRAINER),
    }
    tokens = {
        name: await add_token(email, scope, days=TOKEN_DAYS, now=now + timedelta(seconds=1))
        for name, (email, scope) in owners.items()
    }
    return DemoResult(settings.base_url, tuple(logins), tokens)
