"""Checking a certificate offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from registration.commands.frame import say, stop

if TYPE_CHECKING:
    from certificates.verify import Verdict


def verify(
    file: Annotated[Path, typer.Argument(help="A PDF, a badge, or the text of a QR code.")],
    key: Annotated[
        Path | None, typer.Option(help="The signer's certificates, from /verify/key.pem.")
    ] = None,
) -> None:
    """Check a certificate offline: exit 0 valid, 1 not, 2 unreadable."""
    from certificates.verify import MAX_SIZE, State, UnusableCertificate
    from certificates.verify import verify as check
    from registration import clock
    from registration.i18n import DEFAULT_ZONE

    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_SIZE + 1)
        trusted = key.read_bytes() if key else None
    except OSError as missing:
        stop(f"cannot read {missing.filename}: {missing.strerror}", code=2)
    try:
        verdict = check(content, trusted, today=clock.now().astimezone(DEFAULT_ZONE).date())
    except UnusableCertificate as unusable:
        stop(f"cannot use {key}: {unusable}", code=2)
    if verdict.state is State.VALID:
        for line in _certified(verdict):
            say(line)
        return
    code = 2 if verdict.state is State.UNREADABLE else 1
    stop(f"{verdict.state.value}: {_why(verdict)}", code=code)


def _why(verdict: Verdict) -> str:
    from certificates.verify import Reason

    reason = verdict.reason.value if verdict.reason else ""
    if verdict.reason is Reason.EXPIRED and verdict.claims and verdict.claims.valid_until:
        reason += f" on {verdict.claims.valid_until}"
    elif verdict.reason is Reason.REUSED and verdict.numbers:
        reason += f" ({', '.join(map(_plain, verdict.numbers))})"
    elif verdict.reason is Reason.SIGNER_NOT_CHECKED:
        reason += "; give --key FILE, as the organisation publishes it at /verify/key.pem"
    return reason


def _certified(verdict: Verdict) -> list[str]:
    claims = verdict.claims
    assert claims is not None  # noqa: S101 -- narrows the type for mypy
    days = [claims.days[0].isoformat(), *(day.isoformat() for day in claims.days[1:])]
    shown = {
        "number": claims.number,
        "holder": claims.person_name,
        "company": claims.company,
        "training": claims.training_title,
        "qualifies for": claims.qualifies_for,
        "grade": claims.grade,
        "days": ", ".join(days),
        "issued": f"{claims.issued_on or ''} by {claims.issuer}".strip(),
        "valid until": claims.valid_until.isoformat() if claims.valid_until else "no end is set",
        "signed by": verdict.signer,
        "signed at": f"{verdict.signed_at:%Y-%m-%d %H:%M %Z}" if verdict.signed_at else None,
        "time stamp": f"{verdict.stamp.at:%Y-%m-%d %H:%M %Z} by {verdict.stamp.authority}, which "
        "was not checked"
        if verdict.stamp
        else None,
        "status": "not checked: whether it was revoked is seen at "
        + (claims.verify_url or "the organisation's verification page"),
    }
    lines = [f"valid {verdict.kind.value}: what follows was certified, and nothing else"]
    return lines + [f"  {word:<14} {_plain(text)}" for word, text in shown.items() if text]


def _plain(text: str) -> str:
    """On one line, and without what a terminal would act on."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
