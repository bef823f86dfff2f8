"""A person's own certificates: the page, the file, the badge, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts.service import participant_account
from registration.catalogue.rules import GradeScale
from registration.ledger.queries import disclosures
from registration.qualifications import printed
from registration.qualifications.keys import current_kid
from registration.qualifications.models import Certificate
from registration.qualifications.queries import CertificateLine, certificate, certificates_of
from registration.qualifications.reissuing import reissue
from registration.qualifications.rules import CertificateState, Standing
from registration.qualifications.service import issue_for_session, revoke
from registration.settings import Settings
from registration.web.validity import validity_of
from tests.builders import log_in
from tests.conftest import browser
from tests.teaching.makers import enrol, make_school, record
from tests.web.staff.conftest import words


@pytest.fixture
async def line(client: httpx.AsyncClient, settings: Settings) -> CertificateLine:
    start = (clock.now() - timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    school = await make_school(settings, start=start, certificate_design="card")
    taken = await enrol(school, "Aino Virtanen")
    now = clock.now()
    await record(school, {"place_id": taken.id, "grade": "4", "completed": True}, now=now)
    await issue_for_session(school.id, actor_id=None, settings=settings, now=now)
    (made,) = await certificates_of(taken.person_id, now=now)
    return made


@pytest.fixture
async def me(app: Starlette, line: CertificateLine) -> AsyncIterator[httpx.AsyncClient]:
    account = await participant_account(
        line.person_id, "aino@example.fi", "Aino Virtanen", "en", clock.now()
    )
    async with browser(app) as mine:
        await log_in(mine, account)
        yield mine


async def test_the_page_says_how_long_it_holds_and_leads_to_both_files(
    me: httpx.AsyncClient, line: CertificateLine
) -> None:
    path = f"/me/certificates/{line.id}"
    home = await me.get("/me")
    assert f'href="{path}"' in home.text
    page = await me.get(path)
    assert words(page, ".validity figcaption") == ["It is valid."]
    assert words(page, ".validity dt") == ["Issued", "Today", "Valid until"]
    assert f'href="{path}.pdf"' in page.text
    assert f'href="{path}.jwt"' in page.text
    badge = await me.get(f"{path}.jwt")
    assert (badge.status_code, badge.headers["content-type"]) == (200, "application/vc+jwt")
    assert badge.text.count(".") == 2
    name = f'attachment; filename="{line.number}.jwt"'
    assert badge.headers["content-disposition"] == name
    assert await disclosures() == []
    assert line.design == "card"


async def test_a_kept_file_is_given_without_printing(
    me: httpx.AsyncClient, line: CertificateLine, settings: Settings
) -> None:
    now = clock.now()
    key = await current_kid(settings, now=now)
    await printed.keep(line.id, b"%PDF kept", key_id=key, now=now)
    answer = await me.get(f"/me/certificates/{line.id}.pdf")
    assert (answer.status_code, answer.content) == (200, b"%PDF kept")


async def test_a_replaced_one_shows_its_history_and_gives_no_file(
    me: httpx.AsyncClient, line: CertificateLine, settings: Settings
) -> None:
    made = await reissue(line.id, "Spelling", actor_id=None, settings=settings, now=clock.now())
    new = await certificate(made, now=clock.now())
    page = await me.get(f"/me/certificates/{line.id}")
    said = f"It was replaced by {new.number} and does not hold any more."
    assert words(page, ".validity figcaption") == [said]
    assert words(page, "#history tbody th") == [new.number]
    assert new.token not in page.text
    newer = await me.get(f"/me/certificates/{made}")
    assert "It was issued anew because: Spelling" in newer.text
    for form in ("pdf", "jwt"):
        refused = await me.get(f"/me/certificates/{line.id}.{form}")
        assert refused.status_code == 409
        assert new.number in refused.text
        assert new.token not in refused.text
    checked = await me.get(f"/verify/{line.token}")
    assert checked.status_code == 200
    assert new.token not in checked.text


async def test_a_revoked_one_says_why(
    me: httpx.AsyncClient, line: CertificateLine, settings: Settings
) -> None:
    why = "Issued to the wrong person, 100 % certain"
    await revoke(line.id, why, actor_id=None, settings=settings, now=clock.now())
    page = await me.get(f"/me/certificates/{line.id}")
    assert why in page.text
    assert f"{line.id}.jwt" not in page.text


async def test_anothers_is_as_if_it_were_not_there(
    me: httpx.AsyncClient, line: CertificateLine
) -> None:
    await Certificate.filter(id=line.id).update(person_id=uuid4())
    for form in ("", ".pdf", ".jwt"):
        for given in (line.id, uuid4(), "x"):
            answer = await me.get(f"/me/certificates/{given}{form}")
            assert (answer.status_code, line.number in answer.text) == (404, False)


TODAY = date(2027, 4, 2)
NOW = datetime(2027, 4, 2, 9, tzinfo=UTC)
SAMPLE = CertificateLine(
    id=uuid4(),
    number="2027-000001",
    token="",
    place_id=uuid4(),
    person_id=uuid4(),
    training_id=uuid4(),
    language="en",
    person_name="Aino Virtanen",
    company_name="",
    training_title="Track safety",
    qualifies_for="",
    grade="",
    grade_scale=GradeScale.PASS_FAIL,
    length_minutes=60,
    held=(TODAY - timedelta(days=400),),
    venue="",
    trainer_organisation="",
    issued_on=TODAY - timedelta(days=400),
    valid_until=None,
    revoked_at=None,
    revoked_because="",
    design="formal",
    status_index=0,
    replaces_id=None,
    reissued_because="",
    replaced_by="",
    state=CertificateState.VALID,
    standing=Standing.VALID,
)


@pytest.mark.parametrize(
    ("days", "revoked", "replaced", "standing", "says"),
    [
        (365, False, "", Standing.VALID, "It is valid."),
        (None, False, "", Standing.VALID, "It is valid."),
        (9, False, "", Standing.ENDING, "It ends in 9 days."),
        (0, False, "", Standing.ENDING, "It ends today."),
        (-1, False, "", Standing.EXPIRED, "It has expired."),
        (365, True, "", Standing.REVOKED, "It was revoked"),
        (365, True, "2027-000009", Standing.REPLACED, "It was replaced by 2027-000009"),
    ],
    ids=["valid", "endless", "ending", "last-day", "expired", "revoked", "replaced"],
)
def test_the_picture_holds_all_that_it_shows(
    days: int | None,
    revoked: bool,
    replaced: str,
    standing: Standing,
    says: str,
) -> None:
    until = None if days is None else TODAY + timedelta(days=days)
    shown = replace(
        SAMPLE,
        valid_until=until,
        revoked_at=NOW - timedelta(days=30) if revoked else None,
        replaced_by=replaced,
        standing=standing,
    )
    found = validity_of(shown, now=NOW)
    assert found.says.startswith(says)
    places = [found.issued, found.today, found.end, found.stop, found.issued + found.held]
    assert all(3 <= at <= 97 for at in places if at is not None)
    assert (found.end is None, found.stop is None) == (days is None, not revoked)
