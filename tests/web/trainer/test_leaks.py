"""Every road of a trainer, crawled for words that only the register should know (P7, P15)."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import httpx
import pytest
from python_calamine import CalamineWorkbook
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from registration import clock
from registration.catalogue.service import add_event
from registration.catering.service import register_guest
from registration.enrolment.service import SignUp
from registration.ledger.models import Disclosure
from registration.people.rules import Contact, Source
from registration.settings import Settings
from tests.catering.makers import diet, event_given, offering_of
from tests.teaching.makers import enrol, make_school
from tests.web.trainer.conftest import Desk

PLANTED = {
    "email": "plantedmail@planted.example",
    "phone": "+358507654321",
    "street": "Plantedstreet 77",
    "postal_code": "98765",
    "city": "Plantedcity",
    "country": "SE",
}
MARKS = ("plantedmail", "planted.example", "7654321", "765 4321", "lantedstreet", "98765",
         "lantedcity", "Hidden", "vegan", "gluten")  # fmt: skip


async def crawl(client: httpx.AsyncClient, start: str) -> dict[str, httpx.Response]:
    """Every page and file of this site that links lead to from ``start``, in each language."""
    found: dict[str, httpx.Response] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = answer = await client.get(path)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for link in HTMLParser(answer.text).css("a[href]"):
            target = str(link.attributes["href"]).partition("#")[0]
            if target.startswith(("/trainer", "/verify", "/me", "/staff", "/company")):
                waiting.append(target)
    return found


def words_of(answer: httpx.Response) -> str:
    if "spreadsheetml" in answer.headers.get("content-type", ""):
        sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0)
        return str(sheet.to_python()) + answer.content.decode("latin-1")
    return answer.text + str(answer.headers)


async def dine(settings: Settings) -> None:
    """The same person comes to an event, and says what she eats."""
    contact = Contact("Aino", "Virtanen", **PLANTED)
    now = clock.now()
    given = event_given(starts_at=now + timedelta(days=30))
    event = await offering_of(await add_event(given, actor_id=None, now=now))
    wish = SignUp(contact, Source.SELF)
    await register_guest(event, wish, diet("gluten"), settings=settings, now=now)


@pytest.mark.promise("P3")
@pytest.mark.promise("P7")
@pytest.mark.promise("P15")
async def test_no_road_of_a_trainer_leaks(desk: Desk, settings: Settings) -> None:
    taken = await enrol(desk.school, "Aino Virtanen", company_name="Rata Oy", **PLANTED)
    await dine(settings)
    other = await make_school(settings, start=desk.school.session.starts_at)
    await enrol(other, "Hidden Hidden")
    found = await crawl(desk.trainer, "/trainer")
    wrong = {"p0": str(taken.id), "v0": "9", "w0": "", "g0": "99", "d0-0": "1"}
    found["409"] = await desk.trainer.post(desk.path, data=wrong)
    found["422"] = await desk.trainer.post(desk.path, data=wrong | {"v0": "0"})
    found["404"] = await desk.trainer.get(f"/trainer/sessions/{other.id}")
    assert (found["409"].status_code, found["422"].status_code) == (409, 422)
    assert sum(desk.path in path for path in found) >= 1 + 9
    assert sum("Virtanen" in words_of(answer) for answer in found.values()) >= 1 + 9 + 2
    leaks = {
        path: [mark for mark in MARKS if mark in words_of(answer)] for path, answer in found.items()
    }
    assert {path: marks for path, marks in leaks.items() if marks} == {}


@pytest.mark.promise("P15")
async def test_each_pack_and_look_is_on_record(desk: Desk) -> None:
    taken = await enrol(desk.school)
    await desk.trainer.get(desk.path)
    for purpose in ("attendance", "certificate", "permit"):
        for format in ("csv", "xlsx", "json"):
            answer = await desk.trainer.get(f"{desk.path}/packs/{purpose}.{format}")
            assert answer.status_code == 200
            assert answer.headers["content-disposition"].startswith(
                f'attachment; filename="{purpose}-'
            )
            assert answer.headers["cache-control"] == "private, no-store"
    rows = await Disclosure.filter(person_id=taken.person_id)
    assert sorted(row.purpose for row in rows) == [
        *["attendance"] * 3,
        *["certificate"] * 3,
        *["permit"] * 3,
        "teaching",
    ]
