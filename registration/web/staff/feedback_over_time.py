"""What was said over time: to see what to improve, and as a file (P9, P18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration.catalogue import queries as catalogue
from registration.edge import Endpoint, get, page_response
from registration.feedback.queries import Over, over_time
from registration.feedback.rules import COMMON, Question, Way
from registration.feedback.sheets import SheetRow, write_csv, write_xlsx
from registration.i18n import _, format_date, text_in
from registration.web.feedback_form import WORDS
from registration.web.feedback_results import WAY_NAMES, mean_text
from registration.web.staff.desk import STAFF, Desk, desk

MOST = 200
# The chart's columns: so many of one training can be told apart on a phone.
DRAWN = 12
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class OverRow:
    """One session or event by one way; ``means`` are in the order of the questions, empty where
    nobody answered."""

    title: str
    path: str
    when: str
    way: str
    answers: int
    means: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OverTimePage:
    """``drawn`` are (day, mean as a number, mean as text) of one training, the oldest first."""

    desk: Desk
    training: str
    trainings: tuple[tuple[str, str], ...]
    questions: tuple[str, ...]
    rows: tuple[OverRow, ...]
    drawn: tuple[tuple[str, float, str], ...]
    files: str


async def show(request: Request) -> Response:
    training = _training(request)
    found = await over_time(training, limit=MOST)
    page = OverTimePage(
        desk(request),
        str(training or ""),
        tuple(
            (str(each.id), text_in(each.title))
            for each in await catalogue.trainings(published_only=False)
        ),
        tuple(_(WORDS[question]) for question in COMMON),
        tuple(row for each in found for row in _rows(each)),
        tuple(_drawn(found)) if training else (),
        f"?training={training}" if training else "",
    )
    return page_response(request, "staff/feedback_over_time.html", page)


def _training(request: Request) -> UUID | None:
    """The one that is asked for; what is no id is none."""
    try:
        return UUID(request.query_params.get("training", ""))
    except ValueError:
        return None


def _rows(over: Over) -> list[OverRow]:
    offering = over.offering
    return [
        OverRow(
            text_in(offering.title),
            f"/staff/{offering.kind}s/{offering.id}/feedback",
            format_date(offering.starts_at, zone=ZoneInfo(offering.zone)),
            _(WAY_NAMES[part.way]),
            part.read,
            tuple(mean_text(each) for each in part.tallies if each.question in COMMON),
        )
        for part in over.results.parts
        if part.read
    ]


def _drawn(found: list[Over]) -> list[tuple[str, float, str]]:
    """How the newest were as a whole, as those said who had a place."""
    drawn = []
    for over in found[:DRAWN]:
        for each in over.results.part(Way.PLACE).tallies:
            if each.question is Question.OVERALL and each.mean is not None:
                day = over.offering.starts_at.astimezone(ZoneInfo(over.offering.zone))
                drawn.append((f"{day.day}.{day.month}.", each.mean, mean_text(each)))
    return drawn[::-1]


async def csv_file(request: Request) -> Response:
    content = write_csv(await _sheet(request), _headings())
    return _file(content, "text/csv; charset=utf-8", "csv")


async def xlsx_file(request: Request) -> Response:
    content = write_xlsx(await _sheet(request), _headings(), title=_("Feedback"))
    return _file(content, XLSX, "xlsx")


def _file(content: bytes, kind: str, ending: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="feedback.{ending}"'}
    return Response(content, media_type=kind, headers={**NO_STORE, **disposition})


def _headings() -> tuple[str, ...]:
    return (
        _("Training or event"),
        _("First day"),
        _("How it came"),
        _("Question"),
        _("Answers"),
        _("Mean"),
        *("1", "2", "3", "4", "5"),
    )


async def _sheet(request: Request) -> list[SheetRow]:
    """A row for each question: figures only, what people wrote is in no file."""
    return [
        SheetRow(
            text_in(over.offering.title),
            _day(over),
            _(WAY_NAMES[part.way]),
            _(WORDS[tally.question]),
            tally.answers,
            tally.mean,
            tally.counts,
        )
        for over in await over_time(_training(request), limit=MOST)
        for part in over.results.parts
        for tally in part.tallies
        if tally.question in COMMON
    ]


def _day(over: Over) -> date:
    return over.offering.starts_at.astimezone(ZoneInfo(over.offering.zone)).date()


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/feedback", show, STAFF),
    get("/staff/feedback.csv", csv_file, STAFF),
    get("/staff/feedback.xlsx", xlsx_file, STAFF),
)
