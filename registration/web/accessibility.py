"""What can be said of how accessible these pages are: the standard, the tests, the known gaps."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration.edge import ANYONE, Endpoint, get, language, page_response, settings

# The supervising authority's own site, which explains how to complain, in each of its languages.
AUTHORITY_SITES = {
    "fi": "https://www.saavutettavuusvaatimukset.fi",
    "sv": "https://www.tillganglighetskrav.fi",
    "en": "https://www.webaccessibility.fi",
}


@dataclass(frozen=True, slots=True)
class AccessibilityPage:
    organisation: str
    email: str
    authority_url: str


async def statement(request: Request) -> Response:
    organisation = settings(request).organisation
    page = AccessibilityPage(
        organisation=organisation.name,
        email=organisation.email or organisation.privacy_email,
        authority_url=AUTHORITY_SITES[language(request)],
    )
    return page_response(request, "public/accessibility.html", page)


ROUTES: tuple[Endpoint, ...] = (get("/accessibility", statement, ANYONE, name="accessibility"),)
