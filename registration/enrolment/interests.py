"""Who wants to hear when a date of a training opens: asked for, told once, easily forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from itsdangerous import BadData, URLSafeSerializer
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from registration.catalogue import queries as catalogue
from registration.catalogue.models import Session
from registration.catalogue.rules import Offering, State, TrainingNotFound
from registration.db import transaction
from registration.enrolment.letters import whens_of
from registration.enrolment.models import Interest
from registration.i18n import text_in
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.people.models import Person
from registration.people.rules import Contact, JustMade, Source
from registration.people.service import know, once_more
from registration.settings import Settings

KEPT = timedelta(days=365)
SALT = "interest"
LONGEST_TOKEN = 200
BATCH = 100


@dataclass(frozen=True, slots=True)
class InterestLine:
    """``title`` by language; ``told_at``: when its person was told of a date."""

    id: UUID
    person_id: UUID
    training_id: UUID
    slug: str
    title: Mapping[str, str]
    created_at: datetime
    told_at: datetime | None
    drop_at: datetime


@dataclass(frozen=True, slots=True)
class InterestMail:
    """``whens`` are the days of the date that opened, one a line, and ``url`` its page; before
    one has, none and the training's. Behind ``forget_url`` it takes a click to be forgotten."""

    title: str
    whens: tuple[str, ...]
    where: str
    url: str
    forget_url: str
    privacy_url: str


@once_more
async def tell_me(
    contact: Contact,
    training_id: UUID,
    *,
    source: Source,
    settings: Settings,
    now: datetime,
) -> None:
    """The person hears once when a date of the training opens, within a year. A mail says so, with
    the way to withdraw, since anybody may have typed the address; asked again meanwhile, nothing
    is sent again. Raises ``TrainingNotFound``."""
    async with transaction():
        training = await catalogue.training(training_id)
        if not training.published:
            raise TrainingNotFound
        person, _is_new = await know(contact, source=source, now=now)
        row = await Interest.get_or_none(person_id=person.id, training_id=training_id)
        if row is not None and row.told_at is None:
            return
        if row is None:
            row = Interest(id=uuid4(), person_id=person.id, training_id=training_id)
        row.created_at, row.drop_at, row.told_at = now, now + KEPT, None
        try:
            await row.save(force_create=not row._saved_in_db)
        except IntegrityError:
            raise JustMade from None
        page = InterestMail(
            title=text_in(training.title, wish=person.language),
            whens=(),
            where="",
            url=f"{settings.base_url}/trainings/{training.slug}",
            forget_url=_forget_url(row.id, settings),
            privacy_url=f"{settings.base_url}/privacy",
        )
        await queue(_mail("interest-noted", person, page, settings=settings, now=now))


async def forget_interest(person_id: UUID, training_id: UUID) -> None:
    """The person hears nothing of this training any more, and nothing says that they wanted to."""
    async with transaction():
        await Interest.filter(person_id=person_id, training_id=training_id).delete()


def interest_token(interest_id: UUID, settings: Settings) -> str:
    """The key to one interest, for its mail's link: it withdraws that, and nothing else."""
    return str(URLSafeSerializer(settings.secret, salt=SALT).dumps(interest_id.hex))


def _forget_url(interest_id: UUID, settings: Settings) -> str:
    return f"{settings.base_url}/interest/{interest_token(interest_id, settings)}"


def _of_token(token: str, settings: Settings) -> UUID | None:
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        return UUID(hex=str(URLSafeSerializer(settings.secret, salt=SALT).loads(token)))
    except (BadData, ValueError):
        return None


async def look_at_token(token: str, *, settings: Settings) -> InterestLine | None:
    """What the token would withdraw; None when it is nothing of ours, or was withdrawn before."""
    interest_id = _of_token(token, settings)
    rows = await Interest.filter(id=interest_id) if interest_id else []
    lines = await _lines(rows)
    return lines[0] if lines else None


async def forget_by_token(token: str, *, settings: Settings) -> bool:
    """The interest is withdrawn; False when there was none any more."""
    interest_id = _of_token(token, settings)
    if interest_id is None:
        return False
    async with transaction():
        return bool(await Interest.filter(id=interest_id).delete())


