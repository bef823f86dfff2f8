"""What a webhook may be told and where, how it is signed, and when it is tried again."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Annotated
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from pydantic import BeforeValidator, Field

from registration.errors import Conflict, NotFound
from registration.forms import Command, FieldRefused
from registration.i18n import N_
from registration.people.rules import clean_text

LONGEST_URL = 500
MOST_WEBHOOKS = 5
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 -- how the standard begins a secret, no secret
TIMEOUT_SECONDS = 10.0
KEPT_DAYS = 14
# As Standard Webhooks recommends: about three days in all.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+\Z")
# Addresses that hide an IPv4 address which a gateway of ours might well lead to.
_TUNNELS = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16"))


class WebhookNotFound(NotFound):
    message = N_("There is no such webhook.")


class TooManyWebhooks(Conflict):
    message = N_("Your company has {most} webhooks already. End one that is no longer needed.")


class TestUnderWay(Conflict):
    __test__ = False  # no test of pytest's
    message = N_("A test message is on its way already. Look at the deliveries in a moment.")


class Event(StrEnum):
    """What a webhook can be told of; the values are the ``type`` of its messages."""

    PLACE_CHANGED = "place.changed"
    OUTCOME_RECORDED = "outcome.recorded"
    TEST = "webhook.test"


CHOOSABLE = (Event.PLACE_CHANGED, Event.OUTCOME_RECORDED)
EVENT_NAMES: Mapping[Event, str] = {
    Event.PLACE_CHANGED: N_("A place of ours is taken, offered, confirmed or cancelled"),
    Event.OUTCOME_RECORDED: N_("Attendance or a result is recorded for a place of ours"),
    Event.TEST: N_("Test message"),
}


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class Ended(StrEnum):
    """Why a webhook no longer works."""

    BY_HAND = "by-hand"
    FAILING = "failing"
    GONE = "gone"


class Trouble(StrEnum):
    """Why a message did not arrive, where no HTTP status says so."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    ADDRESS = "address"
    ANSWER = "answer"


class WebhookGiven(Command):
    url: Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=LONGEST_URL)]
    events: Annotated[tuple[Event, ...], Field(min_length=1)]


NOT_AN_ADDRESS = N_("Give the address as https://hr.example.fi/hooks.")
NOT_HTTPS = N_("The address begins with https://, so that nobody reads along.")
NOT_PUBLIC = N_("This address is not on the public internet, so nothing can be sent there.")
NO_LOGIN = N_("Leave user name and password out of the address: each message is signed instead.")
NO_EVENT = N_("Choose what to be told of.")


def checked_url(given: str, *, loopback: bool) -> str:
    """The address as it is kept and called. ``loopback`` lets in addresses of this machine, also
    without TLS. Raises ``FieldRefused``. What its name leads to is looked at with each call."""
    try:
        parts = urlsplit(given)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    except (ValueError, UnicodeError):
        raise FieldRefused(NOT_AN_ADDRESS, code="url") from None
    local = loopback and _is_this_machine(host)
    if parts.scheme == "http" and not local:
        raise FieldRefused(NOT_HTTPS, code="url")
    if parts.scheme not in {"https", "http"} or parts.fragment or not host or port == 0:
        raise FieldRefused(NOT_AN_ADDRESS, code="url")
    if "@" in parts.netloc:
        raise FieldRefused(NO_LOGIN, code="url")
    _check_host(host, local=local)
    return _written(parts, host, port)


def _written(parts: SplitResult, host: str, port: int | None) -> str:
    netloc = f"[{host}]" if ":" in host else host
    if port is not None:
        netloc = f"{netloc}:{port}"
    safe = "/%:=&?~+!$,;'@()*[]"
    path, query = quote(parts.path or "/", safe=safe), quote(parts.query, safe=safe)
    made = urlunsplit((parts.scheme, netloc, path, query, ""))
    if len(made) > LONGEST_URL:
        raise FieldRefused(NOT_AN_ADDRESS, code="url")
    return made


def _check_host(host: str, *, local: bool) -> None:
    if local:
        return
    try:
        known = ip_address(host)
    except ValueError:
        if not _HOST.match(host) or host.rpartition(".")[2].isdigit():
            raise FieldRefused(NOT_PUBLIC, code="url") from None
        return
    if not is_public(str(known)):
        raise FieldRefused(NOT_PUBLIC, code="url")


def _is_this_machine(host: str) -> bool:
    return host == "localhost" or is_loopback(host)


def is_loopback(address: str) -> bool:
    try:
        return _plain(address).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the public internet: no private, local, reserved or
    multicast one, however it is written (IPv4 within IPv6 included)."""
    try:
        known = _plain(address)
    except ValueError:
        return False
    if isinstance(known, IPv6Address) and any(known in net for net in _TUNNELS):
        return False
    return known.is_global and not known.is_multicast and not known.is_reserved


def _plain(address: str) -> IPv4Address | IPv6Address:
    known = ip_address(address.partition("%")[0])
    mapped = known.ipv4_mapped if isinstance(known, IPv6Address) else None
    return mapped or known


def may_reach(address: str, *, loopback: bool) -> bool:
    return is_public(address) or (loopback and is_loopback(address))


def secret_text(secret: bytes) -> str:
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """The ``webhook-signature`` of Standard Webhooks 1.0.0: HMAC-SHA256 over id, time and body, so
    that a message which is sent again by somebody else is known by its id and its age."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, sha256).digest()).decode()


def next_try(tries: int, *, now: datetime) -> datetime | None:
    """When to try again after ``tries`` failures; None: give up."""
    return now + PAUSES[tries - 1] if tries <= len(PAUSES) else None
