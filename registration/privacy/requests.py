"""The desk of rights: a request comes in, it is made sure who asks and whose data it is about, and
it is decided on; each step is on record (P11, P12)."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID, uuid4

from registration import i18n
from registration.db import transaction
from registration.errors import FieldError, Invalid
from registration.i18n import DEFAULT_ZONE, N_
from registration.ledger.rules import Act
from registration.people.models import Person
from registration.people.rules import PersonNotFound
from registration.privacy.models import RightsPart, RightsRequest
from registration.privacy.request_given import DecisionGiven, IdentityGiven, RequestGiven
from registration.privacy.request_lines import RequestLine, last_copy, requests_of
from registration.privacy.request_rows import next_reference, record_act, undecided
from registration.privacy.request_rules import (
    COPIES,
    Behalf,
    Channel,
    Decision,
    Fee,
    Identity,
    Matched,
    NoFeeHere,
    NoReason,
    RequestKind,
    State,
    check_decision,
    check_extension,
    drop_at,
    due,
    fee_note,
    is_established,
)

__all__ = [
    "RequestLine",
    "ask_identity",
    "decide",
    "extend",
    "identify",
    "match",
    "note_done",
    "open_request",
    "requests_of",
    "set_fee",
    "withdraw",
]
NOON = time(12)
NEEDED = N_("This is needed.")
IN_FUTURE = N_("This day has not come yet.")


async def note_done(
    kind: RequestKind,
    person_id: UUID | None,
    *,
    now: datetime,
    channel: Channel = Channel.PAGE,
    account_id: UUID | None = None,
    decision: Decision = Decision.GRANTED,
    because: str = "",
    identity: Identity = Identity.MAILED_LINK,
) -> UUID:
    """A right that somebody used by themselves is on record as asked and answered (P12)."""
    async with transaction():
        row = _new(kind, channel, received_at=now, language=i18n.language())
        row.reference = await next_reference(now)
        row.person_id, row.account_id = person_id, account_id
        row.matched = _matched(person_id, account_id)
        row.identity, row.identity_at = identity.value, now
        row.state = State.ANSWERED.value
        row.decision, row.decision_because = decision.value, because
        row.decided_at = row.carried_out_at = row.answered_at = now
        row.answered_how = channel.value
        row.drop_at = drop_at(now, DEFAULT_ZONE)
        await row.save(force_create=True)
        await record_act(
            Act.REQUEST_ANSWERED, row, account_id, now=now, codes=(kind.value, channel.value)
        )
    return row.id


async def open_request(
    given: RequestGiven,
    *,
    person_id: UUID | None = None,
    account_id: UUID | None = None,
    identity: Identity = Identity.NOT_ESTABLISHED,
    actor_id: UUID | None,
    now: datetime,
) -> UUID:
    """A request is in the register, with its number and its deadline.

    ``person_id`` and ``identity`` are known when somebody asks on a page of theirs; ``actor_id``
    is who wrote it down, and ``account_id`` who asked, logged in. Raises ``Invalid`` for a day to
    come, ``PersonNotFound``.
    """
    received_at = _received(given.received_on, now=now)
    async with transaction():
        await _lock(person_id)
        row = _new(given.kind, given.channel, received_at=received_at, language=given.language)
        row.reference = await next_reference(now)
        row.person_id, row.account_id, row.made_by = person_id, account_id, actor_id
        row.asked, row.behalf = given.asked, given.behalf.value
        row.asker_name, row.asker_contact = given.asker_name, given.asker_contact
        row.asker_email = given.asker_email or ""
        row.identity = identity.value
        if identity:
            row.identity_at = now
        row.matched = _matched(person_id, account_id)
        await _note_copy(row)
        row.state = _state_once_known(row).value
        await row.save(force_create=True)
        codes = (given.kind.value, given.channel.value)
        await record_act(Act.REQUEST_OPENED, row, actor_id or account_id, now=now, codes=codes)
    return row.id


async def _lock(person_id: UUID | None) -> None:
    """A sweep that meets the person now leaves them, and sees the request next time. Raises
    ``PersonNotFound``."""
    if person_id is None:
        return
    if await Person.filter(id=person_id).select_for_update().only("id").first() is None:
        raise PersonNotFound


async def match(
    request_id: UUID, person_id: UUID | None, *, actor_id: UUID | None, now: datetime
) -> None:
    """Whose data it is about; None: nobody here. Raises ``RequestNotFound``, ``MovedOn``,
    ``PersonNotFound``."""
    async with transaction():
        await _lock(person_id)
        row = await undecided(request_id)
        row.person_id = person_id
        row.matched = (Matched.FOUND if person_id else Matched.NOBODY).value
        row.last_copy_at = None
        await _note_copy(row)
        row.state = _state_once_known(row).value
        await row.save(update_fields=["person_id", "matched", "last_copy_at", "state"])
        await record_act(Act.REQUEST_MATCHED, row, actor_id, now=now, codes=(row.matched,))


async def ask_identity(request_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """It waits for whoever asks to show who they are. The clock goes on: it runs from receipt.

    Raises ``RequestNotFound``, ``MovedOn``.
    """
    async with transaction():
        row = await undecided(request_id)
        row.state = State.WAITING.value
        row.identity_asked_at = row.identity_asked_at or now
        await row.save(update_fields=["state", "identity_asked_at"])
        await record_act(Act.REQUEST_IDENTITY_ASKED, row, actor_id, now=now)


async def identify(
    request_id: UUID, given: IdentityGiven, *, actor_id: UUID | None, now: datetime
) -> None:
    """How it was made sure who asks, and what was looked at. Raises ``RequestNotFound``,
    ``MovedOn``, ``Invalid`` when it is not said what was looked at."""
    if given.how and not given.seen:
        raise NoReason(FieldError("seen", "missing", NEEDED))
    async with transaction():
        row = await undecided(request_id)
        row.identity, row.identity_seen = given.how.value, given.seen
        row.identity_by, row.identity_at = actor_id, now
        row.state = _state_once_known(row).value
        await row.save(
            update_fields=["identity", "identity_seen", "identity_by", "identity_at", "state"]
        )
        await record_act(Act.REQUEST_IDENTIFIED, row, actor_id, now=now, codes=(given.how.value,))


async def show_mandate(
    request_id: UUID, seen: str, *, actor_id: UUID | None, now: datetime
) -> None:
    """What shows that one may ask for another was looked at. Raises ``RequestNotFound``,
    ``MovedOn``, ``Invalid``."""
    checked = IdentityGiven(how=Identity.NOT_ESTABLISHED, seen=seen)
    if not checked.seen:
        raise NoReason(FieldError("mandate", "missing", NEEDED))
    async with transaction():
        row = await undecided(request_id)
        row.mandate_seen = checked.seen
        await row.save(update_fields=["mandate_seen"])
        await record_act(Act.REQUEST_IDENTIFIED, row, actor_id, now=now, codes=(row.behalf,))


async def extend(
    request_id: UUID, until: date, because: str, *, actor_id: UUID | None, now: datetime
) -> datetime:
    """The answer may take longer, once, and says why (Art. 12(3)); the new end is returned.

    Raises ``RequestNotFound``, ``MovedOn``, ``ExtendedBefore``, ``TooLateToExtend``, ``Invalid``.
    """
    if not because.strip():
        raise NoReason(FieldError("because", "missing", NEEDED))
    async with transaction():
        row = await undecided(request_id)
        row.extended_until = check_extension(
            until,
            due_at=row.due_at,
            extended=row.extended_until is not None,
            now=now,
            zone=DEFAULT_ZONE,
        )
        row.extended_because = because.strip()[:500]
        await row.save(update_fields=["extended_until", "extended_because"])
        codes = (until.isoformat(),)
        await record_act(Act.REQUEST_EXTENDED, row, actor_id, now=now, codes=codes)
        return row.extended_until


async def set_fee(
    request_id: UUID,
    fee: Fee,
    *,
    cents: int = 0,
    because: str = "",
    actor_id: UUID | None,
    now: datetime,
) -> None:
    """What a human decided on a further copy: free, or what it costs and why (P12).

    Raises ``RequestNotFound``, ``MovedOn``, ``NoFeeHere``, ``Invalid``.
    """
    charged = fee is Fee.CHARGED
    if charged and (cents <= 0 or not because.strip()):
        lacking = "amount" if cents <= 0 else "because"
        raise NoReason(FieldError(lacking, "missing", NEEDED))
    async with transaction():
        row = await undecided(request_id)
        note = fee_note(row.last_copy_at, row.received_at, DEFAULT_ZONE)
        if charged and not (note.may_cost and RequestKind(row.kind) in COPIES):
            raise NoFeeHere
        row.fee, row.fee_cents = fee.value, cents if charged else 0
        row.fee_because, row.fee_by = because.strip()[:500], actor_id
        await row.save(update_fields=["fee", "fee_cents", "fee_because", "fee_by"])
        await record_act(Act.REQUEST_FEE_SET, row, actor_id, now=now, codes=(fee.value,))


async def decide(
    request_id: UUID, given: DecisionGiven, *, actor_id: UUID | None, now: datetime
) -> Decision:
    """The request is decided on, once: of two colleagues the second is told so.

    Raises ``RequestNotFound``, ``AlreadyDecided``, ``NotMatched``, ``IdentityMissing``,
    ``MandateMissing``, ``Invalid`` when something is refused without a reason.
    """
    outcome = given.outcome
    _check_reasons(given, outcome)
    async with transaction():
        row = await undecided(request_id)
        check_decision(
            outcome,
            kind=RequestKind(row.kind),
            identity=Identity(row.identity),
            matched=Matched(row.matched),
            behalf=Behalf(row.behalf),
            mandate=bool(row.mandate_seen),
        )
        row.state = State.DECIDED.value
        row.decision, row.ground = outcome.value, given.ground.value
        row.decision_because, row.decided_by, row.decided_at = given.because, actor_id, now
        await row.save(
            update_fields=[
                "state", "decision", "ground", "decision_because", "decided_by", "decided_at",
            ]
        )  # fmt: skip
        await RightsPart.bulk_create(
            [
                RightsPart(
                    id=uuid4(),
                    request_id=row.id,
                    position=position,
                    what=part.what,
                    decision=part.decision.value,
                    because=part.because,
                )
                for position, part in enumerate(given.parts)
            ]
        )
        codes = tuple(code for code in (outcome.value, given.ground.value) if code)
        await record_act(Act.REQUEST_DECIDED, row, actor_id, now=now, codes=codes)
    return outcome


async def withdraw(request_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """Whoever asked no longer asks. Raises ``RequestNotFound``, ``MovedOn``."""
    async with transaction():
        row = await undecided(request_id)
        row.state, row.drop_at = State.WITHDRAWN.value, drop_at(now, DEFAULT_ZONE)
        await row.save(update_fields=["state", "drop_at"])
        await record_act(Act.REQUEST_WITHDRAWN, row, actor_id, now=now)


def _check_reasons(given: DecisionGiven, outcome: Decision) -> None:
    """What is not done has a reason: on its part, or on the whole."""
    lacking = [
        FieldError(f"parts.{at}.because", "missing", NEEDED)
        for at, part in enumerate(given.parts)
        if part.decision in {Decision.REFUSED, Decision.PARTLY} and not part.because
    ]
    said = given.ground or given.because or given.parts
    if outcome in {Decision.REFUSED, Decision.PARTLY} and not said:
        lacking.append(FieldError("because", "missing", NEEDED))
    if lacking:
        raise NoReason(*lacking)


def _new(
    kind: RequestKind, channel: Channel, *, received_at: datetime, language: str
) -> RightsRequest:
    return RightsRequest(
        id=uuid4(),
        kind=kind.value,
        channel=channel.value,
        language=language,
        received_at=received_at,
        due_at=due(received_at, DEFAULT_ZONE),
        state=State.RECEIVED.value,
    )


def _received(on: date | None, *, now: datetime) -> datetime:
    """A letter came on a day; today it came now."""
    today = now.astimezone(DEFAULT_ZONE).date()
    if on is None or on == today:
        return now
    if on > today:
        raise Invalid(FieldError("received_on", "future", IN_FUTURE))
    return datetime.combine(on, NOON, tzinfo=DEFAULT_ZONE)


def _matched(person_id: UUID | None, account_id: UUID | None) -> str:
    """An account without a person is known too: a colleague's, a trainer's, a coordinator's."""
    return (Matched.FOUND if person_id or account_id else Matched.NOT_YET).value


def _state_once_known(row: RightsRequest) -> State:
    """In hand as soon as it is known whose data it is about and, as far as needed, who asks."""
    known = row.matched == Matched.NOBODY or (
        row.matched == Matched.FOUND
        and is_established(RequestKind(row.kind), Identity(row.identity))
    )
    if known:
        return State.IN_HAND
    return State.WAITING if row.identity_asked_at else State.RECEIVED


async def _note_copy(row: RightsRequest) -> None:
    if row.person_id is not None and RequestKind(row.kind) in COPIES:
        row.last_copy_at = await last_copy(row.person_id, before=row.received_at, but=row.id)
