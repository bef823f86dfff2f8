"""Searching the ledger from a page. Names are posted and become ids: an address and a log hold
pseudonymous ids alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request

from registration.accounts.finding import accounts_by
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import Sought
from registration.companies import queries as companies
from registration.edge import PageNotFound, Posted
from registration.errors import FieldError
from registration.forms import Form
from registration.i18n import DEFAULT_ZONE, N_, _, format_date, text_in
from registration.ledger.rules import Act
from registration.ledger.search import Wanted
from registration.ledger.words import SENTENCES
from registration.people.overview import found_by
from registration.teaching.queries import recipients
from registration.web.staff.ledger_names import Names, named

MOST_CHOICES = 12
LONGEST = 200
NOBODY = N_("Nobody and nothing is known by these words.")
NO_DATE = N_("Give a date, as 2026-04-01.")
REVERSED = N_("This is before the first day.")
# What is typed as words and stands in the address as an id.
LABELS: Mapping[str, str] = {
    "who": N_("Who did it"),
    "whose": N_("Whose data"),
    "about": N_("Session or event"),
    "given_to": N_("Given to"),
}
Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for, as the address says it: days are local, ``until`` is the last."""

    since: date | None = None
    until: date | None = None
    act: str = ""
    ids: Mapping[str, UUID] = field(default_factory=dict)

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            since=_midnight(self.since) if self.since else None,
            until=_midnight(self.until + timedelta(days=1)) if self.until else None,
            act=self.act,
            actor_id=self.ids.get("who"),
            subject_id=self.ids.get("whose"),
            object_id=self.ids.get("about"),
            recipient_id=self.ids.get("given_to"),
        )

    def address(self, path: str, **more: str) -> str:
        said = {
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "act": self.act,
            **{name: str(each) for name, each in self.ids.items()},
            **more,
        }
        query = urlencode({name: text for name, text in said.items() if text})
        return f"{path}?{query}" if query else path

    def without(self, name: str) -> Asked:
        return replace(self, ids={key: each for key, each in self.ids.items() if key != name})


@dataclass(frozen=True, slots=True)
class SearchPart:
    """The search as a page shows it. ``names`` are the fields for words; ``chosen`` are label,
    name, and the address without it; ``choices`` label and who or what the words may mean."""

    form: Form
    action: str
    names: tuple[Choice, ...]
    acts: tuple[Choice, ...]
    chosen: tuple[tuple[str, str, str], ...]
    choices: tuple[tuple[str, tuple[Choice, ...]], ...]
    files: tuple[Choice, ...]
    narrowed: bool


def read_asked(request: Request, names: Sequence[str]) -> Asked:
    """Raises ``PageNotFound`` for an address that none of our pages leads to."""
    given = request.query_params
    try:
        return _asked(given, names)
    except ValueError:
        raise PageNotFound from None


def _asked(given: Mapping[str, str], names: Sequence[str]) -> Asked:
    act = given.get("act", "")
    return Asked(
        since=date.fromisoformat(given["since"]) if given.get("since") else None,
        until=date.fromisoformat(given["until"]) if given.get("until") else None,
        act=Act(act).value if act else "",
        ids={name: UUID(given[name]) for name in names if given.get(name)},
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=DEFAULT_ZONE)


async def understood(
    posted: Posted, names: Sequence[str]
) -> tuple[Asked, list[FieldError], dict[str, dict[UUID, str]]]:
    """What was posted: as far as it is clear, what is wrong with it, and for words that may mean
    several, what they may mean."""
    errors: list[FieldError] = []
    days: dict[str, date] = {}
    for name in ("since", "until"):
        try:
            if text := posted.get(name, "").strip():
                days[name] = date.fromisoformat(text)
        except ValueError:
            errors.append(FieldError(name, "date_parsing", NO_DATE))
    if len(days) == 2 and days["until"] < days["since"]:
        errors.append(FieldError("until", "reversed", REVERSED))
    act = posted.get("act", "")
    ids: dict[str, UUID] = {}
    unclear: dict[str, dict[UUID, str]] = {}
    for name in names:
        words = posted.get(name, "").strip()[:LONGEST]
        kept = _id(posted.get(f"{name}_id", ""))
        if not words and kept:
            ids[name] = kept
        if not words:
            continue
        found = await _meant(name, words)
        if len(found) == 1:
            ids[name] = next(iter(found))
        elif found:
            unclear[name] = found
        else:
            errors.append(FieldError(name, "unknown", NOBODY))
    known = act if act in SENTENCES else ""
    return Asked(days.get("since"), days.get("until"), known, ids), errors, unclear


def _id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


async def _meant(name: str, words: str) -> dict[UUID, str]:
    """Who or what these words may mean; an id means itself."""
    if given := _id(words):
        return {given: words}
    limit = MOST_CHOICES
    if name == "about":
        sought = Sought(words=words, states=())
        sessions = {
            line.id: f"{text_in(line.training.title)}, {format_date(line.starts_at)}"
            for line in (await catalogue.sessions(sought))[-limit:]
        }
        events = {
            line.id: f"{text_in(line.title)}, {format_date(line.starts_at)}"
            for line in (await catalogue.events(sought))[-limit:]
        }
        return sessions | events
    if name == "given_to":
        given_to = {line.id: line.name for line in await recipients()}
        given_to |= {line.id: line.name for line in await companies.companies()}
        folded = words.casefold()
        found = [(key, text) for key, text in given_to.items() if folded in text.casefold()]
        return dict(found[:limit])
    accounts = await accounts_by(words, limit=limit)
    if name == "who":
        return accounts
    return accounts | await found_by(words, limit=limit)


async def search_part(
    asked: Asked,
    *,
    path: str,
    names: Sequence[str],
    form: Form | None = None,
    unclear: Mapping[str, Mapping[UUID, str]] | None = None,
    with_acts: bool,
) -> SearchPart:
    known: Names = await named(asked.ids.values())
    values = {
        "since": asked.since.isoformat() if asked.since else "",
        "until": asked.until.isoformat() if asked.until else "",
        "act": asked.act,
        **{f"{name}_id": str(each) for name, each in asked.ids.items()},
    }
    return SearchPart(
        form=form or Form(values),
        action=path,
        names=tuple((name, _(LABELS[name])) for name in names),
        acts=tuple(sorted(((act, _(text)) for act, text in SENTENCES.items()), key=_by_text))
        if with_acts
        else (),
        chosen=tuple(
            (_(LABELS[name]), known.of(each).text, asked.without(name).address(path))
            for name, each in asked.ids.items()
        ),
        choices=tuple(
            (
                _(LABELS[name]),
                tuple(
                    (text, replace(asked, ids={**asked.ids, name: each}).address(path))
                    for each, text in meant.items()
                ),
            )
            for name, meant in (unclear or {}).items()
        ),
        files=tuple(
            (kind.upper(), asked.address(f"{path}.{kind}")) for kind in ("csv", "xlsx", "json")
        ),
        narrowed=asked != Asked(),
    )


def _by_text(choice: Choice) -> str:
    return choice[1].casefold()
