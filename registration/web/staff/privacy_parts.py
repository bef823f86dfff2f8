"""The parts of the privacy desk, and the ways between them."""

from __future__ import annotations

from starlette.requests import Request

from registration.i18n import N_, _

Part = tuple[str, str, bool]
PARTS = (
    (N_("Requests"), "/staff/privacy"),
    (N_("Restrictions"), "/staff/privacy/restrictions"),
    (N_("Holds"), "/staff/privacy/holds"),
    (N_("Retention"), "/staff/privacy/retention"),
    (N_("Record of processing"), "/staff/privacy/record"),
    (N_("Privacy notices"), "/staff/privacy/notices"),
)


def parts(request: Request) -> tuple[Part, ...]:
    """Each part: its name, its address, whether it is this page."""
    return tuple((_(label), url, url == request.url.path) for label, url in PARTS)
