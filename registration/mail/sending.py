"""From the outbox to the mail server. No mail is handed over twice.

Each step is on record before the next one: who has claimed a mail, then, right before its content
goes to the server, that it is on its way. What stops us until then (a crash, a server that is away
or refuses) leaves a mail that was not sent and is tried again. What stops us after that, and before
the server's answer, leaves one that the server may have or not: that cannot be known, so it is said
(``UNSURE``), and people decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

import aiosmtplib

from registration import clock
from registration.db import connection, transaction
from registration.mail.bounces import mark_dead
from registration.mail.gates import passing
from registration.mail.mime import message_of
from registration.mail.models import DeadAddress, Mail
from registration.mail.rules import (
    NO_YES,
    MailPurpose,
    MailState,
    is_dead_address,
    needs_yes,
    next_try,
    return_mark,
)
from registration.mail.service import BLANK
from registration.settings import Settings

BATCH = 20
# Longer than a batch takes if each of its mails is answered, slowly. One that takes longer still
# loses its claim to another sender, and finds that out before it sends.
CLAIM = timedelta(minutes=15)
LONGEST_CODE = 10


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a server has for an answer, and for the one that it has taken a mail: it may
    look at its content for long (RFC 5321, 4.5.3.2.6)."""

    answer: float = 30.0
    taken: float = 600.0


PATIENCE = Patience()
# By then the server has answered, or the sender is gone.
ON_THE_WAY = timedelta(seconds=2 * PATIENCE.taken)


@dataclass(frozen=True, slots=True)
class Batch:
    """Mails that run ``id`` has claimed; ``dead``: address hashes from which mail came back, and
    whether somebody said since that they work."""

    id: UUID
    mails: tuple[Mail, ...]
    dead: Mapping[str, bool]


class _Lost(Exception):
    """The connection is gone, and what became of the mail in hand is on record."""


async def send_due(settings: Settings, *, patience: Patience = PATIENCE) -> int:
    """Send what is due, if there is a server; says how many it has taken.

    Ends early when the server cannot be used: what is left waits for the next run.
    """
    if not settings.smtp_url:
        return 0
    sent = 0
    while (batch := await _claim(clock.now())).mails:
        run = _Run(settings, batch, patience)
        usable = await run.go()
        sent += run.sent
        if not usable:
            break
    return sent


async def _claim(now: datetime) -> Batch:
    """Login links first: somebody waits for them at this moment."""
    run = uuid4()
    skip_locked = connection().capabilities.support_for_update
    async with transaction():
        due = Mail.filter(state=MailState.QUEUED.value, next_try_at__lte=now)
        mails: list[Mail] = []
        for wanted in (
            due.filter(purpose=MailPurpose.LOGIN.value),
            due.exclude(purpose=MailPurpose.LOGIN.value),
        ):
            found = wanted.order_by("next_try_at").limit(BATCH - len(mails))
            if len(mails) < BATCH:
                mails += await (found.select_for_update(skip_locked=True) if skip_locked else found)
        if not mails:
            return Batch(run, (), {})
        ids = [mail.id for mail in mails]
        await Mail.filter(id__in=ids).update(next_try_at=now + CLAIM, claimed_by=run)
        hashes = list({mail.address_hash for mail in mails})
        dead = await DeadAddress.filter(address_hash__in=hashes).values_list(
            "address_hash", "again_at"
        )
    return Batch(run, tuple(mails), {str(found): again is not None for found, again in dead})


