"""Which page of a long list is asked for."""

from __future__ import annotations

from starlette.requests import Request


def page_number(request: Request, name: str = "page") -> int:
    """Counted from 1; what is no number is the first."""
    text = request.query_params.get(name, "1")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
