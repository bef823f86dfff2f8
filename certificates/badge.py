"""The certificate as an Open Badges 3.0 credential: what its JSON says, and what is read from it.

The credential itself is the token's payload, with the claims that section 8.2 of the standard asks
for beside it.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from certificates.claims import Claims, UnreadableClaims
from certificates.document import CertificateDocument, Issuer
from certificates.jws import Json

CONTEXTS: Final = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
)
KEYS_PATH: Final = "/.well-known/jwks.json"
_SCHEMA: Final = (
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)
# A day begins for the credential when it has begun in Finland, summer or winter, and ends when it
# has ended there.
_BEGINS: Final = timezone(timedelta(hours=3))
_ENDS: Final = timezone(timedelta(hours=2))
_LAST_MOMENT: Final = time(23, 59, 59)


def issuer_id(issuer: Issuer) -> str:
    """``did:web`` where the organisation's address is https (the keys are found at its
    ``did.json``), else the address itself; a name without an address has an id of its own."""
    if issuer.url is None:
        return f"urn:uuid:{uuid5(NAMESPACE_URL, issuer.name)}"
    return did_of(issuer.url) or issuer.url


def did_of(url: str) -> str | None:
    """The ``did:web`` of an https address without a user in it; None for any other."""
    parts = urlsplit(url)
    if parts.scheme != "https" or "@" in parts.netloc:
        return None
    path = [quote(part, safe="") for part in parts.path.split("/") if part]
    return ":".join(["did:web", quote(parts.netloc, safe=""), *path])


def key_address(issuer: Issuer, kid: str) -> str:
    """Where the public key is found: the token's ``kid``."""
    if issuer.url is None:
        return kid
    did = did_of(issuer.url)
    return f"{did}#{kid}" if did else f"{issuer.url}{KEYS_PATH}#{kid}"


def badge_of(document: CertificateDocument) -> dict[str, Json]:
    """The token's payload: the credential, and the claims of RFC 7519 that repeat parts of it."""
    begins = datetime.combine(document.issued_on, time(), _BEGINS)
    credential_id = f"urn:uuid:{uuid5(NAMESPACE_URL, document.verify_url)}"
    subject_id = f"urn:uuid:{uuid5(NAMESPACE_URL, document.verify_url + '#holder')}"
    issuer = issuer_id(document.issuer)
    payload: dict[str, Json] = {
        "@context": [*CONTEXTS],
        "id": credential_id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": document.training_title,
        "issuer": _profile(document.issuer, issuer),
        "validFrom": begins.isoformat(),
        "credentialSubject": {"id": subject_id, **_subject(document, issuer)},
        "evidence": [{"id": document.verify_url, "type": ["Evidence"]}],
        "credentialSchema": [{"id": _SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "iss": issuer,
        "sub": subject_id,
        "jti": credential_id,
        "nbf": int(begins.timestamp()),
    }
    if document.valid_until is not None:
        ends = datetime.combine(document.valid_until, _LAST_MOMENT, _ENDS)
        payload["validUntil"] = ends.isoformat()
        payload["exp"] = int(ends.timestamp())
    if document.status_entry is not None:
        payload["credentialStatus"] = _status(document.status_entry)
    return payload


def _profile(issuer: Issuer, profile_id: str) -> dict[str, Json]:
    profile: dict[str, Json] = {"id": profile_id, "type": ["Profile"], "name": issuer.name}
    if issuer.url is not None:
        profile["url"] = issuer.url
    return profile


def _subject(document: CertificateDocument, issuer: str) -> dict[str, Json]:
    subject: dict[str, Json] = {
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": document.person_name,
                "identityType": "name",
            }
        ],
        "licenseNumber": document.number,
        "activityStartDate": _midnight(document.days[0]),
        "activityEndDate": _midnight(document.days[-1]),
        "achievement": {
            "id": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{issuer} {document.training_title}')}",
            "type": ["Achievement"],
            "achievementType": "Certificate",
            "name": document.training_title,
            "description": document.training_aims
            or document.qualifies_for
            or document.training_title,
            "criteria": {"narrative": document.qualifies_for or document.training_title},
            "inLanguage": document.language.value,
        },
    }
    if document.grade is not None:
        subject["result"] = [{"type": ["Result"], "value": document.grade}]
    return subject


def _status(entry: str) -> dict[str, Json]:
    """``entry`` is the list's address with the place in it after ``#``."""
    address, _, index = entry.rpartition("#")
    return {
        "id": entry,
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": index,
        "statusListCredential": address,
    }


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat().replace("+00:00", "Z")


def read_badge(payload: Mapping[str, Json]) -> Claims:
    """What a badge of ours certifies. Raises ``UnreadableClaims``."""
    subject = _mapping(payload, "credentialSubject")
    achievement = _mapping(subject, "achievement")
    identifiers = subject.get("identifier")
    if not isinstance(identifiers, list) or not identifiers:
        raise UnreadableClaims("identifier")
    holder = identifiers[0]
    if not isinstance(holder, dict) or holder.get("identityType") != "name":
        raise UnreadableClaims("identifier")
    first, last = (_day(subject, name) for name in ("activityStartDate", "activityEndDate"))
    until = payload.get("validUntil")
    return Claims(
        number=_text(subject, "licenseNumber"),
        person_name=_text(holder, "identityHash"),
        training_title=_text(achievement, "name"),
        days=(first,) if first == last else (first, last),
        issued_on=_day(payload, "validFrom"),
        valid_until=_day(payload, "validUntil") if until is not None else None,
        issuer=_text(_mapping(payload, "issuer"), "name"),
        language=_text(achievement, "inLanguage"),
        company=None,
        grade=_grade(subject),
        qualifies_for=None,
        verify_url=_evidence(payload),
    )


def _mapping(content: Mapping[str, Json], name: str) -> dict[str, Json]:
    found = content.get(name)
    if not isinstance(found, dict):
        raise UnreadableClaims(name)
    return found


def _text(content: Mapping[str, Json], name: str) -> str:
    found = content.get(name)
    if not isinstance(found, str):
        raise UnreadableClaims(name)
    return found


def _day(content: Mapping[str, Json], name: str) -> date:
    try:
        return date.fromisoformat(_text(content, name)[:10])
    except ValueError as error:
        raise UnreadableClaims(name) from error


def _grade(subject: Mapping[str, Json]) -> str | None:
    results = subject.get("result")
    if not isinstance(results, list) or not results or not isinstance(results[0], dict):
        return None
    return _text(results[0], "value")


def _evidence(payload: Mapping[str, Json]) -> str | None:
    evidence = payload.get("evidence")
    if not isinstance(evidence, list) or not evidence or not isinstance(evidence[0], dict):
        return None
    return _text(evidence[0], "id")
