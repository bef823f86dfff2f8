"""A phone of software: makes passkeys and answers with them as a browser would, or wrongly."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, generate_challenge
from webauthn.helpers import bytes_to_base64url as text

ORIGIN = "http://localhost"
HOST = "localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Device:
    """``verified``: the finger fitted; ``count``: how often the key was used."""

    origin: str = ORIGIN
    host: str = HOST
    verified: bool = True
    count: int = 0
    rising: bool = True
    user: bytes = b""
    id: bytes = field(default_factory=lambda: token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def _data(self, flags: int, more: bytes = b"") -> bytes:
        if self.rising:
            self.count += 1
        flags |= PRESENT | (VERIFIED if self.verified else 0)
        hosted = sha256(self.host.encode()).digest()
        return hosted + bytes([flags]) + self.count.to_bytes(4, "big") + more

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def make(self, options: str) -> dict[str, object]:
        """What ``navigator.credentials.create`` answers, as JSON."""
        asked = json.loads(options)
        self.user = base64url_to_bytes(asked["user"]["id"])
        point = self.key.public_key().public_numbers()
        public = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        )
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED, attested)}
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer(
            {"clientDataJSON": text(client), "attestationObject": text(cbor2.dumps(made))}
        )

    def answer(self, options: str) -> dict[str, object]:
        """What ``navigator.credentials.get`` answers, as JSON."""
        client = self._client("webauthn.get", json.loads(options)["challenge"])
        data = self._data(0)
        signed = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": text(client),
                "authenticatorData": text(data),
                "signature": text(signed),
                "userHandle": text(self.user),
            }
        )

    def _answer(self, response: dict[str, str]) -> dict[str, object]:
        return {
            "id": text(self.id),
            "rawId": text(self.id),
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }


def another_challenge(options: str) -> str:
    return json.dumps(json.loads(options) | {"challenge": text(generate_challenge())})
