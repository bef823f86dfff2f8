"""What people allow and forbid us to send, and when a yes counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from registration.errors import NotFound
from registration.i18n import N_
from registration.mail.rules import MailPurpose, address_hash
from registration.people.rules import Purpose, clean_email, clean_phone


class Channel(StrEnum):
    """By what somebody is written to or called."""

    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"


class NoFrom(StrEnum):
    """How a no came, or what ended a yes. ``ADDRESS``: somebody else at the same address said no.
    ``REPLACED``: a later yes of the same person took its place."""

    PAGE = "page"
    LINK = "link"
    STAFF = "staff"
    ADDRESS = "address"
    REPLACED = "replaced"


class AskNotFound(NotFound):
    message = N_("This link has been used, or its seven days are over.")


# What can be refused. Having read the notice is no yes to anything that is sent.
SENT = (Purpose.NEWSLETTER, Purpose.SURVEYS, Purpose.MARKETING)
PURPOSE_OF: Mapping[MailPurpose, Purpose] = {
    MailPurpose.NEWSLETTER: Purpose.NEWSLETTER,
    MailPurpose.MARKETING: Purpose.MARKETING,
    MailPurpose.SURVEY: Purpose.SURVEYS,
}
# One who never confirms is asked once, and forgotten a week later; nobody is asked twice a day.
UNCONFIRMED_FOR = timedelta(days=7)
ASK_PAUSE = timedelta(days=1)


def key_of(channel: Channel, address: str, *, secret: str) -> str:
    """The keyed hash by which an address of this channel is known. Raises ``FieldRefused`` for an
    e-mail address or a phone number that is none."""
    if channel is Channel.EMAIL:
        return address_hash(secret, clean_email(address))
    if channel is Channel.PHONE:
        return address_hash(secret, clean_phone(address))
    return address_hash(secret, "".join(char for char in address.casefold() if char.isalnum()))


def outweighs(no_since: datetime | None, yes_at: datetime) -> bool:
    """Whether a no stands against a yes: it does until the person's own, later yes (P10)."""
    return no_since is not None and no_since >= yes_at


def asks_again(asked_at: datetime | None, *, forbidden: bool, now: datetime) -> bool:
    """Whether somebody who ticks once more, without having confirmed, has another mail. An address
    that said no has one mail only: anybody can type it into a form."""
    if asked_at is None:
        return False  # that mail has not even been written
    return not forbidden and asked_at <= now - ASK_PAUSE
