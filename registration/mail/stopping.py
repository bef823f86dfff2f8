"""The link in a mail by which its reader stops all of that kind, in one click (RFC 8058).

It names the purpose and the address, as its keyed hash: it works without a login, for as long as
the mail lies in somebody's box, also when nothing else is known of the reader any more.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from itsdangerous import BadData, Signer

from registration.mail.rules import MailPurpose, needs_yes
from registration.settings import Settings

SALT = "stop"
PATH = "/unsubscribe"
LONGEST_TOKEN = 300


@dataclass(frozen=True, slots=True)
class Stop:
    """What a link stops: mail of ``purpose`` to the address with this keyed hash."""

    purpose: MailPurpose
    address_hash: str


def stop_token(stop: Stop, settings: Settings) -> str:
    """Of letters that no mail program, proxy or file server takes for something else."""
    key = urlsafe_b64encode(bytes.fromhex(stop.address_hash)).decode().rstrip("=")
    return Signer(settings.secret, salt=SALT).sign(f"{stop.purpose.value}~{key}").decode()


def stop_url(stop: Stop, settings: Settings) -> str:
    return f"{settings.base_url}{PATH}/{stop_token(stop, settings)}"


def read_stop(token: str, settings: Settings) -> Stop | None:
    """None for a link that we never made."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        said = Signer(settings.secret, salt=SALT).unsign(token).decode()
        purpose, _tilde, key = said.partition("~")
        stop = Stop(MailPurpose(purpose), urlsafe_b64decode(f"{key}=").hex())
    except (BadData, ValueError):
        return None
    return stop if needs_yes(stop.purpose) else None
