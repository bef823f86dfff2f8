"""Carrying out what was granted, telling whoever asked, and closing a request (P11, P12, P13)."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

from tortoise.expressions import Q

from registration.db import transaction
from registration.i18n import DEFAULT_ZONE, speaking
from registration.ledger.rules import Act
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.people.allowing import SENT, NoFrom
from registration.people.allowing import Channel as Road
from registration.people.consents import refuse
from registration.people.models import Person
from registration.people.rules import PersonNotFound
from registration.press import print_paper
from registration.privacy import erasure, restrictions
from registration.privacy.addressing import Destination, destination, holds_data, on_record
from registration.privacy.letters import Enclosed, LetterKind, mail_words, paper
from registration.privacy.models import Restriction, RightsRequest
from registration.privacy.objectable import Ground as RestrictionGround
from registration.privacy.request_forgetting import BLANKED, blank, forget
from registration.privacy.request_given import RequestGiven
from registration.privacy.request_lines import RequestDetail, detail_of, request
from registration.privacy.request_rows import locked, record_act
from registration.privacy.request_rules import (
    COPIES,
    AddressUnknown,
    Channel,
    CopyByLogin,
    Identity,
    MovedOn,
    NotCarriedOut,
    NothingToCarryOut,
    RequestKind,
    State,
    drop_at,
)
from registration.privacy.requests import ask_identity, extend, open_request
from registration.privacy.stays import StayLine
from registration.settings import Settings


async def to_whom(detail: RequestDetail, kind: LetterKind) -> Destination | None:
    """Where this letter goes; None: there is no address that it may go to."""
    known = await on_record(detail.line)
    return destination(detail, known, data=kind is LetterKind.DECISION and holds_data(detail))


async def enclosed_with(
    detail: RequestDetail, *, by_login: bool = False, settings: Settings, now: datetime
) -> Enclosed:
    """What goes with a decision, in the language of the request."""
    stays: tuple[str, ...] = ()
    line = detail.line
    if line.kind is RequestKind.ERASURE and line.person_id is not None:
        schedule = settings.organisation.retention
        with speaking(line.language), suppress(PersonNotFound):
            found = await erasure.what_stays(line.person_id, now=now, schedule=schedule)
            stays = tuple(_stay(each) for each in found.kept)
    return Enclosed(stays, by_login)


def _stay(each: StayLine) -> str:
    return f"{each.what}: {each.because}"


async def letter(
    request_id: UUID, kind: LetterKind, *, by_login: bool = False, settings: Settings, now: datetime
) -> bytes:
    """One letter as a tagged PDF, in the language of the request, with the address that it may go
    to. Raises ``RequestNotFound``, ``NotCarriedOut`` for a decision that is none yet,
    ``SheetsBusy``."""
    detail = await request(request_id)
    if kind is LetterKind.DECISION and detail.line.decision is None:
        raise NotCarriedOut
    document = paper(
        detail,
        kind,
        await to_whom(detail, kind),
        settings=settings,
        enclosed=await enclosed_with(detail, by_login=by_login, settings=settings, now=now),
        now=now,
    )
    return await print_paper(document, settings=settings)


async def take_in(
    given: RequestGiven,
    *,
    person_id: UUID | None = None,
    account_id: UUID | None = None,
    identity: Identity = Identity.NOT_ESTABLISHED,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> UUID:
    """A request is in the register, and whoever asked is told so by mail if there is an address.
    Raises what ``open_request`` raises."""
    async with transaction():
        made = await open_request(
            given,
            person_id=person_id,
            account_id=account_id,
            identity=identity,
            actor_id=actor_id,
            now=now,
        )
        await tell(made, LetterKind.RECEIVED, settings=settings, now=now)
    return made


async def question(
    request_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> bool:
    """Whoever asked is asked to show who they are; says whether a mail is on its way. Raises
    what ``ask_identity`` raises."""
    async with transaction():
        await ask_identity(request_id, actor_id=actor_id, now=now)
        return await tell(request_id, LetterKind.IDENTITY, settings=settings, now=now)


async def prolong(
    request_id: UUID,
    until: date,
    because: str,
    *,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> bool:
    """The answer takes longer, and whoever asked is told why; says whether a mail is on its way.
    Raises what ``extend`` raises."""
    async with transaction():
        await extend(request_id, until, because, actor_id=actor_id, now=now)
        return await tell(request_id, LetterKind.EXTENSION, settings=settings, now=now)


async def tell(request_id: UUID, kind: LetterKind, *, settings: Settings, now: datetime) -> bool:
    """Whoever asked has a mail of this on its way, if there is an address; says whether."""
    detail = await request(request_id)
    to = await to_whom(detail, kind)
    if to is None or not to.email:
        return False
    await _mail(detail, kind, to, settings=settings, now=now)
    return True


async def _mail(
    detail: RequestDetail,
    kind: LetterKind,
    to: Destination,
    *,
    by_login: bool = False,
    settings: Settings,
    now: datetime,
) -> None:
    line = detail.line
    enclosed = await enclosed_with(detail, by_login=by_login, settings=settings, now=now)
    await queue(
        compose(
            "request",
            Addressee(to.email, to.name, line.language, line.person_id if to.known else None),
            mail_words(detail, kind, settings=settings, enclosed=enclosed),
            settings=settings,
            purpose=MailPurpose.RIGHTS,
            now=now,
        )
    )


async def carry_out(
    request_id: UUID,
    *,
    ground: RestrictionGround | None = None,
    scope: str = "",
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> None:
    """What was granted is done to the data; once.

    An erasure and the end of consents and uses happen here; a correction, and what is to be done to
    an account without a person, was done by whoever calls this; a copy was handed out. ``ground``
    is why data is only kept, ``scope`` what somebody objects to. Raises ``RequestNotFound``,
    ``MovedOn``, ``NothingToCarryOut``, ``StillRunning``, ``NothingToObject``.
    """
    detail = await request(request_id)
    line = detail.line
    if line.state is not State.DECIDED or detail.carried_out_at is not None:
        raise MovedOn
    if not detail.waits:
        raise NothingToCarryOut
    to = await to_whom(detail, LetterKind.DECISION)
    if line.person_id is not None:
        # Erased since, by their own hand: there is nothing left to do it to.
        with suppress(PersonNotFound):
            if line.kind in {RequestKind.RESTRICTION, RequestKind.OBJECTION}:
                await _restrict(detail, ground, scope, actor_id=actor_id, now=now)
            await _do(line.kind, line.person_id, actor_id=actor_id, settings=settings, now=now)
    async with transaction():
        row = await locked(request_id)
        if row.carried_out_at is not None:
            return
        row.carried_out_at = now
        erased = line.kind is RequestKind.ERASURE and line.person_id is not None
        if erased:
            _note_address(row, to)
        await row.save()
        if erased and line.person_id is not None:
            await forget(line.person_id, now=now, decided=True)
        await record_act(Act.REQUEST_CARRIED_OUT, row, actor_id, now=now, codes=(line.kind.value,))


async def _do(
    kind: RequestKind, person_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> None:
    if kind is RequestKind.ERASURE:
        await erasure.erase(person_id, actor_id=actor_id, settings=settings, now=now)
    elif kind in {RequestKind.NO_MARKETING, RequestKind.WITHDRAW_CONSENT}:
        await refuse(
            person_id,
            SENT,
            tuple(Road),
            source=NoFrom.STAFF,
            actor_id=actor_id,
            secret=settings.secret,
            now=now,
        )


def _note_address(row: RightsRequest, to: Destination | None) -> None:
    """Until the answer has gone: the person's own record no longer says where to."""
    row.asked = ""
    row.asker_name = to.name if to else ""
    row.asker_email = to.email if to else ""
    row.asker_contact = "\n".join(to.lines) if to else ""


