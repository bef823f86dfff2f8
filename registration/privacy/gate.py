"""Mail that needs a yes does not reach who has restricted what is done with their data, or objected
to that (GDPR Art. 18 and 21), whatever they said yes to before."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from registration.mail.gates import Asked, Keeper, keep_gate
from registration.privacy.restrictions import restricted

# The tables whose use ends here, beside a restriction of all.
SCOPES = ("", "person", "consent")


async def unrestricted(asked: Sequence[Asked]) -> set[UUID]:
    """The ids of the mails whose person has no restriction in force; one on which nobody has
    decided yet is in force."""
    found = await restricted([each.person_id for each in asked])
    held = {whose for whose, lines in found.items() if any(line.scope in SCOPES for line in lines)}
    return {each.mail_id for each in asked if each.person_id not in held}


keep_gate(Keeper.RESTRICTION, unrestricted)
