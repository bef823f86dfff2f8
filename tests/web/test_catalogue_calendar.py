"""The catalogue as a calendar: a month at a time, with the search kept."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from registration import clock
from registration.settings import Settings
from registration.web.cards import dates_of
from registration.web.month import month_grid, month_of
from tests.web.makers import DAY, make_event, make_session, make_training, soon, take_place

HELSINKI = ZoneInfo("Europe/Helsinki")


def month_of_moment(moment: datetime) -> str:
    return moment.astimezone(HELSINKI).strftime("%Y-%m")


def filled_days(answer: httpx.Response) -> dict[str, list[str]]:
    """Date -> the titles that stand on it."""
    days = {}
    for cell in LexborHTMLParser(answer.text).css("td.month-busy"):
        time = cell.css_first("time")
        assert time is not None
        titles = [link.css("span")[-1].text() for link in cell.css("a")]
        days[str(time.attributes["datetime"])] = titles
    return days


async def test_each_day_of_a_session_stands_in_the_month(client: httpx.AsyncClient) -> None:
    first = soon(days=60).replace(day=10, hour=7)
    session = await make_session(starts_at=first, days=2)
    answer = await client.get(f"/?view=calendar&month={month_of_moment(first)}")
    assert filled_days(answer) == {
        first.date().isoformat(): ["Track safety"],
        (first + DAY).date().isoformat(): ["Track safety"],
    }
    assert answer.text.count(f'<a href="/sessions/{session.id}">') == 2


async def test_grid_is_a_table_with_weeks_from_monday(client: httpx.AsyncClient) -> None:
    answer = await client.get("/?view=calendar&month=2031-02")
    page = LexborHTMLParser(answer.text)
    heads = [cell.text() for cell in page.css(".month-table thead th")]
    rows = [len(row.css("td")) for row in page.css(".month-table tbody tr")]
    assert heads == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert rows == [7, 7, 7, 7, 7]
    assert "Nothing is on in this month." in answer.text


async def test_without_a_month_it_opens_where_something_is(client: httpx.AsyncClient) -> None:
    first = soon(days=95)
    await make_session(starts_at=first)
    answer = await client.get("/?view=calendar")
    assert list(filled_days(answer)) == [first.astimezone(HELSINKI).date().isoformat()]


async def test_turning_the_month_keeps_the_search(client: httpx.AsyncClient) -> None:
    first = soon(days=70)
    await make_session(await make_training("Rail welding"), starts_at=first)
    await make_event(starts_at=first)
    month = month_of_moment(first)
    answer = await client.get(f"/?q=weld&view=calendar&month={month}")
    links = dict(re.findall(r'rel="(prev|next)" href="([^"#]+)', answer.text))
    assert links["prev"].startswith("/?q=weld&amp;month=")
    assert links["prev"].endswith("&amp;view=calendar")
    assert list(filled_days(answer).values()) == [["Rail welding"]]
    assert '<input type="hidden" name="view" value="calendar">' in answer.text
    assert 'href="/?q=weld"' in answer.text


async def test_nothing_lies_before_this_month_or_after_the_last(client: httpx.AsyncClient) -> None:
    await make_session(starts_at=soon(days=1))
    this = month_of_moment(clock.now())
    answer = await client.get(f"/?view=calendar&month={this}")
    assert 'rel="prev"' not in answer.text


@pytest.mark.parametrize("month", ["2026-13", "x", "99999-01", "1999-01", "%3C", "2026-1"])
async def test_odd_months_open_the_first_one(client: httpx.AsyncClient, month: str) -> None:
    answer = await client.get(f"/?view=calendar&month={month}")
    assert (answer.status_code, 'id="month-name"' in answer.text) == (200, True)


async def test_crowded_day_unfolds_and_a_full_session_says_so(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    first = soon(days=40)
    training = await make_training()
    full = await make_session(training, starts_at=first, capacity=1)
    await take_place(full, settings)
    for _number in range(6):
        await make_session(training, starts_at=first)
    answer = await client.get(f"/?view=calendar&month={month_of_moment(first)}")
    page = LexborHTMLParser(answer.text)
    more = page.css_first(".month-busy details")
    assert more is not None
    assert (len(page.css(".month-busy a")), len(more.css("a"))) == (7, 3)
    assert [note.text() for note in page.css(".month-note")] == ["Full"]


def test_night_work_is_on_both_days() -> None:
    start = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
    assert dates_of([(start, start + timedelta(hours=6))], HELSINKI) == (
        date(2026, 12, 31),
        date(2027, 1, 1),
    )


def test_months_turn_over_the_year() -> None:
    month = month_grid("2026-12", [], today=date(2026, 11, 3), last="2027-02")
    assert (month.before, month.after) == ("2026-11", "2027-01")
    assert month_of("", [], today=date(2026, 11, 3)) == "2026-11"
