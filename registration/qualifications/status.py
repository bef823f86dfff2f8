"""Which certificates were revoked, as a list that anyone may fetch without saying whose they check
(W3C Bitstring Status List v1.0)."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable
from datetime import datetime, timedelta

from certificates.badge import issuer_id
from certificates.document import Issuer
from certificates.jws import Json
from registration.errors import NotFound
from registration.i18n import N_
from registration.qualifications import keys
from registration.qualifications.models import Certificate, RevokedPlace
from registration.qualifications.rules import clip
from registration.settings import Settings

# The standard's least size: among so many nobody is singled out by who fetches the list.
SIZE = 131_072
# A copy older than this is refused by who checks: an old one would un-revoke.
GOOD_FOR = timedelta(days=1)
REFRESH = timedelta(minutes=5)


class NoSuchList(NotFound):
    message = N_("There is no such list.")


def list_url(number: int, settings: Settings) -> str:
    return f"{settings.base_url}/verify/status/{number}"


def status_entry(index: int | None, settings: Settings) -> str | None:
    """Where a certificate stands in the lists, as its badge says it; None: in none."""
    if index is None:
        return None
    number, place = divmod(index, SIZE)
    return f"{list_url(number, settings)}#{place}"


async def status_list(number: int, *, settings: Settings, now: datetime) -> bytes:
    """List ``number`` as a credential (compact JWT) signed by the organisation. Raises
    ``NoSuchList`` for one in which no certificate has a place, unless it is the first."""
    first = number * SIZE
    here = Certificate.filter(status_index__gte=first, status_index__lt=first + SIZE)
    if number and not await here.exists():
        raise NoSuchList
    revoked = await here.filter(revoked_at__isnull=False).values_list("status_index", flat=True)
    gone = await RevokedPlace.filter(
        status_index__gte=first, status_index__lt=first + SIZE
    ).values_list("status_index", flat=True)
    places = [int(str(index)) - first for index in (*revoked, *gone)]
    issuer = Issuer(clip(settings.organisation.name, 120), url=settings.base_url)
    signing = await keys.tokens(settings, now=now)
    payload = _credential(number, places, issuer=issuer, settings=settings, now=now)
    return signing.credential(payload, issuer=issuer)


def _credential(
    number: int, places: Iterable[int], *, issuer: Issuer, settings: Settings, now: datetime
) -> dict[str, Json]:
    url = list_url(number, settings)
    begins = now.replace(microsecond=0)
    ends = begins + GOOD_FOR
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_id(issuer),
        "validFrom": begins.isoformat(),
        "validUntil": ends.isoformat(),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(places),
            "ttl": int(REFRESH.total_seconds() * 1000),
        },
        "iss": issuer_id(issuer),
        "jti": url,
        "sub": f"{url}#list",
        "nbf": int(begins.timestamp()),
        "exp": int(ends.timestamp()),
    }


def encoded(places: Iterable[int]) -> str:
    """The list's bits, the first place in the highest bit of the first byte: compressed, base64url
    after the letter that says so (multibase)."""
    bits = bytearray(SIZE // 8)
    for place in places:
        bits[place // 8] |= 0x80 >> place % 8
    # Without a time in it the same list is the same text.
    packed = gzip.compress(bytes(bits), mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
