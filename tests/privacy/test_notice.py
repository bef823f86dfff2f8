"""The privacy notice is made from the data map, and a lay person can read it (P19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from registration.i18n import LANGUAGES, _, speaking
from registration.privacy.datamap import KIND_NAMES, TO_TRAINERS, Kind, kept_words, personal
from registration.privacy.datamap.parties import (
    ACTIVITY_NAMES,
    CATEGORY_NAMES,
    OF_ALL,
    RECEIVER_NAMES,
    Activity,
    Category,
    Receiver,
)
from registration.privacy.notice import (
    Line,
    Mark,
    Transfer,
    detail_lines,
    notice_lines,
    render_text,
    upper_first,
)
from registration.privacy.notice_words import BASIS_NAMES, RECEIVER_SAYS, SITUATIONS
from registration.settings import Organisation

HOUSE = Organisation()
WORDS_A_MINUTE = 220


def _said(lines: tuple[Line, ...]) -> str:
    """A fact begins with a capital letter, whatever it is made of."""
    return "\n".join(f"{line.label}\n{line.text}" for line in lines).casefold()


@pytest.fixture(params=LANGUAGES)
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    with speaking(str(request.param)):
        yield str(request.param)


@pytest.mark.promise("P19")
def test_every_personal_table_is_reached_by_the_notice(spoken: str) -> None:
    """By the part of its activity, with its purpose, ground, end and receivers in so many words."""
    parts = _parts(notice_lines(HOUSE))
    for name, table in personal().items():
        assert table.activity is not None, name
        said = parts[_(ACTIVITY_NAMES[table.activity][0])]
        assert _(table.purpose).casefold() in said, name
        assert kept_words(table, HOUSE.retention).casefold() in said, name
        assert table.basis is not None, name
        assert _(BASIS_NAMES[table.basis]).casefold() in said, name
        for receiver in table.receivers or ():
            assert _(RECEIVER_NAMES[receiver]).casefold() in said, name


def _parts(lines: tuple[Line, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    heading = ""
    for line in lines:
        if line.mark is Mark.PART:
            heading = line.text
        elif line.mark is Mark.SECTION:
            heading = ""
        if heading:
            found[heading] = found.get(heading, "") + f"\n{line.label}: {line.text}".casefold()
    return found


@pytest.mark.promise("P19")
def test_each_kind_of_column_is_named(spoken: str) -> None:
    held = {kind for table in personal().values() for kind in table.columns.values()}
    said = _said(notice_lines(HOUSE))
    unsaid = [kind for kind in held & set(KIND_NAMES) if _(KIND_NAMES[kind]).casefold() not in said]
    assert unsaid == []
    assert held - set(KIND_NAMES) <= {Kind.LINK, Kind.NONE}


@pytest.mark.promise("P19")
def test_the_whole_list_has_every_table_with_all_that_is_asked(spoken: str) -> None:
    lines = detail_lines(HOUSE)
    said = [line for line in lines if line.mark is Mark.PART]
    assert sorted(line.text for line in said) == sorted(
        _(table.heading) for table in personal().values()
    )
    assert sum(line.mark is Mark.FACT for line in lines) == 6 * len(said)
    assert [line.label for line in lines if line.mark is Mark.FACT and not line.text] == []


@pytest.mark.promise("P17")
def test_every_category_of_people_is_spoken_to(spoken: str) -> None:
    assert {each for situation in SITUATIONS[:-1] for each in situation.categories} | {
        Category.SUPPORT_CONTACT
    } == set(Category)
    assert SITUATIONS[-1].categories == frozenset(Category)
    said = _said(detail_lines(HOUSE))
    assert [each for each in Category if _(CATEGORY_NAMES[each]).casefold() not in said] == []


def test_every_activity_is_told_in_one_situation() -> None:
    told = [activity for situation in SITUATIONS for activity in situation.activities]
    assert sorted(told) == sorted(Activity)


@pytest.mark.promise("P15")
def test_everybody_who_may_receive_data_is_named_and_nobody_else(spoken: str) -> None:
    named = {each for table in personal().values() for each in table.receivers or ()} | {*OF_ALL}
    points = {line.label: line.text for line in notice_lines(HOUSE) if line.mark is Mark.POINT}
    said = {each for each in Receiver if upper_first(_(RECEIVER_NAMES[each])) in points}
    assert said == named
    for receiver in named:
        assert points[upper_first(_(RECEIVER_NAMES[receiver]))] == _(RECEIVER_SAYS[receiver])


@pytest.mark.promise("P7")
def test_what_it_says_of_trainers_is_what_packs_may_hold() -> None:
    """Whoever lets a pack hold more has to change these words."""
    assert {f"{table}.{column}" for table, column in TO_TRAINERS} == {
        "person.first_name",
        "person.last_name",
        "person.company_name",
        "company.name",
        "training.title",
        "session_day.starts_at",
        "outcome.grade",
        "outcome.completed",
    }
    assert RECEIVER_SAYS[Receiver.TRAINER_ORGANISATION] == (
        "Your name and company, to teach you. To grant a certificate or permit also the training, "
        "its days, whether you completed it, and for a certificate your grade."
    )


@pytest.mark.promise("P16")
def test_it_says_where_outside_the_eea_data_goes(spoken: str) -> None:
    inside = _said(notice_lines(HOUSE))
    abroad = _said(notice_lines(HOUSE, [Transfer("GB", "Standard clauses of 1.2.2026")]))
    assert "standard clauses of 1.2.2026" not in inside
    assert "standard clauses of 1.2.2026" in abroad
    country = {"fi": "Iso-Britannia", "sv": "Storbritannien", "en": "United Kingdom"}[spoken]
    country = country.casefold()
    assert (country in inside, country in abroad) == (False, True)


@pytest.mark.promise("P19")
def test_the_authority_and_the_contact_are_in_it(spoken: str) -> None:
    house = HOUSE.model_copy(update={"business_id": "0112038-9"})
    lines = notice_lines(house)
    said = _said(lines)
    for text in (
        house.name,
        "0112038-9",
        house.address,
        house.privacy_contact,
        house.privacy_email,
        house.authority,
        house.authority_url,
    ):
        assert text.casefold() in said
    links = {line.link for line in lines}
    assert {"/me/data", "/me/seen", "/me/erase", "/me/consents", house.authority_url} <= links


def test_an_address_that_is_no_web_page_is_no_link() -> None:
    house = HOUSE.model_copy(update={"authority_url": "javascript:alert(1)"})
    assert [line.link for line in notice_lines(house) if "javascript" in line.link] == []


@pytest.mark.promise("P19")
def test_who_reads_their_own_part_needs_five_minutes(spoken: str) -> None:
    """What everybody reads, and the longest of the parts of which each opens their own."""
    keys = {each.key for each in SITUATIONS}
    counts = {"": 0} | dict.fromkeys(keys, 0)
    key = ""
    for line in notice_lines(HOUSE):
        if line.mark is Mark.SECTION:
            key = line.link if line.link in keys else ""
        counts[key] += len(f"{line.label} {line.text}".split())
    longest = max(counts[each] for each in keys - {"anybody"})
    assert counts[""] + longest <= 5 * WORDS_A_MINUTE, counts


def test_a_table_that_is_not_there_is_not_spoken_of() -> None:
    held = {name: table for name, table in personal().items() if name != "sealed_diet"}
    without = [line.text for line in notice_lines(HOUSE, tables=held)]
    assert "Your food restrictions" in [line.text for line in notice_lines(HOUSE)]
    assert "Your food restrictions" not in without


def test_a_new_table_appears_by_itself() -> None:
    shoe = replace(personal()["place"], heading="Your shoes", purpose="to find shoes that fit")
    said = _said(notice_lines(HOUSE, tables={**personal(), "shoe": shoe}))
    assert "to find shoes that fit" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_of_the_command_has_every_line(language: str) -> None:
    text = render_text(language, HOUSE)
    with speaking(language):
        missing = [line.text for line in notice_lines(HOUSE) if line.text not in text]
    assert missing == []
