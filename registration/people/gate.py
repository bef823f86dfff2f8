"""Where mail that needs a yes is let through: the person's yes, against the address's no (P10)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from registration.mail.gates import Asked, Keeper, keep_gate
from registration.people.allowing import PURPOSE_OF, Channel, outweighs
from registration.people.models import Consent
from registration.people.prohibitions import forbidden_keys


async def allowed(asked: Sequence[Asked]) -> set[UUID]:
    """The ids of the mails to whose purpose their person said yes, confirmed at their very address,
    with no later no from there."""
    purposes = {PURPOSE_OF[each.purpose] for each in asked}
    given = Consent.filter(
        person_id__in=list({each.person_id for each in asked}),
        purpose__in=[purpose.value for purpose in purposes],
        channel=Channel.EMAIL.value,
        withdrawn_at=None,
    )
    yes = {
        (row.person_id, row.purpose, row.address_key): row.confirmed_at
        for row in await given.exclude(confirmed_at=None).order_by("confirmed_at")
    }
    no = await forbidden_keys({each.address_hash for each in asked}, purposes)
    found: set[UUID] = set()
    for each in asked:
        purpose = PURPOSE_OF[each.purpose]
        at = yes.get((each.person_id, purpose.value, each.address_hash))
        if at is not None and not outweighs(no.get((each.address_hash, purpose)), at):
            found.add(each.mail_id)
    return found


keep_gate(Keeper.CONSENT, allowed)
