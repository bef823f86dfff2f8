"""The privacy officer's pages of the ledger: searched, downloaded, and the search on record."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import orjson
import pytest
from selectolax.lexbor import LexborHTMLParser

from registration import clock
from registration.i18n import speaking
from registration.ledger.inclusion import read_heads
from registration.ledger.models import Entry
from registration.ledger.rules import Act, Basis, Note
from registration.ledger.service import Shown, disclose, record, seal_entries, verify_chain
from registration.ledger.words import SENTENCES, said
from tests.builders import make_account, make_person
from tests.web.staff.conftest import House, value, words

ENTRIES = "/staff/ledger/entries"
DISCLOSURES = "/staff/ledger/disclosures"


def test_every_act_is_said_in_three_languages() -> None:
    """Whoever adds an act adds its sentence to ``ledger.words``."""
    assert [act.value for act in Act if act not in SENTENCES] == []
    spoken = {}
    for language in ("en", "fi", "sv"):
        with speaking(language):
            spoken[language] = [said(act) for act in Act]
    assert len(set(spoken["en"])) == len(Act)
    for language in ("fi", "sv"):
        same = [en for en, other in zip(spoken["en"], spoken[language], strict=True) if en == other]
        assert same == []


def test_an_act_of_a_newer_version_is_said_by_its_code() -> None:
    assert said("moon-reached") == "Moon reached"


@pytest.mark.promise("P14")
async def test_entries_are_found_by_who_whose_what_and_when(house: House) -> None:
    now = clock.now()
    aino = await make_person()
    await make_account(email="olli@example.fi", name="Olli Organiser-Smith")
    for days in (0, 3, 40):
        await record(Act.PERSON_CHANGED, now=now - timedelta(days=days), subject_id=aino.id)
    await record(Act.PERSON_CHANGED, now=now, subject_id=uuid4(), note=Note(fields=("email",)))
    asked = {"whose": "aino virt", "act": "person-changed", "since": "", "until": ""}
    sent = await house.staff.post(ENTRIES, data=asked)
    assert sent.status_code == 303
    address = sent.headers["location"]
    assert address == f"{ENTRIES}?act=person-changed&whose={aino.id}"
    shown = await house.staff.get(address)
    assert words(shown, "tbody th") == ["A person's data was changed"] * 3
    assert words(shown, "tbody [data-label='Whose data']") == ["Aino Virtanen"] * 3
    recent = (now - timedelta(days=5)).date().isoformat()
    narrowed = await house.staff.get(f"{address}&since={recent}")
    assert len(words(narrowed, "tbody th")) == 2
    looks = await Entry.filter(act="ledger-searched", subject_id=aino.id)
    assert [(row.actor_id, row.detail) for row in looks] == [
        (house.staff_id, '{"purpose":"entries"}')
    ]


async def test_words_that_mean_several_are_asked_about_and_unknown_ones_refused(
    house: House,
) -> None:
    for name in ("Aino Virtanen", "Eino Virtanen"):
        first, last = name.split()
        await make_person(first, last, f"{first.lower()}@example.fi")
    several = await house.staff.post(ENTRIES, data={"whose": "virtanen"})
    assert several.status_code == 200
    assert words(several, "main section li a") == ["Aino Virtanen", "Eino Virtanen"]
    wrong = {"who": "nobody at all", "since": "2026-04-02", "until": "2026-04-01"}
    refused = await house.staff.post(ENTRIES, data=wrong)
    assert refused.status_code == 422
    assert "Nobody and nothing is known by these words." in refused.text
    assert "This is before the first day." in refused.text
    assert value(refused, "who") == "nobody at all"


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "act=dance", "who=me", "after=x", f"after={2**63}", "whose=1"],
)
async def test_an_address_that_no_page_leads_to_is_not_there(house: House, query: str) -> None:
    assert (await house.staff.get(f"{ENTRIES}?{query}")).status_code == 404


async def test_a_long_ledger_is_leafed_through_without_gaps(house: House) -> None:
    now = clock.now()
    subject = uuid4()
    for number in range(120):
        await record(Act.PLACE_CHANGED, now=now, subject_id=subject, note=Note(count=number))
    seen: list[str] = []
    address = f"{ENTRIES}?act=place-changed&whose={subject}"
    while address:
        shown = await house.staff.get(address)
        seen += words(shown, "tbody [data-label=More]")
        address = _next(shown.text)
    assert seen == [str(number) for number in reversed(range(120))]


def _next(text: str) -> str:
    link = LexborHTMLParser(text).css_first("a[rel=next]")
    return (link.attributes["href"] or "") if link else ""


@pytest.mark.promise("P15")
async def test_what_was_found_is_downloaded_under_ids_alone(house: House) -> None:
    aino = await make_person()
    await record(Act.PERSON_CHANGED, now=clock.now(), subject_id=aino.id, actor_id=house.staff_id)
    query = f"whose={aino.id}&act=person-changed"
    as_json = await house.staff.get(f"{ENTRIES}.json?{query}")
    [item] = orjson.loads(as_json.content)["items"]
    assert (item["act"], item["subject_id"], item["said"]) == (
        "person-changed",
        str(aino.id),
        "A person's data was changed",
    )
    as_csv = await house.staff.get(f"{ENTRIES}.csv?{query}")
    assert as_csv.content.startswith(b"\xef\xbb\xbfNumber;When;Code;")
    assert as_csv.text.count("\r\n") == 2
    as_xlsx = await house.staff.get(f"{ENTRIES}.xlsx?{query}")
    with ZipFile(BytesIO(as_xlsx.content)) as packed:
        everything = b"".join(packed.read(name) for name in packed.namelist())
    for content in (as_json.content, as_csv.content, everything):
        assert b"Virtanen" not in content
    assert (await house.staff.get(f"{ENTRIES}.exe?{query}")).status_code == 404
    taken = await Entry.filter(act="ledger-exported", subject_id=aino.id).order_by("number")
    assert [orjson.loads(row.detail)["codes"] for row in taken] == [["json"], ["csv"], ["xlsx"]]


@pytest.mark.promise("P15")
async def test_disclosures_are_found_by_person_account_and_recipient(house: House) -> None:
    aino, eino = await make_person(), await make_person("Eino", "Salo", "eino@example.fi")
    now = clock.now()
    for person, actor in ((aino, house.staff_id), (eino, None)):
        shown = Shown(person.id, ("name",), "administration", Basis.CONTRACT, "page", actor)
        await disclose([shown], now=now)
    both = await house.staff.get(DISCLOSURES)
    assert sorted(words(both, "tbody th")) == ["Aino Virtanen", "Eino Salo"]
    sent = await house.staff.post(DISCLOSURES, data={"whose": "eino@example.fi"})
    found = await house.staff.get(sent.headers["location"])
    assert words(found, "tbody th") == ["Eino Salo"]
    own = await house.staff.get(f"{DISCLOSURES}?who={house.staff_id}")
    assert words(own, "tbody th") == ["Aino Virtanen"]
    none = await house.staff.get(f"{DISCLOSURES}?given_to={uuid4()}")
    assert "Nothing was found" in none.text
    file = await house.staff.get(f"{DISCLOSURES}.json?whose={eino.id}")
    [item] = orjson.loads(file.content)["items"]
    assert (item["person_id"], item["fields"]) == (str(eino.id), "name")


async def test_heads_are_taken_out_of_the_house_and_fit_later(house: House) -> None:
    empty = await house.staff.get("/staff/ledger/heads")
    assert "Nothing was sealed yet" in empty.text
    await seal_entries()
    await record(Act.LOGIN, now=clock.now())
    await seal_entries()
    shown = await house.staff.get("/staff/ledger/heads")
    assert words(shown, "tbody th") == ["2", "1"]
    file = await house.staff.get("/staff/ledger/heads.txt?since=1")
    kept = read_heads(file.text)
    assert sorted(kept) == [1, 2]
    assert words(shown, ".copyable code") == [f"2:{kept[2]}"]
    assert (await verify_chain(heads=kept)).broken is None
    assert await Entry.filter(act="heads-taken", actor_id=house.staff_id).count() == 1
    assert (await house.staff.get("/staff/ledger/heads.txt?since=x")).status_code == 404
