"""The ways in: one-time links, browsers' logins, programs' tokens. Every act is in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tortoise.expressions import Q

from registration.accounts import letters
from registration.accounts.assurance import STRONG, How, given, has_ended, is_strict
from registration.accounts.factors import factors_of
from registration.accounts.models import Account, ApiToken, Login, LoginLink, SpentProof
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
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.people.models import Person
from registration.people.rules import clean_email
from registration.people.service import is_erased
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
        mail = _letter(address, accounts, LoginMail(tuple(links), _minutes()), settings, now)
        if accounts:
            await queue(mail)


async def send_own_link(
    account_id: UUID, *, settings: Settings, next_path: str, now: datetime
) -> None:
    """A link that proves again who is logged in is on its way to the account's own address."""
    async with transaction():
        account = await Account.get(id=account_id)
        path = await new_link(
            account_id, confirmed=True, life=LINK_LIFE, next_path=next_path, now=now
        )
        shown = LoginMail(((account.name, settings.base_url + path),), _minutes())
        address = await letters.address_of(account)
        await queue(_letter(address, [account], shown, settings, now))


async def address_of(account_id: UUID) -> str:
    """Where the account's mail goes."""
    return await letters.address_of(await Account.get(id=account_id))


def _minutes() -> int:
    return int(LINK_LIFE.total_seconds() // 60)


def _letter(
    address: str, accounts: Sequence[Account], shown: LoginMail, settings: Settings, now: datetime
) -> Mail:
    return compose(
        "login",
        _addressee(address, accounts, settings),
        shown,
        settings=settings,
        purpose=MailPurpose.LOGIN,
        now=now,
        drop_at=now + LINK_LIFE,
    )


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
        if not is_erased(person)
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

    Of two who use it at once exactly one gets in. A mailed link proves little of a person who has
    a second factor: what asks for a fresh proof then asks for that. Raises ``LinkUsedOrEnded``.
    """
    link = await _link(secret)
    if link is None or link.account.ended_at is not None:
        raise LinkUsedOrEnded
    account = link.account
    how = How.LINK if link.confirmed else How.PRINTED
    guarded = how is How.LINK and (await factors_of(account.id)).any
    async with transaction():
        won = await LoginLink.filter(id=link.id, used_at=None, expires_at__gt=now).update(
            used_at=now
        )
        if won:
            proved_at = None if guarded else now
            cookie = await open_login(account, how, device=device, proved_at=proved_at, now=now)
        else:
            await record(
                Act.LOGIN_REFUSED,
                now=now,
                subject_id=account.person_id or account.id,
                object_id=link.id,
            )
    if not won:
        raise LinkUsedOrEnded
    return cookie, link.next_path


async def open_login(
    account: Account,
    how: How,
    *,
    device: str,
    proved_at: datetime | None,
    replaces: UUID | None = None,
    now: datetime,
) -> str:
    """A browser is logged in under a new id, and the login that it ``replaces`` has ended; says
    the cookie's secret. To be called inside the transaction of what proved it."""
    login_id = uuid4()
    made = new_secret(login_id)
    if replaces is not None:
        await Login.filter(id=replaces, revoked_at=None).update(revoked_at=now)
    await Login.create(
        id=login_id,
        account_id=account.id,
        secret_hash=made.digest,
        device=device[:LONGEST_DEVICE],
        how=how.value,
        strong=how in STRONG,
        proved_at=proved_at,
        created_at=now,
        seen_at=now,
        expires_at=now + LOGIN_LIFE,
    )
    await record(
        Act.LOGIN,
        now=now,
        actor_id=account.id,
        subject_id=account.person_id or account.id,
        object_id=login_id,
        note=Note(codes=(how.value,)),
    )
    return made.text


async def _link(secret: str) -> LoginLink | None:
    given = read_secret(secret)
    if given is None:
        return None
    link = await LoginLink.filter(id=given[0]).select_related("account").first()
    return link if link is not None and same(bytes(link.secret_hash), given[1]) else None


async def identify(secret: str, *, now: datetime) -> Identity | None:
    """Who holds this cookie, with the roles in force now; None: nobody, or the login has ended.

    A login that is not strong gives only the roles that need no more; the others wait. Two
    queries. That it was seen is written at most once in ``SEEN_STEP``.
    """
    parts = read_secret(secret)
    if parts is None:
        return None
    login = await Login.filter(id=parts[0], revoked_at=None).select_related("account").first()
    if login is None or not same(bytes(login.secret_hash), parts[1]):
        return None
    account = login.account
    if account.ended_at is not None:
        return None
    held = await held_by(account, now=now)
    if account.person_id is not None:
        held = (*held, Held(Role.PARTICIPANT, None))
    if _ended(login, strict=is_strict(held), now=now):
        return None
    if now - login.seen_at >= SEEN_STEP:
        await Login.filter(id=login.id, revoked_at=None).update(seen_at=now)
    roles, waiting = given(held, strong=login.strong)
    return Identity(
        account.id,
        account.name,
        account.language,
        account.person_id,
        roles,
        login_id=login.id,
        waiting=waiting,
        proved_at=login.proved_at,
        how=login.how,
    )


def _ended(login: Login, *, strict: bool, now: datetime) -> bool:
    return has_ended(
        created_at=login.created_at,
        seen_at=login.seen_at,
        expires_at=login.expires_at,
        strict=strict,
        now=now,
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


async def revoke_others(keep: UUID, *, account_id: UUID, now: datetime) -> int:
    """The account is logged in nowhere but in the login ``keep``; says how many have ended."""
    async with transaction():
        others = Login.filter(account_id=account_id, revoked_at=None).exclude(id=keep)
        ended = await others.update(revoked_at=now)
        if ended:
            account = await Account.get(id=account_id)
            await record(
                Act.LOGIN_REVOKED,
                now=now,
                actor_id=account_id,
                subject_id=account.person_id or account_id,
                note=Note(count=ended),
            )
    return ended


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
    """Links, logins, tokens and answered challenges that ended a day ago or more are gone; says
    how many."""
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
        proofs = await SpentProof.filter(expires_at__lte=before).delete()
    return links + logins + tokens + proofs
