"""A real SMTP server on loopback that does what a test tells it, at the stage it is told to."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.conftest import free_port

OK = "250 Fine"
# What a server may do instead of answering: end the connection, or say nothing for long.
DROP, HANG = "drop", "hang"


@dataclass(slots=True)
class Unruly:
    """``script``: by stage (``MAIL``, ``RCPT``, ``DATA``) what is done with one recipient; each
    answer is used once. ``taken`` are the mails whose content it has, whatever it said then."""

    script: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    taken: list[Message] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    connections: int = 0
    pause: float = 0.0
    arrived: threading.Event = field(default_factory=threading.Event)

    def will(self, stage: str, address: str, *answers: str) -> None:
        self.script.setdefault(stage, {})[address] = list(answers)

    @property
    def copies(self) -> Counter[str]:
        """How often it has each mail, by Message-ID."""
        return Counter(str(message["Message-ID"]) for message in self.taken)

    async def _answer(self, server: SMTP, stage: str, address: str) -> str:
        waiting = self.script.get(stage, {}).get(address, [])
        answer = waiting.pop(0) if waiting else OK
        if answer == DROP:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        if answer == HANG:
            await asyncio.sleep(3600)
        return answer

    async def handle_EHLO(
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, lines: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return lines

    async def handle_MAIL(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _given: list[str]
    ) -> str:
        answer = await self._answer(server, "MAIL", "")
        envelope.mail_from = address
        return answer

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _given: list[str]
    ) -> str:
        answer = await self._answer(server, "RCPT", address)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append(message_from_bytes(envelope.content))
        self.senders.append(str(envelope.mail_from))
        self.arrived.set()
        await asyncio.sleep(self.pause)
        answer = await self._answer(server, "DATA", envelope.rcpt_tos[0])
        if answer[0] in "45":
            self.taken.pop()
        return answer


class _Controller(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="mail.example", enable_SMTPUTF8=True)


@contextmanager
def unruly_server() -> Iterator[tuple[str, Unruly]]:
    """The value for ``smtp_url``, and the server's mind."""
    mind = Unruly()
    controller = _Controller(mind, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}", mind
    controller.stop()
