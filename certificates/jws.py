"""Compact JSON Web Signatures (RFC 7515) by the key that seals the files, read in one form only.

Base64 and elliptic signatures can each be written in several ways that say the same; of these one
is ours, so that a token that was touched never passes.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from certificates.cms import is_signed, sign_bytes
from certificates.document import CertificateError
from certificates.key import PrivateKey, PublicKey

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
MAX_TOKEN: Final = 64 * 1024
_ALGORITHMS: Final = {"secp256r1": "ES256", "secp384r1": "ES384"}


class BadToken(CertificateError):
    """Not a token as we write it."""


def algorithm_of(key: PrivateKey | PublicKey) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return _ALGORITHMS[key.curve.name]
    return "RS256"


def _digest_of(key: PrivateKey | PublicKey) -> hashes.HashAlgorithm:
    return hashes.SHA384() if algorithm_of(key) == "ES384" else hashes.SHA256()


def write_token(header: Mapping[str, Json], payload: Mapping[str, Json], key: PrivateKey) -> str:
    """``header`` without ``alg``, which the key decides."""
    head = {"alg": algorithm_of(key), **header}
    signed = f"{_encode(_json(head))}.{_encode(_json(payload))}"
    signature = sign_bytes(signed.encode(), key, _digest_of(key))
    if isinstance(key, ec.EllipticCurvePrivateKey):
        width = (key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(signature)
        signature = r.to_bytes(width, "big") + s.to_bytes(width, "big")
    return f"{signed}.{_encode(signature)}"


def read_token(token: str) -> tuple[dict[str, Json], dict[str, Json]]:
    """Header and payload; nothing is verified. Raises ``BadToken``."""
    if len(token) > MAX_TOKEN or not COMPACT.fullmatch(token):
        raise BadToken("no token")
    header, payload, signature = token.split(".")
    _decode(signature)
    return _object(_decode(header)), _object(_decode(payload))


def is_token_signed(token: str, key: PublicKey) -> bool:
    """Whether ``write_token`` made it with this key, byte by byte. Raises ``BadToken``."""
    header, _ = read_token(token)
    if header.get("alg") != algorithm_of(key) or "crit" in header:
        return False
    signed, _, encoded = token.rpartition(".")
    signature = _decode(encoded)
    if isinstance(key, ec.EllipticCurvePublicKey):
        width = (key.curve.key_size + 7) // 8
        if len(signature) != 2 * width:
            return False
        r, s = (int.from_bytes(half, "big") for half in (signature[:width], signature[width:]))
        signature = encode_dss_signature(r, s)
    return is_signed(signed.encode(), signature, key, _digest_of(key))


def _json(content: Mapping[str, Json]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _object(content: bytes) -> dict[str, Json]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadToken("not JSON") from error
    if not isinstance(found, dict):
        raise BadToken("no object")
    return found


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadToken("not base64url") from error
    if _encode(content) != text:
        raise BadToken("another way to write the same")
    return content
