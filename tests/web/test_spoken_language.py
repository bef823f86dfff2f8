"""Which language a page is in, what it says of it, and the order of names."""

from __future__ import annotations

import re

import httpx
import pytest

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue import service
from registration.catalogue.rules import Day, SessionGiven, TrainingGiven
from registration.i18n import collation_key, foreign_language, speaking
from tests.web.makers import HOUR, make_session, make_training, make_venue, soon

ALTERNATE = re.compile(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">')


async def in_finnish_only() -> str:
    """A session whose texts are in Finnish alone; its id."""
    given = TrainingGiven(
        title={"fi": "Turvallisuus"}, slug="turva", summary={"fi": "Radalla."}, published=True
    )
    training = await service.add_training(given, actor_id=None, now=clock.now())
    days = (Day(starts_at=soon(), ends_at=soon() + 7 * HOUR),)
    session = SessionGiven(training=training, days=days, capacity=5, language="fi")
    made = await service.add_session(session, actor_id=None, now=clock.now())
    return str((await catalogue.session(made)).id)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_answers_say_their_language(client: httpx.AsyncClient, language: str) -> None:
    headers = {"Accept-Language": language}
    for path in ("/", "/privacy", "/accessibility", "/verify", "/login", "/no/such/page"):
        answer = await client.get(path, headers=headers)
        assert (answer.headers["content-language"], path) == (language, path)
    assert "content-language" not in (await client.get("/brand.css", headers=headers)).headers


async def test_language_asked_for_wins_and_an_unknown_one_does_not(
    client: httpx.AsyncClient,
) -> None:
    spoken = [
        (await client.get(f"/?lang={asked}")).headers["content-language"]
        for asked in ("xx", "", "%00", "fi-FI", "sv")
    ]
    assert spoken == ["en", "en", "en", "en", "sv"]


async def test_public_pages_name_themselves_in_each_language(client: httpx.AsyncClient) -> None:
    await make_session(await make_training(slug="track-safety"))
    for path in ("/trainings/track-safety", "/accessibility", "/privacy"):
        found = dict(ALTERNATE.findall((await client.get(path)).text))
        assert found == {
            "fi": f"http://testserver{path}?lang=fi",
            "sv": f"http://testserver{path}?lang=sv",
            "en": f"http://testserver{path}?lang=en",
            "x-default": f"http://testserver{path}",
        }
    assert ALTERNATE.findall((await client.get("/login")).text) == []


async def test_text_in_another_language_is_marked_and_said(client: httpx.AsyncClient) -> None:
    session = await in_finnish_only()
    for path in (f"/sessions/{session}", "/trainings/turva"):
        english = (await client.get(path)).text
        assert '<h1 lang="fi">Turvallisuus</h1>' in english
        assert "This text is in Finnish only." in english
        finnish = (await client.get(path, headers={"Accept-Language": "fi"})).text
        assert "<h1>Turvallisuus</h1>" in finnish
    assert '<h3 lang="fi"><a href' in (await client.get("/")).text


def test_fallback_is_foreign_only_when_it_is() -> None:
    with speaking("sv"):
        assert [
            foreign_language(texts)
            for texts in ({"sv": "a", "fi": "b"}, {"fi": "b", "en": "c"}, {"en": "c"}, {})
        ] == [None, "fi", "en", None]


NAMES = ["Öhman", "Zetterberg", "Åberg", "Äijälä", "Virtanen", "Wirtanen", "Vuori", "andersson"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "fi",
            "andersson Virtanen Wirtanen Vuori Zetterberg Åberg Äijälä Öhman",
        ),
        (
            "sv",
            "andersson Virtanen Vuori Wirtanen Zetterberg Åberg Äijälä Öhman",
        ),
        (
            "en",
            "andersson Virtanen Vuori Wirtanen Zetterberg Åberg Äijälä Öhman",
        ),
    ],
)
def test_letters_stand_in_their_order(language: str, expected: str) -> None:
    with speaking(language):
        assert " ".join(sorted(NAMES, key=collation_key)) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Élise", "Emma"),
        ("Łukasz", "Luukas"),
        ("Müller", "Mylly"),
        ("A\u030aberg", "Äijälä"),  # the ring as a mark of its own
        ("Anna Liisa", "Annala"),
        ("Anna-Liisa", "Annala"),
        ("Zoë", "Åsa"),
        ("1. kurssi", "Alkeet"),
    ],
)
def test_other_letters_stand_beside_their_likes(first: str, second: str) -> None:
    assert sorted([second, first], key=collation_key) == [first, second]


async def test_places_to_choose_from_are_in_that_order(client: httpx.AsyncClient) -> None:
    training = await make_training()
    for number, city in enumerate(["Äänekoski", "Ylöjärvi", "Åbo", "Vaasa"]):
        venue = await make_venue(city)
        await make_session(training, venue=venue, starts_at=soon(days=5 + number))
    text = (await client.get("/")).text
    places = re.findall(r'<option value="(Äänekoski|Ylöjärvi|Åbo|Vaasa)"', text)
    assert places == ["Vaasa", "Ylöjärvi", "Åbo", "Äänekoski"]
