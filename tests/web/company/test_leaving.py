"""An employee leaves, and the company lets go; the figures of what it pays stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registration import clock
from registration.companies.models import Company, Employment
from registration.enrolment.models import Place
from registration.i18n import DEFAULT_ZONE
from tests.web.company.conftest import Office, words
from tests.web.company.test_book import crew
from tests.web.makers import make_session

OVT = "003701120389"


@pytest.mark.promise("P6")
async def test_who_leaves_keeps_what_the_company_says_and_is_no_longer_seen(
    office: Office,
) -> None:
    (anna,) = await crew(office.company, "Anna")
    second = await make_session(capacity=5)
    for path in (office.path, f"/company/sessions/{second.id}"):
        await office.coordinator.post(f"{path}/book", data={"do": "enrol", "person": str(anna)})
    first, other = await Place.all().order_by("created_at")
    path = f"/company/people/{anna}/leave"
    assert words(await office.coordinator.get(path), "h1") == ["Anna Ek leaves"]
    today = clock.now().astimezone(DEFAULT_ZONE).date()
    given = {"last_day": (today - timedelta(days=1)).isoformat()}
    unsaid = await office.coordinator.post(path, data=given)
    assert unsaid.status_code == 422
    choices = {f"place_{first.id}": "cancel", f"place_{other.id}": "keep"}
    wrong = [
        await office.coordinator.post(path, data=choices | {"last_day": day})
        for day in ("", "soon", "1900-01-01", "9999-12-31")
    ]
    assert [answer.status_code for answer in wrong] == [422] * 4
    assert (await office.stranger.post(path, data=given | choices)).status_code == 404
    done = await office.coordinator.post(path, data=given | choices)
    assert done.headers["location"] == "/company/people"
    assert {place.id: place.status for place in await Place.all()} == {
        first.id: "cancelled",
        other.id: "confirmed",
    }
    assert (await Employment.get()).until is not None
    assert (await office.coordinator.get(f"/company/people/{anna}")).status_code == 404
    people = await office.coordinator.get("/company/people")
    assert "Anna Ek" not in people.text


async def test_a_place_for_somebody_else_leads_to_the_choice_of_whom(office: Office) -> None:
    (anna,) = await crew(office.company, "Anna")
    await office.coordinator.post(f"{office.path}/book", data={"do": "enrol", "person": str(anna)})
    place = await Place.get()
    given = {
        "last_day": clock.now().astimezone(DEFAULT_ZONE).date().isoformat(),
        f"place_{place.id}": "substitute",
    }
    done = await office.coordinator.post(f"/company/people/{anna}/leave", data=given)
    assert done.headers["location"] == f"/company/places/{place.id}/substitute"


async def test_billing_is_kept_and_says_what_is_not_invoiced(office: Office) -> None:
    anna, bo = await crew(office.company, "Anna", "Bo")
    dear = await make_session(capacity=5, price_cents=33_333)
    people = {"do": "enrol", "person": [str(anna), str(bo)], "order_number": "PO-1"}
    await office.coordinator.post(f"/company/sessions/{dear.id}/book", data=people)
    page = await office.coordinator.get("/company/billing")
    sums = words(page, "#unpaid tbody tr")
    assert [text.split(" PO-1 ")[-1] for text in sums[:1]] == ["2 €333.33 25.5 % €666.66"]
    assert sums[-1] == "In all €666.66 €170.00 €836.66"
    wrong = await office.coordinator.post("/company/billing", data={"einvoice_address": OVT})
    assert words(wrong, ".field-error") == [
        "Give the operator's code too: without it an e-invoice does not arrive."
    ]
    right = {"einvoice_address": OVT, "einvoice_operator": "E204503", "order_needed": "1"}
    assert (await office.coordinator.post("/company/billing", data=right)).status_code == 303
    row = await Company.get(id=office.company)
    assert (row.einvoice_address, row.einvoice_operator, row.order_needed) == (
        OVT,
        "E204503",
        True,
    )
    long = await office.coordinator.post("/company/billing", data={"cost_centre": "x" * 10_000})
    assert long.status_code == 422
