"""Reading the register of requests: what waits, one request, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.expressions import Q

from registration.accounts.models import Account
from registration.i18n import DEFAULT_ZONE
from registration.ledger.models import Entry
from registration.people.models import Person
from registration.people.overview import found_by
from registration.privacy.models import Redaction, RightsPart, RightsRequest
from registration.privacy.request_next import NextStep, next_step, waits_for_deed
from registration.privacy.request_rules import (
    COPIES,
    OPEN,
    Behalf,
    Channel,
    Decision,
    Fee,
    FeeNote,
    Ground,
    Identity,
    Matched,
    RequestKind,
    RequestNotFound,
    State,
    days_left,
    fee_note,
    is_late,
)
from registration.qualifications.models import Certificate

COPY_KINDS = tuple(kind.value for kind in COPIES)
OPEN_STATES = tuple(state.value for state in OPEN)

LONGEST_NUMBER = 30  # of a certificate


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request. ``until``: by when it must be answered, as it stands now; ``decision`` None:
    nothing is decided; ``asker``: who wrote, if that is nobody on record or asks for another."""

    id: UUID
    reference: str
    kind: RequestKind
    channel: Channel
    state: State
    language: str
    person_id: UUID | None
    account_id: UUID | None
    asker: str
    behalf: Behalf
    matched: Matched
    identity: Identity
    received_at: datetime
    until: datetime
    extended: bool
    decision: Decision | None
    answered_at: datetime | None

    def late(self, now: datetime) -> bool:
        return is_late(self.state, self.until, now=now)

    def left(self, now: datetime) -> int:
        """Whole days to the last one; less than 0 when it is late."""
        return days_left(self.until, now=now, zone=DEFAULT_ZONE)


@dataclass(frozen=True, slots=True)
class Part:
    what: str
    decision: Decision
    because: str


