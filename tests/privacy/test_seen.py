"""Who saw somebody's data, in sentences that they can read (P15)."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.i18n import LANGUAGES, speaking
from registration.ledger.queries import DisclosureLine, disclosures_of
from registration.privacy.export import export
from registration.privacy.seen import FIELDS, PURPOSES, listed, seen
from registration.settings import Settings
from registration.teaching.handing import make_pack
from registration.teaching.rules import PackField, PackFormat, PackPurpose
from registration.teaching.service import participants
from tests.teaching.makers import LATER, NOW, enrol, make_recipient, make_school

HOUSE = "Pohjan Raide Oy"


def line(purpose: str, road: str, *fields: str, to: UUID | None = None) -> DisclosureLine:
    at = datetime(2027, 4, 2, 14, tzinfo=UTC)
    return DisclosureLine(uuid4(), at, uuid4(), None, to, None, purpose, "contract", road, fields)


async def said(one: DisclosureLine, language: str = "en") -> str:
    with speaking(language):
        (found,) = await seen([one], house=HOUSE)
    return found.said


@pytest.mark.promise("P15")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Your name and company were given to Raidekoulu on 2.4.2027 to issue a permit."),
        (
            "fi",
            "Tietosi (nimi ja yritys) annettiin 2.4.2027 taholle Raidekoulu luvan myöntämistä "
            "varten.",
        ),
        (
            "sv",
            "Dina uppgifter (namn och företag) lämnades 2.4.2027 ut till Raidekoulu för "
            "utfärdande av ett tillstånd.",
        ),
    ],
)
async def test_a_pack_reads_as_a_sentence(register: Settings, language: str, words: str) -> None:
    school = await make_recipient("Raidekoulu")
    assert await said(line("permit", "pack", "name", "company", to=school), language) == words


async def test_each_kind_of_look_has_words_of_its_own(register: Settings) -> None:
    school = await make_recipient("Raidekoulu")
    company = await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=NOW)
    lines = [
        line("teaching", "page", "name", "company", to=school),
        line("attendance", "pack", "name", to=school),
        line("catering", "page", "name", "diet"),
        line("qualifications", "api", "name", "training", "certificate", to=company),
        line("invoicing", "xlsx", "company", "training", "dates"),
    ]
    assert [await said(each) for each in lines] == [
        "Your name and company were shown to Raidekoulu on 2.4.2027 to teach, and to record "
        "attendance and grades.",
        "Your name was given to Raidekoulu on 2.4.2027 to call the roll.",
        "Your name and food restrictions were shown to Pohjan Raide Oy on 2.4.2027 to order food "
        "for an event.",
        "Your name, training and certificates were shown to Rata Oy on 2.4.2027 to see what its "
        "people are qualified for.",
        "Your company, training and training days were given to Pohjan Raide Oy on 2.4.2027 to "
        "invoice.",
    ]


def test_every_field_and_purpose_of_a_pack_has_words() -> None:
    assert {field.value for field in PackField} <= set(FIELDS)
    assert {purpose.value for purpose in PackPurpose} <= set(PURPOSES)


@pytest.mark.parametrize(
    ("words", "said"),
    [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")],
)
def test_words_are_listed(words: tuple[str, ...], said: str) -> None:
    with speaking("en"):
        assert listed(words) == said


async def test_names_with_braces_stay_as_they_are(register: Settings) -> None:
    school = await make_recipient("{what} {0} Oy")
    words = await said(line("permit", "pack", "name", to=school))
    assert words == "Your name was given to {what} {0} Oy on 2.4.2027 to issue a permit."


@pytest.mark.promise("P11")
@pytest.mark.promise("P15")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_export_says_it_too(register: Settings, language: str) -> None:
    school = await make_school(register, recipient_id=await make_recipient("Raidekoulu"))
    taken = await enrol(school)
    await participants(school.id, identity=school.trainer, now=NOW)
    await make_pack(
        school.id,
        PackPurpose.PERMIT,
        PackFormat.JSON,
        identity=school.trainer,
        settings=register,
        now=LATER,
    )
    with speaking(language):
        held = await export(taken.person_id, actor_id=None, house=HOUSE, now=LATER)
        words = await seen(await disclosures_of(taken.person_id), house=HOUSE)
    assert held["seen"] == [{"at": each.at.isoformat(), "what": each.said} for each in words]
    assert [("Raidekoulu" in each.said, each.at) for each in words] == [(True, LATER), (True, NOW)]
