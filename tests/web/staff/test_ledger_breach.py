"""The page after a breach: asked by name, answered in numbers, with a paper and a list."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader

from registration import clock
from registration.accounts.models import Grant
from registration.i18n import DEFAULT_ZONE
from registration.ledger.models import Entry
from registration.press import close_press
from tests.builders import make_account, make_person
from tests.web.staff.conftest import House, error, value, words

PATH = "/staff/ledger/breach"


def local(days: float) -> str:
    moment = clock.now() + timedelta(days=days)
    return moment.astimezone(DEFAULT_ZONE).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.promise("P14")
async def test_who_could_be_seen_is_found_printed_and_listed(house: House) -> None:
    await make_person(now=clock.now() - timedelta(days=9))
    await Grant.filter(account_id=house.staff_id).update(starts_at=clock.now() - timedelta(days=9))
    asked = {"account": "sari staff", "since": local(-1), "until": local(0)}
    sent = await house.staff.post(PATH, data=asked)
    address = sent.headers["location"]
    assert "Sari" not in address
    assert f"of={house.staff_id}" in address
    shown = await house.staff.get(address)
    facts = dict(zip(words(shown, ".proof dt"), words(shown, ".proof dd"), strict=True))
    assert facts["People whose data it did see"] == "0"
    assert facts["People whose data it saw or could have seen"] == "1"
    assert "What it could have seen" in words(shown, "h2")
    query = address.partition("?")[2]
    printed = await house.staff.get(f"{PATH}/{house.staff_id}/report.pdf?{query}")
    text = PdfReader(BytesIO(printed.content)).pages[0].extract_text()
    assert "Whose data could be seen: Sari Staff" in text
    listed = await house.staff.get(f"{PATH}/{house.staff_id}/people.csv?{query}")
    lines = listed.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Id;Name;E-mail;Language of mails;Seen for certain"
    assert lines[1].endswith(";Aino Virtanen;aino@example.fi;en;No")
    assert await Entry.filter(act="exposure-asked", subject_id=house.staff_id).count() == 2
    await close_press()


async def test_a_wrong_question_comes_back_with_what_was_typed(house: House) -> None:
    asked = {"account": "nobody here", "since": local(-1), "until": local(-2)}
    refused = await house.staff.post(PATH, data=asked)
    assert refused.status_code == 422
    assert value(refused, "account") == "nobody here"
    assert error(refused, "account") == ["No account, login, token or pack is known by this."]
    assert error(refused, "until") == ["This is before the beginning."]
    empty = await house.staff.post(PATH, data={"account": "", "since": "x", "until": local(0)})
    assert error(empty, "account") == ["This is needed."]
    assert error(empty, "since") == ["Give a date and time."]
    future = {"account": str(house.staff_id), "since": local(1), "until": local(2)}
    assert error(await house.staff.post(PATH, data=future), "since") == ["This is still to come."]


async def test_a_name_of_several_is_asked_about(house: House) -> None:
    await make_account(email="sari2@example.fi", name="Sari Staff")
    asked = {"account": "sari", "since": local(-1), "until": local(0)}
    several = await house.staff.post(PATH, data=asked)
    assert sorted(words(several, "main section li a")) == [
        "Sari Staff, sari2@example.fi",
        "Sari Staff, staff@example.fi",
    ]


@pytest.mark.parametrize(
    "query",
    [
        f"of={UUID(int=1)}",
        "of=me",
        "of={own}&since=2026-01-02T00:00%2B00:00&until=2026-01-01T00:00%2B00:00",
        "of={own}&since=yesterday",
        "of={own}&since=2026-01-02T00:00",
    ],
)
async def test_an_address_that_no_page_leads_to_is_not_there(house: House, query: str) -> None:
    asked = query.format(own=house.staff_id)
    assert (await house.staff.get(f"{PATH}?{asked}")).status_code == 404
    assert (await house.organiser.get(f"{PATH}?{asked}")).status_code == 403


async def test_a_pack_of_nobody_has_no_paper_and_no_list(house: House) -> None:
    for file in ("report.pdf", "people.csv"):
        assert (await house.staff.get(f"{PATH}/{uuid4()}/{file}")).status_code == 404
