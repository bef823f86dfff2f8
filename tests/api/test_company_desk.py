"""A company's own system: seats, employees, order numbers, approvals; each once by its key."""

from __future__ import annotations

from uuid import UUID, uuid4

from registration import clock
from registration.accounts.rules import Role, Scope
from registration.accounts.service import add_account
from registration.accounts.tokens import add_token
from registration.companies.coordinators import name_approvers
from registration.companies.models import Company
from registration.enrolment.models import HeldSeat, Place
from tests.api.makers import House, found, items, make_session, person, refused

ORDER = {"order_number": "PO-2027-118"}


async def test_seats_are_kept_named_and_given_back(house: House) -> None:
    session = await make_session(house, capacity=5, price_cents=10_000)
    path = f"/sessions/{session['id']}/seats"
    held = found(await house.post(path, {"number": 2, **ORDER}, who="company", key="a"), 201)
    again = found(await house.post(path, {"number": 2, **ORDER}, who="company", key="a"), 201)
    assert (again, await HeldSeat.all().count()) == (held, 2)
    seats = items(await house.get("/seats", who="company"))
    assert [each["order_number"] for each in seats] == ["PO-2027-118"] * 2
    first, second = (each["id"] for each in seats)
    assert items(await house.get("/seats", who="company2")) == []
    named = {"person": person(1)}
    assert refused(await house.post(f"/seats/{first}/name", named, who="company2"), 404) == {}
    assert refused(await house.post(f"/seats/{first}/give-back", who="company2"), 404) == {}
    place = found(await house.post(f"/seats/{first}/name", named, who="company"), 201)
    assert place["status"] == "confirmed"
    assert found(await house.post(f"/seats/{second}/give-back", who="company")) == {
        "id": second,
        "status": "given_back",
    }
    (line,) = items(await house.get("/enrolments?order_number=PO-2027-118", who="company"))
    assert (line["id"], line["order_number"]) == (place["id"], "PO-2027-118")
    assert refused(await house.post(path, {"number": 99}, who="company"), 409) == {}


async def test_a_company_that_wants_order_numbers_takes_no_booking_without(house: House) -> None:
    await Company.filter(id=house.ids["firm"]).update(order_needed=True)
    session = await make_session(house, capacity=5)
    path = f"/sessions/{session['id']}"
    missing = {"order_number": "missing"}
    one, many = {"person": person(1)}, {"people": [person(1), person(2)]}
    for call, given in (("enrolments", one), ("enrolments", many), ("seats", {"number": 1})):
        assert refused(await house.post(f"{path}/{call}", given, who="company"), 422) == missing
    long = {**many, "order_number": "x" * 10_000}
    assert refused(await house.post(f"{path}/enrolments", long, who="company"), 422) == {
        "order_number": "string_too_long"
    }
    anybody = {"person": person(3), **ORDER}
    assert refused(await house.post(f"{path}/enrolments", anybody), 422) == {
        "order_number": "extra_forbidden"
    }
    done = found(await house.post(f"{path}/enrolments", {**many, **ORDER}, who="company"), 201)
    assert done["confirmed"] == 2
    assert {place.order_number for place in await Place.all()} == {"PO-2027-118"}


async def test_employees_are_listed_in_parts_and_for_their_company_alone(house: House) -> None:
    session = await make_session(house, capacity=5)
    people = {"people": [person(number) for number in (1, 2, 3)]}
    await house.post(f"/sessions/{session['id']}/enrolments", people, who="company")
    first = found(await house.get("/employees?limit=2", who="company"))
    rest = found(await house.get(f"/employees?limit=2&cursor={first['next']}", who="company"))
    both = [*first["items"], *rest["items"]]  # type: ignore[misc]  # lists of the answers
    assert sorted(each["email"] for each in both) == [f"aino{n}@example.fi" for n in (1, 2, 3)]
    assert {each["places"][0]["session"] for each in both} == {session["id"]}
    assert rest["next"] is None
    assert items(await house.get("/employees?qualified=valid", who="company")) == []
    assert len(items(await house.get("/employees?q=aino2", who="company"))) == 1
    assert items(await house.get("/employees", who="company2")) == []
    assert refused(await house.get("/employees?within_days=-1", who="company"), 422) == {
        "within_days": "greater_than_equal"
    }
    (line,) = items(
        await house.get(f"/enrolments?person={both[0]['id']}&status=confirmed", who="company")
    )
    assert line["status"] == "confirmed"
    assert items(await house.get("/enrolments?status=cancelled", who="company")) == []


async def test_a_booking_that_waits_is_approved_by_who_may(house: House) -> None:
    now, firm = clock.now(), house.ids["firm"]
    email = "boss@house.example"
    boss = await add_account(email, "Boss", Role.COORDINATOR, company_id=firm, now=now)
    token = await add_token(email, Scope.COMPANY, days=1, now=now)
    await name_approvers(firm, [boss], actor_id=boss, now=now)
    session = await make_session(house, capacity=5)
    people = {"people": [person(1), person(2)]}
    path = f"/sessions/{session['id']}/enrolments"
    made = found(await house.post(path, people, who="company"), 201)
    first, second = (UUID(str(row["id"])) for row in made["results"])  # type: ignore[attr-defined]
    assert {place.status for place in await Place.all()} == {"held"}
    assert refused(await house.post(f"/enrolments/{first}/approve", who="company"), 403) == {}
    assert refused(await house.post(f"/enrolments/{first}/approve", who="company2"), 404) == {}
    assert refused(await house.post(f"/enrolments/{uuid4()}/approve", who="company"), 404) == {}
    chief = House(house.client, {"boss": token}, house.ids)
    approved = found(await chief.post(f"/enrolments/{first}/approve", who="boss", key="b"))
    repeated = found(await chief.post(f"/enrolments/{first}/approve", who="boss", key="b"))
    assert (approved["status"], approved) == ("confirmed", repeated)
    path = f"/enrolments/{second}/disapprove"
    assert refused(await chief.post(path, {}, who="boss"), 422) == {"reason": "missing"}
    no = found(await chief.post(path, {"reason": "No budget."}, who="boss"))
    assert no["status"] == "cancelled"
