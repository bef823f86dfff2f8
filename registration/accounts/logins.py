"""The ways in: one-time links, browsers' logins, programs' tokens. Every act is in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tortoise.expressions import Q

from registration.accounts.models import Account, ApiToken, Login, LoginLink
from registration.accounts.queries import held_by
from registration.accounts.rules import (
    LINK_LIFE,
    LOGIN_IDLE,
    LOGIN_LIFE,
    SCOPE_ROLES,
    SEEN_STEP,
    TOKEN_PREFIX,
    Held,
    Identity,
    LinkUsedOrEnded,
    Role,
    Scope,
    new_secret,
    read_secret,
    same,
)
from registration.accounts.service import participant_account
from registration.db import transaction
from registration.errors import NotFound
from registration.forms import FieldRefused
from registration.i18n import N_
from registration.ledger.rules import Act
from registration.ledger.service import record
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.people.models import Person
from registration.people.rules import clean_email
from registration.settings import Settings

KEPT_AFTER_END = timedelta(days=1)
LONGEST_DEVICE = 80
LONGEST_NEXT = 200


class LoginNotFound(NotFound):
    message = N_("There is no such login, or it has ended.")


@dataclass(frozen=True, slots=True)
class LinkShown:
    """A login link that still works: for whom, and whether it needs a click to count."""

    name: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class LoginMail:
    """What ``mail/login`` shows: a name and an address for each account, and the link's life."""

    links: tuple[tuple[str, str], ...]
    minutes: int