async def interests_of(person_id: UUID) -> list[InterestLine]:
    """What the person wants to hear of, the newest wish first."""
    return await _lines(await Interest.filter(person_id=person_id).order_by("-created_at"))


async def _lines(rows: Sequence[Interest]) -> list[InterestLine]:
    if not rows:
        return []
    trainings = {line.id: line for line in await catalogue.trainings(published_only=False)}
    return [
        InterestLine(
            row.id,
            row.person_id,
            row.training_id,
            trainings[row.training_id].slug,
            trainings[row.training_id].title,
            row.created_at,
            row.told_at,
            row.drop_at,
        )
        for row in rows
    ]


async def tell_interested(settings: Settings, *, now: datetime) -> int:
    """Who asked has a mail about the first date that has opened since; says how many.

    A date counts that people can sign up for now, and that was published, opened or changed after
    the wish. Each wish is claimed by its row, so that two processes tell nobody twice.
    """
    opened = await _opened(now=now)
    told = 0
    for training_id, offerings in opened.items():
        while batch := await _tell_batch(training_id, offerings, settings=settings, now=now):
            told += batch
    return told


async def _opened(*, now: datetime) -> dict[UUID, list[tuple[datetime, Offering]]]:
    """By training that somebody waits for: its open dates in the order of their start, each with
    the moment since when it is there."""
    rows = (
        await Interest.filter(told_at=None, drop_at__gt=now)
        .distinct()
        .values_list("training_id", flat=True)
    )
    wanted = [UUID(str(row)) for row in rows]
    if not wanted:
        return {}
    sessions = await (
        Session.filter(training_id__in=wanted, training__published=True)
        .filter(state=State.PUBLISHED.value, starts_at__gt=now, closes_at__gt=now)
        .filter(Q(opens_at=None) | Q(opens_at__lte=now))
        .order_by("starts_at", "id")
    )
    offerings = await catalogue.offerings_by_seating([each.seating_id for each in sessions])
    found: dict[UUID, list[tuple[datetime, Offering]]] = {}
    for each in sessions:
        since = max(each.changed_at, each.opens_at or each.changed_at)
        found.setdefault(each.training_id, []).append((since, offerings[each.seating_id]))
    return found


async def _tell_batch(
    training_id: UUID,
    offerings: Sequence[tuple[datetime, Offering]],
    *,
    settings: Settings,
    now: datetime,
) -> int:
    newest = max(since for since, _offering in offerings)
    told = 0
    async with transaction():
        due = (
            Interest.filter(training_id=training_id, told_at=None, drop_at__gt=now)
            .filter(created_at__lt=newest, person__restricted_at=None)
            .order_by("created_at", "id")
            .limit(BATCH)
        )
        for row in await due.select_related("person"):
            if not await Interest.filter(id=row.id, told_at=None).update(told_at=now):
                continue
            offering = next(each for since, each in offerings if since > row.created_at)
            await queue(_opened_mail(row, offering, settings=settings, now=now))
            told += 1
    return told


def _opened_mail(row: Interest, offering: Offering, *, settings: Settings, now: datetime) -> Mail:
    person = row.person
    page = InterestMail(
        title=text_in(offering.title, wish=person.language),
        whens=whens_of(offering, person.language),
        where=offering.venue,
        url=settings.base_url + offering.path,
        forget_url=_forget_url(row.id, settings),
        privacy_url=f"{settings.base_url}/privacy",
    )
    return _mail("interest-open", person, page, settings=settings, now=now)


def _mail(
    template: str, person: Person, page: InterestMail, *, settings: Settings, now: datetime
) -> Mail:
    name = f"{person.first_name} {person.last_name}"
    return compose(
        template,
        Addressee(person.email, name, person.language, person.id),
        page,
        settings=settings,
        purpose=MailPurpose.PLACE,
        now=now,
    )


async def drop_interests(*, now: datetime) -> int:
    """Wishes whose year is over are gone; says how many."""
    async with transaction():
        return await Interest.filter(drop_at__lte=now).delete()
