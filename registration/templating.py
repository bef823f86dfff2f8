"""The Jinja environment: autoescape, no undefined names, messages and formats of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from registration import i18n

PACKAGE = Path(__file__).parent
STATIC = PACKAGE / "static"
# An installed wheel carries the templates inside the package; a checkout has them beside it.
TEMPLATES = next(
    folder for folder in (PACKAGE / "templates", PACKAGE.parent / "templates") if folder.is_dir()
)


@cache
def asset(path: str) -> str:
    """The address of a static file, changed whenever its bytes change."""
    digest = sha256((STATIC / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={digest}"


@cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]  # the i18n extension adds it
        i18n.gettext, i18n.ngettext, newstyle=True
    )
    env.globals["asset"] = asset
    env.filters.update(
        date=i18n.format_date,
        time=i18n.format_time,
        moment=i18n.format_moment,
        weekday=i18n.format_weekday,
        money=i18n.format_money,
        number=i18n.format_number,
        text=i18n.text_in,
        text_language=i18n.text_language,
    )
    env.globals["when"] = i18n.format_when
    return env


def render(template: str, context: Mapping[str, object]) -> str:
    """A template's text, in the language now spoken."""
    return environment().get_template(template).render(context)


def render_plain(template: str, context: Mapping[str, object]) -> str:
    """A plain-text template's text: nothing is escaped, trailing spaces go."""
    text = _plain_environment().get_template(template).render(context)
    return "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"


@cache
def _plain_environment() -> Environment:
    return environment().overlay(autoescape=False)
