"""What the key signs besides the file: the badge, and the claim that the QR code carries."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Final

from certificates.badge import badge_of, key_address
from certificates.claims import Claims, UnreadableClaims
from certificates.document import CertificateDocument, Issuer
from certificates.jws import Json, write_token
from certificates.key import SigningKey, jwk_of, kid_of, load

# Of the key's thumbprint: enough to find it among the few that an organisation has.
KID_LETTERS: Final = 8
MAX_QR: Final = 790
ADDRESS_LETTERS: Final = 16
# In bytes of UTF-8: the whole must fit a code that still scans from a card.
_NAME, _TITLE, _ISSUER = 90, 48, 40


class Tokens:
    """A key that is loaded and ready to sign JSON. Raises ``UnusableKey``."""

    def __init__(self, key: SigningKey) -> None:
        loaded = load(key)
        self._private = loaded.private
        self._jwk: dict[str, Json] = dict(jwk_of(loaded.private.public_key()))
        self.kid = kid_of(loaded.certificate)

    def complete(self, document: CertificateDocument) -> CertificateDocument:
        """The document with its badge, and with what its QR code says."""
        return replace(document, badge=self.badge(document), qr_text=self.qr_text(document))

    def badge(self, document: CertificateDocument) -> bytes:
        """An Open Badges 3.0 credential as a compact JWT (section 8.2)."""
        return self.credential(badge_of(document), issuer=document.issuer)

    def credential(self, payload: Mapping[str, Json], *, issuer: Issuer) -> bytes:
        """Any credential of the organisation, signed the way its badges are."""
        header: dict[str, Json] = {
            "typ": "JWT",
            "kid": key_address(issuer, self.kid),
            "jwk": self._jwk,
        }
        return write_token(header, payload, self._private).encode()

    def qr_text(self, document: CertificateDocument) -> str:
        """The address of the verification page, and after ``#``, which no browser sends on, a
        signed claim for whoever has no network. Without the claim if both are too much for a
        code that can be scanned (long RSA signatures)."""
        claim = write_token({"kid": self.kid[:KID_LETTERS]}, _claim_of(document), self._private)
        text = f"{document.verify_url}#{claim}"
        return text if len(text) <= MAX_QR else document.verify_url


def _claim_of(document: CertificateDocument) -> dict[str, Json]:
    claim: dict[str, Json] = {
        "n": document.number,
        "p": _clipped(document.person_name, _NAME),
        "t": _clipped(document.training_title, _TITLE),
        "d": document.days[-1].isoformat(),
        "i": _clipped(document.issuer.name, _ISSUER),
        "a": address_mark(document.verify_url),
    }
    if document.valid_until is not None:
        claim["u"] = document.valid_until.isoformat()
    return claim


def address_mark(url: str) -> str:
    """Ties a claim to the address before it, which would else be anyone's."""
    return sha256(url.encode()).hexdigest()[:ADDRESS_LETTERS]


def read_claim(payload: Mapping[str, Json], *, url: str) -> Claims:
    """What a QR code certifies. Raises ``UnreadableClaims``, for another's address too."""
    texts = {name: payload.get(name) for name in ("n", "p", "t", "d", "i", "a")}
    until = payload.get("u")
    found = {name: text for name, text in texts.items() if isinstance(text, str)}
    if len(found) != len(texts) or not isinstance(until, str | None):
        raise UnreadableClaims("a field is missing")
    if found["a"] != address_mark(url):
        raise UnreadableClaims("another address")
    try:
        last = date.fromisoformat(found["d"])
        ends = date.fromisoformat(until) if until is not None else None
    except ValueError as error:
        raise UnreadableClaims("a date") from error
    return Claims(
        number=found["n"],
        person_name=found["p"],
        training_title=found["t"],
        days=(last,),
        issued_on=None,
        valid_until=ends,
        issuer=found["i"],
        language=None,
        company=None,
        grade=None,
        qualifies_for=None,
        verify_url=url,
    )


def _clipped(text: str, most: int) -> str:
    """At most so many bytes of UTF-8, ending in an ellipsis where something was left out."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore").rstrip() + "…"
