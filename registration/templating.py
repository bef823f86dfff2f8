"""The Jinja environment: autoescape, no undefined names, messages and formats of the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from registration import i18n

# One seat of 7 x 8 with round corners, from where its top edge begins.
SEAT = "h3a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2h-3a2 2 0 0 1-2-2v-4a2 2 0 0 1 2-2z"
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


def icon_set(paths: Mapping[str, str]) -> Callable[[str], Markup]:
    """Each icon is drawn once: a page asks for dozens."""
    drawn = {
        name: Markup(  # noqa: S704 -- the paths stand in our own template
            '<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"'
            f' focusable="false"><path d="{path}"/></svg>'
        )
        for name, path in paths.items()
    }
    return drawn.__getitem__


@lru_cache(maxsize=1024)
def seat_rows(taken: int, seats: int) -> Markup:
    """``seats`` in two rows as in a carriage, filled from the front: two outlines, whatever the
    number."""

    def outline(numbers: range) -> str:
        return "".join(
            f"M{number // 2 * 11 + 7} {18 if number % 2 else 5}{SEAT}" for number in numbers
        )

    taken = min(taken, seats)
    return Markup(  # noqa: S704 -- made of numbers
        f'<path class="taken" d="{outline(range(taken))}"/>'
        f'<path class="free" d="{outline(range(taken, seats))}"/>'
    )


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
        foreign=i18n.foreign_language,
    )
    env.globals.update(when=i18n.format_when, icon_set=icon_set, seat_rows=seat_rows)
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
