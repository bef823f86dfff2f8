"""Whether a login shows that the person's address is theirs."""

from __future__ import annotations

from uuid import UUID

from registration.accounts.assurance import How
from registration.accounts.models import Login
from registration.accounts.rules import LINK_LIFE
from registration.people.models import Person
from registration.people.rules import PersonNotFound


async def address_proven(account_id: UUID, person_id: UUID) -> bool:
    """Whether the account was ever opened by a link mailed to the address that the person has now.

    A printed link shows nothing of a mailbox; a passkey or a code only of who added it. After the
    address was changed, a link that was still on its way to the one before does not count. Raises
    ``PersonNotFound``.
    """
    person = await Person.get_or_none(id=person_id).only("id", "address_changed_at")
    if person is None:
        raise PersonNotFound
    by_mail = Login.filter(account_id=account_id, how=How.LINK.value)
    if person.address_changed_at is not None:
        by_mail = by_mail.filter(created_at__gt=person.address_changed_at + LINK_LIFE)
    return await by_mail.exists()
