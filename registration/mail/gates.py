"""Who must let a mail pass that needs a yes: asked when it is queued, and right before it goes.

Each yes and each no is kept by a domain above this one, which puts a gate here when it is
imported. Nothing of these purposes passes while one of the gates is missing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from registration.mail.models import Mail
from registration.mail.rules import MailPurpose, needs_yes


class Keeper(StrEnum):
    """``CONSENT``: the person's yes and the address's no. ``RESTRICTION``: whether the person has
    restricted what is done with their data."""

    CONSENT = "consent"
    RESTRICTION = "restriction"


@dataclass(frozen=True, slots=True)
class Asked:
    """A mail that needs a yes: of whom, to which address (as ``rules.address_hash``)."""

    mail_id: UUID
    purpose: MailPurpose
    person_id: UUID
    address_hash: str


# Answers the ids of the mails that may go.
Gate = Callable[[Sequence[Asked]], Awaitable[set[UUID]]]
_gates: dict[Keeper, Gate] = {}


def keep_gate(keeper: Keeper, gate: Gate) -> None:
    """From now on ``gate`` is asked about every mail that needs a yes."""
    _gates[keeper] = gate


async def passing(mails: Sequence[Mail]) -> set[UUID]:
    """The ids of those that may go now; those that need no yes always may. To be asked inside the
    transaction that acts on the answer."""
    free = {mail.id for mail in mails if not needs_yes(mail.purpose)}
    asked = [
        Asked(mail.id, MailPurpose(mail.purpose), mail.person_id, mail.address_hash)
        for mail in mails
        if mail.id not in free and mail.purpose in set(MailPurpose) and mail.person_id
    ]
    if not asked or set(_gates) != set(Keeper):
        return free
    left = {each.mail_id for each in asked}
    for gate in _gates.values():
        left &= await gate([each for each in asked if each.mail_id in left])
    return free | left
