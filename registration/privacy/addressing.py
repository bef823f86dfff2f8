"""Where an answer goes: never with personal data to an address that might be anybody's."""

from __future__ import annotations

from dataclasses import dataclass

from registration.accounts.models import Account
from registration.people.models import Person
from registration.people.rules import Contact
from registration.people.service import contact_of
from registration.privacy.request_lines import RequestDetail, RequestLine
from registration.privacy.request_rules import Decision, Rung, may_send_to, rung


@dataclass(frozen=True, slots=True)
class Destination:
    """``lines`` are what stands on an envelope under the name. ``known``: it was on record before
    anybody asked."""

    name: str
    email: str
    lines: tuple[str, ...]
    known: bool


async def on_record(line: RequestLine) -> Destination | None:
    """Where whom it is about is reached: a person, or the holder of an account without one. None:
    nobody is on record, or not any more."""
    if line.person_id is not None:
        person = await Person.get_or_none(id=line.person_id)
        return _of_person(contact_of(person)) if person is not None else None
    if line.account_id is not None:
        account = await Account.get_or_none(id=line.account_id)
        return Destination(account.name, account.email, (), known=True) if account else None
    return None


def holds_data(detail: RequestDetail) -> bool:
    """Whether the answer says anything of a person: not that it is refused, or that nothing is
    held."""
    return detail.line.decision in {Decision.GRANTED, Decision.PARTLY}


def destination(
    detail: RequestDetail, known: Destination | None, *, data: bool
) -> Destination | None:
    """Where a letter or a mail goes; None: nowhere that is allowed. ``known`` is on record.

    Without personal data in it: where it was asked from, else to whom it is about. With: to an
    address that was given only if who asks has shown who they are, else to the one on record.
    """
    given = _given(detail)
    if not data:
        return given or known
    identity = detail.line.identity
    if given is not None and may_send_to(known=False, identity=identity):
        return given
    if known is not None and may_send_to(known=True, identity=identity):
        return known
    # Who was on record is erased by now: their address was noted with what was done.
    gone = known is None and detail.carried_out_at is not None
    return given if gone and rung(identity) >= Rung.REACHED else None


def _given(detail: RequestDetail) -> Destination | None:
    lines = tuple(line for line in detail.asker_contact.splitlines() if line)
    if not detail.asker_email and not lines:
        return None
    return Destination(detail.line.asker, detail.asker_email, lines, known=False)


def _of_person(person: Contact) -> Destination:
    town = " ".join(part for part in (person.postal_code, person.city) if part)
    abroad = person.country if person.country not in {"", "FI"} else ""
    street = (person.street, town, abroad) if person.street else ()
    lines = tuple(line for line in street if line)
    return Destination(person.full_name, person.email, lines, known=True)
