"""Nobody meets an English sentence on a Finnish or Swedish page, nor a page that cannot be made."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from registration import i18n
from tests.contracts.messages import (
    TRANSLATED,
    as_file,
    catalogue_path,
    faults,
    in_line,
    read_catalogue,
    source_messages,
    write_catalogues,
)

SEATS = ("%(num)s seat left", "%(num)s seats left")


@pytest.fixture(scope="module")
def source() -> Catalog:
    return source_messages()


def catalogue_of(texts: dict[str | tuple[str, str], str | tuple[str, ...]]) -> Catalog:
    made = Catalog(locale="fi", fuzzy=False)
    for message, text in texts.items():
        made.add(message, text)
    return made


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalogue_translates_all_of_the_source(language: str, source: Catalog) -> None:
    assert faults(source, read_catalogue(language)) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalogue_is_as_the_tool_writes_it(language: str, source: Catalog) -> None:
    written = as_file(in_line(source, read_catalogue(language)))
    assert catalogue_path(language).read_bytes() == written


@pytest.mark.parametrize(("language", "word"), [("fi", "Kirjaudu"), ("sv", "Logga in")])
def test_pages_speak_the_catalogues_language(language: str, word: str) -> None:
    with i18n.speaking(language):
        assert i18n.gettext("Log in") == word


def test_plural_follows_the_number() -> None:
    with i18n.speaking("fi"):
        said = [i18n.ngettext(*SEATS, count) % {"num": count} for count in (0, 1, 2)]
    assert said == ["0 paikkaa vapaana", "1 paikka vapaana", "2 paikkaa vapaana"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not translated: 'Hello {name}'"),
        ("Hei", "other placeholders than in the source: 'Hello {name}'"),
        ("Hei {nimi}", "other placeholders than in the source: 'Hello {name}'"),
        ("Hei {name}, 100 %", "other placeholders than in the source: 'Hello {name}'"),
        (("Hei {name}", "Hei {name}"), "wrong number of plural forms: 'Hello {name}'"),
    ],
)
def test_faulty_text_is_found(text: str | tuple[str, str], fault: str) -> None:
    source = catalogue_of({"Hello {name}": ""})
    assert faults(source, catalogue_of({"Hello {name}": text})) == [fault]


@pytest.mark.parametrize(
    ("forms", "fault"),
    [
        (("%(num)s paikka",), "wrong number of plural forms"),
        (("%(num)s paikka", ""), "not translated"),
        (("%(num)s paikka", "paikkoja"), "other placeholders than in the source"),
    ],
)
def test_faulty_plural_is_found(forms: tuple[str, ...], fault: str) -> None:
    source = catalogue_of({SEATS: ("", "")})
    assert faults(source, catalogue_of({SEATS: forms})) == [f"{fault}: {SEATS[0]!r}"]


def test_missing_and_left_over_messages_are_found() -> None:
    source = Catalog()
    source.add("Menu", locations=[("templates/base.html", 7)])
    assert faults(source, catalogue_of({"Old": "Vanha"})) == [
        "missing: 'Menu' (templates/base.html:7)",
        "not in the source: 'Old'",
    ]


def test_changed_plural_is_found() -> None:
    source = catalogue_of({SEATS: ("", "")})
    stale = catalogue_of({(SEATS[0], "%(num)s chairs left"): ("%(num)s a", "%(num)s b")})
    assert faults(source, stale) == [f"other plural than in the source: {SEATS[0]!r}"]


def test_fuzzy_text_is_found() -> None:
    stale = Catalog(locale="fi")
    stale.add("Menu", "Valikko", flags=["fuzzy"])
    assert faults(catalogue_of({"Menu": ""}), stale) == ["marked fuzzy, so it is not shown: 'Menu'"]


def test_writing_keeps_texts_adds_new_messages_and_drops_old_ones(tmp_path: Path) -> None:
    (tmp_path / "registration").mkdir()
    (tmp_path / "templates").mkdir()
    program = tmp_path / "registration" / "menu.py"
    program.write_text('_("Menu")\nN_("Old {name}")\n', encoding="utf-8")
    page = '{{ _("Hello %(name)s", name=x) }}{{ ngettext("%(num)s day", "%(num)s days", 2) }}'
    (tmp_path / "templates" / "page.html").write_text(page, encoding="utf-8")
    write_catalogues(tmp_path)
    first = read_catalogue("fi", tmp_path)
    assert sorted(str(m.id) for m in first if m.id) == [
        "('%(num)s day', '%(num)s days')",
        "Hello %(name)s",
        "Menu",
        "Old {name}",
    ]

    first.get("Menu").string = "Valikko"  # type: ignore[union-attr]  # it is there
    catalogue_path("fi", tmp_path).write_bytes(as_file(first))
    program.write_text('_("Menu")\n_("New")\n', encoding="utf-8")
    write_catalogues(tmp_path)
    second = read_catalogue("fi", tmp_path)
    assert {str(m.id): m.string for m in second if m.id} == {
        "('%(num)s day', '%(num)s days')": ("", ""),
        "Hello %(name)s": "",
        "Menu": "Valikko",
        "New": "",
    }
    before = catalogue_path("fi", tmp_path).read_bytes()
    write_catalogues(tmp_path)
    assert catalogue_path("fi", tmp_path).read_bytes() == before


def test_page_of_patterns_and_migrations_need_no_translation(source: Catalog) -> None:
    places = {name for message in source for name, _line in message.locations}
    assert [name for name in places if "patterns" in name or "migrations" in name] == []
