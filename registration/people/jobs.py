"""Asking for the yes that was ticked, and sending what was said yes to."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.people import asking, gate, mailings
from registration.people.legacy import note_addresses
from registration.schedule import Job
from registration.settings import Settings

# Imported with the jobs, so that it stands wherever mail is sent.
GATE = gate.allowed


async def ask(settings: Settings) -> int:
    return await asking.ask_due(settings, now=clock.now())


async def note(settings: Settings) -> int:
    return await note_addresses(settings)


async def send_mailings(settings: Settings) -> int:
    return await mailings.send_mailings(settings, now=clock.now())


async def forget_mailings(_settings: Settings) -> int:
    return await mailings.forget_texts(now=clock.now())


JOBS = (
    Job("ask-to-confirm", ask, every=timedelta(minutes=5), wake_on=asking.on_tick),
    Job(
        "send-mailings",
        send_mailings,
        every=timedelta(minutes=1),
        wake_on=mailings.on_started,
    ),
    Job("forget-mailings", forget_mailings, every=timedelta(hours=6)),
    Job("note-addresses", note, every=timedelta(hours=6)),
)