class _Run:
    """One connection, and the mails that are to go over it."""

    def __init__(self, settings: Settings, batch: Batch, patience: Patience) -> None:
        self.settings, self.batch, self.patience = settings, batch, patience
        self.sent = 0
        self._left = list(batch.mails)

    async def go(self) -> bool:
        """Says whether the server can be used; if not, the mails not tried are free again."""
        try:
            async with _client(self.settings, self.patience) as client:
                while self._left:
                    await self._send(client, self._left[0])
                    self._left.pop(0)
        except _Lost:
            await self._release(self._left[1:])
            return False
        except (aiosmtplib.SMTPException, OSError) as failure:
            await self._failed(self._left[0], type(failure).__name__)
            await self._release(self._left[1:])
            return False
        return True

    async def _send(self, client: aiosmtplib.SMTP, mail: Mail) -> None:
        if mail.purpose != MailPurpose.LOGIN and self.batch.dead.get(mail.address_hash) is False:
            await self._end(mail, MailState.STOPPED)
            return
        try:
            content = await self._envelope(client, mail)
        except _Refused as refusal:
            await self._refused(mail, refusal)
            await client.rset()
            return
        if not await self._begin(mail):
            await client.rset()  # somebody else has it now, or it was deleted
            return
        try:
            await client.data(content, timeout=self.patience.taken)
        except aiosmtplib.SMTPDataError as answer:
            await self._refused(mail, _Refused(answer.code, answer.message, of_content=True))
        except (aiosmtplib.SMTPException, OSError) as failure:
            await self._unsure(mail, type(failure).__name__)
            raise _Lost from failure
        else:
            await self._end(mail, MailState.SENT)
            self.sent += 1

    async def _envelope(self, client: aiosmtplib.SMTP, mail: Mail) -> bytes:
        """From whom and to whom; gives the content that may follow. Raises ``_Refused``."""
        message = message_of(mail, self.settings)
        sender = return_path(mail.id, self.settings) or parseaddr(str(message["From"]))[1]
        wide = not (sender + mail.address).isascii()
        if wide and not client.supports_extension("smtputf8"):
            raise _Refused(553, "5.6.7")
        eight = client.supports_extension("8bitmime")
        options = ["BODY=8BITMIME"] * eight + ["SMTPUTF8"] * wide
        notify = client.supports_extension("dsn")
        encoding = "utf-8" if wide else "ascii"
        try:
            await client.mail(sender, options=options + ["RET=HDRS"] * notify, encoding=encoding)
            await client.rcpt(mail.address, options=["NOTIFY=FAILURE"] * notify, encoding=encoding)
        except aiosmtplib.SMTPSenderRefused as answer:
            # Our own address: no fault of this mail, and no reason to throw all others away.
            raise _Refused(answer.code, answer.message, of_sender=True) from None
        except aiosmtplib.SMTPRecipientRefused as answer:
            raise _Refused(answer.code, answer.message) from None
        except ValueError:
            raise _Refused(553, "5.1.3") from None
        policy = SMTPUTF8 if wide else SMTP
        return message.as_bytes(policy=policy.clone(cte_type="8bit" if eight else "7bit"))

    async def _begin(self, mail: Mail) -> bool:
        """On record: from now on the server may have it. False when it is not ours any more, or has
        lost the yes that it needs: then it is dropped."""
        async with transaction():
            ours = Mail.filter(id=mail.id, state=MailState.QUEUED.value, claimed_by=self.batch.id)
            until = clock.now() + ON_THE_WAY
            if not await ours.update(state=MailState.SENDING.value, next_try_at=until):
                return False
            if needs_yes(mail.purpose) and not await passing([mail]):
                await self._end(mail, MailState.DROPPED, NO_YES)
                return False
        return True

    async def _end(self, mail: Mail, state: MailState, code: str = "") -> None:
        async with transaction():
            ours = Mail.filter(id=mail.id, claimed_by=self.batch.id)
            await ours.exclude(state=MailState.BOUNCED.value).update(
                state=state.value,
                sent_at=clock.now() if state is MailState.SENT else None,
                failure=code,
                **BLANK,
            )
            if state is MailState.SENT and self.batch.dead.get(mail.address_hash):
                await DeadAddress.filter(address_hash=mail.address_hash).delete()

    async def _refused(self, mail: Mail, refusal: _Refused) -> None:
        """The server has answered and has not taken it: for now, or for good."""
        if not refusal.final:
            await self._failed(mail, refusal.status)
            return
        if refusal.of_content or not is_dead_address(refusal.status):
            await self._end(mail, MailState.FAILED, refusal.status)
            return
        async with transaction():
            await self._end(mail, MailState.BOUNCED, refusal.status)
            await mark_dead(mail.address_hash, mail.person_id, code=refusal.status, now=clock.now())

    async def _failed(self, mail: Mail, why: str) -> None:
        tries = mail.tries + 1
        again = next_try(tries, queued_at=mail.queued_at, now=clock.now())
        if again is None:
            async with transaction():
                await self._end(mail, MailState.FAILED, why)
                await Mail.filter(id=mail.id).update(tries=tries)
            return
        async with transaction():
            await Mail.filter(id=mail.id, claimed_by=self.batch.id).update(
                state=MailState.QUEUED.value,
                tries=tries,
                failure=why[:60],
                next_try_at=again,
                claimed_by=None,
            )

    async def _unsure(self, mail: Mail, why: str) -> None:
        async with transaction():
            await Mail.filter(id=mail.id, claimed_by=self.batch.id).update(
                state=MailState.UNSURE.value, failure=why[:60], next_try_at=None, claimed_by=None
            )

    async def _release(self, mails: Sequence[Mail]) -> None:
        """These were not tried: they are due as they were."""
        async with transaction():
            for mail in mails:
                ours = Mail.filter(id=mail.id, claimed_by=self.batch.id)
                await ours.update(next_try_at=mail.next_try_at, claimed_by=None)


class _Refused(Exception):
    """``status`` is the enhanced one (RFC 3463) if the server gave it, else made of its code."""

    def __init__(
        self, code: int, said: str, *, of_sender: bool = False, of_content: bool = False
    ) -> None:
        super().__init__(code)
        self.final, self.of_content = code >= 500 and not of_sender, of_content
        found = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", said)
        plain = "5.0.0" if code == 550 else str(code)
        self.status = (found[1] if found else plain)[:LONGEST_CODE]


def return_path(mail_id: UUID, settings: Settings) -> str:
    """Where a mail comes back to if it cannot be delivered: an address of this very mail, or empty
    when nobody reads what comes back."""
    local, at, domain = settings.mail_return.partition("@")
    return f"{local}+{return_mark(settings.secret, mail_id)}{at}{domain}" if at else ""


def _client(settings: Settings, patience: Patience) -> aiosmtplib.SMTP:
    server = urlsplit(settings.smtp_url)
    return aiosmtplib.SMTP(
        hostname=server.hostname or "",
        port=server.port or (465 if server.scheme == "smtps" else 587 if server.username else 25),
        use_tls=server.scheme == "smtps",
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        timeout=patience.answer,
    )
