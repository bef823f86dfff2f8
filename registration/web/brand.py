"""The organisation's own colour and marks."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from registration.edge import ANYONE, PageNotFound, get, settings
from registration.templating import STATIC

HOUR = {"Cache-Control": "public, max-age=3600"}


async def style(request: Request) -> Response:
    """One rule; its value was checked to be a colour when the settings were read."""
    rule = f":root{{--brand:{settings(request).organisation.brand}}}\n"
    return Response(rule, media_type="text/css", headers=HOUR)


async def logo(request: Request) -> Response:
    path = settings(request).organisation.logo
    if path is None or not path.is_file():
        raise PageNotFound
    return FileResponse(path, headers=HOUR)


async def favicon(_request: Request) -> Response:
    return FileResponse(STATIC / "icon.svg", headers=HOUR)


ROUTES = (
    get("/brand.css", style, ANYONE),
    get("/brand/logo", logo, ANYONE),
    get("/favicon.svg", favicon, ANYONE),
    get("/favicon.ico", favicon, ANYONE),
)