@dataclass(frozen=True, slots=True)
class Cut:
    """Something left out of the copy: table, id of the row and column."""

    table: str
    row: UUID
    column: str
    because: str

    @property
    def key(self) -> tuple[str, UUID, str]:
        return self.table, self.row, self.column


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """All that is known of one request. ``due_at``: the end of the first month."""

    line: RequestLine
    asked: str
    asker_email: str
    asker_contact: str
    mandate_seen: str
    identity_seen: str
    identity_by: UUID | None
    identity_at: datetime | None
    identity_asked_at: datetime | None
    due_at: datetime
    extended_because: str
    note: FeeNote
    fee: Fee
    fee_cents: int
    fee_because: str
    ground: Ground
    because: str
    parts: tuple[Part, ...]
    decided_by: UUID | None
    decided_at: datetime | None
    carried_out_at: datetime | None
    answered_how: str
    answered_by: UUID | None
    drop_at: datetime | None
    cuts: tuple[Cut, ...]

    @property
    def waits(self) -> bool:
        """Something was granted and is not carried out yet."""
        done = self.carried_out_at is not None
        return waits_for_deed(self.line.kind, self.line.decision, done=done)

    @property
    def next_step(self) -> NextStep:
        return next_step(
            self.line.state,
            kind=self.line.kind,
            matched=self.line.matched,
            identity=self.line.identity,
            lacks_mandate=self.line.behalf is not Behalf.SELF and not self.mandate_seen,
            waits=self.waits,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done about a request: ``act`` and ``codes`` as the ledger has them."""

    at: datetime
    act: str
    detail: str
    actor_id: UUID | None


@dataclass(frozen=True, slots=True)
class Sought:
    """Which requests a list shows; ``before``: those received before (and at, by id) this one."""

    states: tuple[State, ...] = ()
    kind: RequestKind | None = None
    late: bool = False
    person_id: UUID | None = None
    words: str = ""


def line_of(row: RightsRequest) -> RequestLine:
    return RequestLine(
        id=row.id,
        reference=row.reference,
        kind=RequestKind(row.kind),
        channel=Channel(row.channel),
        state=State(row.state),
        language=row.language,
        person_id=row.person_id,
        account_id=row.account_id,
        asker=row.asker_name,
        behalf=Behalf(row.behalf),
        matched=Matched(row.matched),
        identity=Identity(row.identity),
        received_at=row.received_at,
        until=row.extended_until or row.due_at,
        extended=row.extended_until is not None,
        decision=Decision(row.decision) if row.decision else None,
        answered_at=row.answered_at,
    )


async def requests_of(person_id: UUID) -> list[RequestLine]:
    """All that a person asked, the newest first (P12)."""
    rows = await RightsRequest.filter(person_id=person_id).order_by("-received_at", "-reference")
    return [line_of(row) for row in rows]


async def requests_of_account(account_id: UUID) -> list[RequestLine]:
    """All that was asked by the holder of an account, the newest first."""
    rows = await RightsRequest.filter(account_id=account_id).order_by("-received_at", "-reference")
    return [line_of(row) for row in rows]


async def waiting() -> list[RequestLine]:
    """All that have no answer yet, the nearest deadline first; one query."""
    rows = await RightsRequest.filter(state__in=OPEN_STATES)
    lines = [line_of(row) for row in rows]
    return sorted(lines, key=lambda line: (line.until, line.reference))


async def found(
    sought: Sought, *, after: str = "", limit: int = 50, now: datetime
) -> list[RequestLine]:
    """Those that fit, the newest number first; ``after`` is the last one's number of the page
    before."""
    rows = RightsRequest.all().order_by("-reference")
    if sought.states:
        rows = rows.filter(state__in=[state.value for state in sought.states])
    if sought.kind is not None:
        rows = rows.filter(kind=sought.kind.value)
    if sought.person_id is not None:
        rows = rows.filter(person_id=sought.person_id)
    if sought.late:
        over = Q(extended_until__lt=now) | Q(extended_until=None, due_at__lt=now)
        rows = rows.filter(over, state__in=OPEN_STATES)
    if sought.words:
        named = Q(person_id__in=list(await found_by(sought.words)))
        typed = Q(asker_name__icontains=sought.words)
        rows = rows.filter(named | typed | Q(reference__icontains=sought.words))
    if after:
        rows = rows.filter(reference__lt=after)
    return [line_of(row) for row in await rows.limit(limit)]


async def request(request_id: UUID) -> RequestDetail:
    """Raises ``RequestNotFound``."""
    row = await RightsRequest.get_or_none(id=request_id)
    if row is None:
        raise RequestNotFound
    return await detail_of(row)


async def detail_of(row: RightsRequest) -> RequestDetail:
    parts = await RightsPart.filter(request_id=row.id).order_by("position")
    return RequestDetail(
        line=line_of(row),
        asked=row.asked,
        asker_email=row.asker_email,
        asker_contact=row.asker_contact,
        mandate_seen=row.mandate_seen,
        identity_seen=row.identity_seen,
        identity_by=row.identity_by,
        identity_at=row.identity_at,
        identity_asked_at=row.identity_asked_at,
        due_at=row.due_at,
        extended_because=row.extended_because,
        note=fee_note(row.last_copy_at, row.received_at, DEFAULT_ZONE),
        fee=Fee(row.fee),
        fee_cents=row.fee_cents,
        fee_because=row.fee_because,
        ground=Ground(row.ground),
        because=row.decision_because,
        parts=tuple(Part(each.what, Decision(each.decision), each.because) for each in parts),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        carried_out_at=row.carried_out_at,
        answered_how=row.answered_how,
        answered_by=row.answered_by,
        drop_at=row.drop_at,
        cuts=await cuts_of(row.id),
    )


async def cuts_of(request_id: UUID) -> tuple[Cut, ...]:
    """What is left out of the copy, in the order in which it was found."""
    rows = await Redaction.filter(request_id=request_id).order_by("made_at", "id")
    return tuple(
        Cut(row.record_table, row.record_id, row.record_column, row.because) for row in rows
    )


async def last_copy(
    person_id: UUID, *, before: datetime, but: UUID | None = None
) -> datetime | None:
    """When the person last had a copy of their data, before that moment."""
    rows = RightsRequest.filter(
        person_id=person_id,
        kind__in=COPY_KINDS,
        answered_at__lt=before,
        decision__in=[Decision.GRANTED.value, Decision.PARTLY.value],
    )
    if but is not None:
        rows = rows.exclude(id=but)
    row = await rows.order_by("-answered_at").first()
    return row.answered_at if row is not None else None


async def steps(request_id: UUID) -> list[Step]:
    """What was done about it, the first thing first, as the ledger has it."""
    rows = await Entry.filter(object_id=request_id, act__startswith="request-").order_by("number")
    return [Step(row.at, row.act, row.detail, row.actor_id) for row in rows]


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person who may be the one it is about: enough to tell two apart, and no more."""

    id: UUID
    name: str
    email: str
    company: str
    since: date


async def candidates(words: str) -> list[Somebody]:
    """Who may be meant: by name, by e-mail address, or by the number of a certificate."""
    ids = set(await found_by(words))
    number = words.strip()
    if 0 < len(number) <= LONGEST_NUMBER:
        holders = Certificate.filter(number=number).values_list("person_id", flat=True)
        ids |= {UUID(str(each)) for each in await holders}
    return await somebodies(list(ids))


async def holder(account_id: UUID) -> Somebody | None:
    """The holder of an account, as long as it is there."""
    row = await Account.get_or_none(id=account_id)
    if row is None:
        return None
    since = row.created_at.astimezone(DEFAULT_ZONE).date()
    return Somebody(row.id, row.name, row.email, "", since)


async def somebodies(person_ids: Sequence[UUID]) -> list[Somebody]:
    """Those still on record, by name."""
    rows = await Person.filter(id__in=list(person_ids)).order_by("name_key", "email", "id")
    return [
        Somebody(
            row.id,
            f"{row.first_name} {row.last_name}",
            row.email,
            row.company_name,
            row.created_at.astimezone(DEFAULT_ZONE).date(),
        )
        for row in rows
    ]