async def ask_link(email: str, *, settings: Settings, next_path: str = "", now: datetime) -> None:
    """If the address is known, one mail is on its way to it, with a link for each account.

    An unknown address costs the same work and leaves the same trace to the one who asks: none.
    """
    try:
        address = clean_email(email)
    except FieldRefused:
        address = ""
    async with transaction():
        accounts = await _accounts_at(address, now=now) if address else []
        links: list[tuple[str, str]] = []
        for row in accounts:
            path = await new_link(
                row.id, confirmed=True, life=LINK_LIFE, next_path=next_path, now=now
            )
            links.append((row.name, settings.base_url + path))
        if not accounts:
            decoy = new_secret(uuid4())
            links.append(("", f"{settings.base_url}/login/{decoy.text}"))
            await record(Act.LOGIN_REFUSED, now=now)
        mail = compose(
            "login",
            _addressee(address, accounts, settings),
            LoginMail(tuple(links), int(LINK_LIFE.total_seconds() // 60)),
            settings=settings,
            purpose=MailPurpose.LOGIN,
            now=now,
            drop_at=now + LINK_LIFE,
        )
        if accounts:
            await queue(mail)


def _addressee(address: str, accounts: Sequence[Account], settings: Settings) -> Addressee:
    if not accounts:
        return Addressee(address, "", settings.languages[0])
    first = accounts[0]
    one = first if len(accounts) == 1 else None
    return Addressee(
        address,
        first.name if one else "",
        first.language,
        person_id=one.person_id if one else None,
        account_id=one.id if one else None,
    )


async def _accounts_at(address: str, *, now: datetime) -> list[Account]:
    """Accounts with this address, staff's first, and one for each person with it."""
    own = await Account.filter(email=address, person_id=None, ended_at=None).order_by("created_at")
    people = await Person.filter(email=address).order_by("created_at", "id")
    made = [
        await participant_account(
            person.id,
            address,
            f"{person.first_name} {person.last_name}",
            person.language,
            now,
        )
        for person in people
    ]
    theirs = await Account.filter(id__in=made, ended_at=None).order_by("created_at", "id")
    return [*own, *theirs]


async def new_link(
    account_id: UUID, *, confirmed: bool, life: timedelta, next_path: str = "", now: datetime
) -> str:
    """The path of a link that logs in once, until ``life`` is over. With ``confirmed`` opening it
    is not enough: the person confirms on a page, since mail scanners open links."""
    link_id = uuid4()
    secret = new_secret(link_id)
    await LoginLink.create(
        id=link_id,
        account_id=account_id,
        secret_hash=secret.digest,
        next_path=next_path if len(next_path) <= LONGEST_NEXT else "",
        confirmed=confirmed,
        created_at=now,
        expires_at=now + life,
    )
    return f"/login/{secret.text}"


async def look_at_link(secret: str, *, now: datetime) -> LinkShown | None:
    """What the link would do, without using it; None: it is unknown, used, or has ended."""
    link = await _link(secret)
    if link is None or link.used_at is not None or link.expires_at <= now:
        return None
    if link.account.ended_at is not None:
        return None
    return LinkShown(link.account.name, link.confirmed)


async def use_link(secret: str, *, device: str, now: datetime) -> tuple[str, str]:
    """A browser is logged in by the link, which is used up: the cookie's secret, and where to go.

    Of two who use it at once exactly one gets in. Raises ``LinkUsedOrEnded``.
    """
    link = await _link(secret)
    if link is None or link.account.ended_at is not None:
        raise LinkUsedOrEnded
    account = link.account
    login_id = uuid4()
    made = new_secret(login_id)
    async with transaction():
        won = await LoginLink.filter(id=link.id, used_at=None, expires_at__gt=now).update(
            used_at=now
        )
        if won:
            await Login.create(
                id=login_id,
                account_id=account.id,
                secret_hash=made.digest,
                device=device[:LONGEST_DEVICE],
                created_at=now,
                seen_at=now,
                expires_at=now + LOGIN_LIFE,
            )
        await record(
            Act.LOGIN if won else Act.LOGIN_REFUSED,
            now=now,
            actor_id=account.id if won else None,
            subject_id=account.person_id or account.id,
            object_id=login_id if won else link.id,
        )
    if not won:
        raise LinkUsedOrEnded
    return made.text, link.next_path


async def _link(secret: str) -> LoginLink | None:
    given = read_secret(secret)
    if given is None:
        return None
    link = await LoginLink.filter(id=given[0]).select_related("account").first()
    return link if link is not None and same(bytes(link.secret_hash), given[1]) else None


async def identify(secret: str, *, now: datetime) -> Identity | None:
    """Who holds this cookie, with the roles in force now; None: nobody, or the login has ended.

    Two queries. That it was seen is written at most once in ``SEEN_STEP``.
    """
    given = read_secret(secret)
    if given is None:
        return None
    login = await Login.filter(id=given[0], revoked_at=None).select_related("account").first()
    if login is None or not same(bytes(login.secret_hash), given[1]):
        return None
    account = login.account
    ended = login.expires_at <= now or login.seen_at + LOGIN_IDLE <= now
    if ended or account.ended_at is not None:
        return None
    if now - login.seen_at >= SEEN_STEP:
        await Login.filter(id=login.id, revoked_at=None).update(seen_at=now)
    held = await held_by(account, now=now)
    if account.person_id is not None:
        held = (*held, Held(Role.PARTICIPANT, None))
    return Identity(
        account.id, account.name, account.language, account.person_id, held, login_id=login.id
    )


async def log_out(login_id: UUID, *, now: datetime) -> None:
    """The login has ended, at its own wish."""
    await _end_login(login_id, Act.LOGOUT, now=now)


async def revoke(login_id: UUID, *, account_id: UUID, now: datetime) -> None:
    """The account's login has ended, in whichever browser it was. Raises ``LoginNotFound``."""
    if not await Login.filter(id=login_id, account_id=account_id).exists():
        raise LoginNotFound
    if not await _end_login(login_id, Act.LOGIN_REVOKED, now=now):
        raise LoginNotFound


async def _end_login(login_id: UUID, act: Act, *, now: datetime) -> bool:
    async with transaction():
        login = await Login.filter(id=login_id, revoked_at=None).select_related("account").first()
        if login is None:
            return False
        await Login.filter(id=login_id).update(revoked_at=now)
        await record(
            act,
            now=now,
            actor_id=login.account.id,
            subject_id=login.account.person_id or login.account.id,
            object_id=login_id,
        )
    return True


async def identify_token(bearer: str, *, now: datetime) -> Identity | None:
    """Whose program this is, with the roles of the token's scope that are in force now."""
    given = read_secret(bearer, prefix=TOKEN_PREFIX)
    if given is None:
        return None
    token = await ApiToken.filter(id=given[0], revoked_at=None).select_related("account").first()
    if token is None or not same(bytes(token.secret_hash), given[1]):
        return None
    account = token.account
    if token.expires_at <= now or account.ended_at is not None:
        return None
    if token.used_at is None or now - token.used_at >= SEEN_STEP:
        await ApiToken.filter(id=token.id).update(used_at=now)
    held = await held_by(account, now=now, role=SCOPE_ROLES[Scope(token.scope)])
    return Identity(account.id, account.name, account.language, None, held, token_id=token.id)


async def purge_ended(*, now: datetime) -> int:
    """Links, logins and tokens that ended a day ago or more are gone; says how many."""
    before = now - KEPT_AFTER_END
    async with transaction():
        links = await LoginLink.filter(expires_at__lte=before).delete()
        logins = await Login.filter(
            Q(expires_at__lte=before)
            | Q(revoked_at__lte=before)
            | Q(seen_at__lte=before - LOGIN_IDLE)
        ).delete()
        tokens = await ApiToken.filter(
            Q(expires_at__lte=before) | Q(revoked_at__lte=before)
        ).delete()
    return links + logins + tokens