async def _restrict(
    detail: RequestDetail,
    ground: RestrictionGround | None,
    scope: str,
    *,
    actor_id: UUID | None,
    now: datetime,
) -> None:
    line = detail.line
    assert line.person_id is not None  # noqa: S101 -- checked by the caller, narrows for mypy
    try:
        if line.kind is RequestKind.RESTRICTION:
            made = await restrictions.restrict(
                line.person_id,
                ground or RestrictionGround.ACCURACY,
                actor_id=actor_id,
                request_id=line.id,
                now=now,
            )
        else:
            made = await restrictions.object_to(
                line.person_id, scope, actor_id=actor_id, request_id=line.id, now=now
            )
    except restrictions.AlreadyRestricted:
        return
    # The desk has decided on it, so nobody has to decide again; the answer tells the person.
    await Restriction.filter(id=made).update(upheld=True, decided_by=actor_id, decided_at=now)


async def answer(
    request_id: UUID,
    how: Channel,
    *,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> None:
    """Whoever asked has the answer: as a mail that is queued now, as a letter that was posted,
    handed over at a visit, or on their own page.

    Raises ``RequestNotFound``, ``MovedOn``, ``NotCarriedOut``, ``AddressUnknown``, ``CopyByLogin``.
    """
    async with transaction():
        row = await locked(request_id)
        if row.state != State.DECIDED:
            raise MovedOn
        detail = await detail_of(row)
        if detail.waits:
            raise NotCarriedOut
        to = await to_whom(detail, LetterKind.DECISION)
        if how in {Channel.MAIL, Channel.LETTER, Channel.PAGE} and to is None:
            raise AddressUnknown
        if how in {Channel.MAIL, Channel.PAGE}:
            if to is None or not to.email:
                raise AddressUnknown
            if not to.known and detail.line.kind in COPIES and holds_data(detail):
                raise CopyByLogin
            await _mail(detail, LetterKind.DECISION, to, by_login=True, settings=settings, now=now)
        row.state, row.answered_how = State.ANSWERED.value, how.value
        row.answered_by, row.answered_at = actor_id, now
        row.drop_at = drop_at(now, DEFAULT_ZONE)
        if row.person_id is not None and not await Person.filter(id=row.person_id).exists():
            await blank(row)
        await row.save()
        await record_act(Act.REQUEST_ANSWERED, row, actor_id, now=now, codes=(how.value,))


async def close_old(*, now: datetime) -> int:
    """Requests whose three years are over are gone, and no word is left in what erased people
    asked, however they were erased; says how many requests that were."""
    async with transaction():
        done = await RightsRequest.filter(drop_at__lte=now).delete()
        worded = Q(*(~Q(**{name: ""}) for name in BLANKED), join_type="OR")
        rows = RightsRequest.filter(worded, person_id__not_isnull=True)
        asked = await rows.distinct().values_list("person_id", flat=True)
        persons = {UUID(str(each)) for each in asked}
        for person_id in sorted(persons - await _living(persons)):
            done += await forget(person_id, now=now)
    return done


async def _living(person_ids: Collection[UUID]) -> set[UUID]:
    found = await Person.filter(id__in=list(person_ids)).values_list("id", flat=True)
    return {UUID(str(each)) for each in found}
