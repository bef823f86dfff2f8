"""What is never kept of a file: food restrictions, personal identity codes, remarks (P1, P5).

It is taken out in the process that reads the file, before anything is stored: neither the
database nor a file that is written later can hold it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from stdnum.fi import hetu
from stdnum.se import personnummer

from registration.enrolment.imports.columns import Columns
from registration.enrolment.imports.error_file import REASON_HEADING
from registration.enrolment.imports.fields import FULL_NAMES, Field, Why, Withheld
from registration.enrolment.imports.texts import key
from registration.i18n import LANGUAGES, _, speaking

Rows = tuple[tuple[str, ...], ...]

_EXACT = {
    Why.DIET: "diet diets food mat kost ruoka ruuat ateria lounas lunch meal meals menu safka "
    "terveys hälsa health erikoisruoka ruokarajoite",
    Why.IDENTITY: "hetu hetut sotu ssn dob cpr hlötunnus hlötunniste henktunnus personnr pinkod "
    "syntaika syntpvm synt syntynyt född born birth birthday ikä ålder age",
    Why.REMARKS: "lisätieto lisätiedot lisätietoja huom huomio huomiot huomautus huomautukset "
    "muuta muut kommentti kommentit viesti notes note remark remarks comment comments message "
    "other info anteckning anteckningar övrigt anmärkning anmärkningar kommentar kommentarer "
    "meddelande toiveet toive önskemål wishes",
}
_WORDS = {word: why for why, words in _EXACT.items() for word in words.split()}
_STEMS = (
    (
        Why.IDENTITY,
        re.compile(
            r"henkilötunn|henkilöturvatunn|sosiaaliturva|personbetec|personbeteck|personnummer|"
            r"identitycode|identitynumber|identificationnumber|nationalid|personalid|"
            r"socialsecurity|isikukood|fødselsn|syntymä|födelse|dateofbirth|birthdate|"
            r"passinumero|passnummer|passport|henkilökort"
        ),
    ),
    (
        Why.DIET,
        re.compile(
            r"ruokava|ruoka(?:raj|all|toiv|ain|tied|yli)|erityisruo|erikoisruo|ruokail|allerg|"
            r"diet|foodr|foodp|foodal|specialkost|matall|matpref|kostr|kosth|önskekost|matönske|"
            r"yliherk|överkäns|keliak|gluteen|gluten|laktoos|laktos|vegaan|vegan|vegetar|kasvisr|"
            r"ateria|lounas|terveystie|terveydent|sairau|lääkit|sjukdom|medicin|hälsot|"
            r"healthinfo|medical|illness|disabilit|vamma|esteettöm"
        ),
    ),
)
_TOLD = re.compile(
    r"allerg|gluteen|gluten|laktoos|laktos|lactos|keliak|celiak|coeliac|diabee|diabet|vegaan|"
    r"\bvegan|vegetari|kasvisruo|kasvissyö|lihaton|maidoton|munaton|kalaton|mjölkfri|nötfri|"
    r"pähkinätön|äggfri|köttfri|dairy.?free|nut.?free|kosher|\bhalal\b|ruokaval|ruokarajoit|"
    r"specialkost|\bei syö\b|\bäter inte\b|does not eat|doesn't eat|epileps|raskaana|gravid|"
    r"pregnan|yliherkk|överkänslig|anafyla|anaphyla|insuliini|insulin\b"
)
_TOLD_ALONE = re.compile(
    r"kasvis|vegis|veggie|pähkinä\w*|nötter|nuts|peanuts?|maapähkinä|kala|fisk|fish|äyriäi\w*|"
    r"skaldjur|shellfish|muna|kananmuna|ägg|eggs?|maito|mjölk|milk|soija|soja|soy|vehnä|vete|"
    r"wheat|sianliha\w*|porsas|fläsk|pork|vl|lakto-?ovo|pescetari\w*|sekasyöjä"
)
# Plain parts of the patterns above: a sheet with none of them needs no look at each cell.
_SIGNS = (
    "allerg", "glut", "lakt", "lact", "keliak", "celiak", "coeliac", "diabe", "vegaan", "vegan",
    "veget", "kasvis", "lihaton", "maidoton", "munaton", "kalaton", "fri", "free", "pähkin",
    "kosher", "halal", "ruoka", "specialkost", "ei syö", "äter inte", "eat", "epilep", "raskaana",
    "gravid", "pregnan", "yliherk", "överkäns", "anaf", "anaph", "insul",
)  # fmt: skip
_ASIDE = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])")
_HETU = re.compile(r"(?<![\w-])\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?!\w)", re.IGNORECASE)
_PERSONNUMMER = re.compile(r"(?<![\w+-])(?:19|20)?\d{6}[-+]?\d{4}(?!\w)")
_NAMES = FULL_NAMES | {Field.FIRST_NAME, Field.LAST_NAME}
_LONG_TEXT = 80
_LONG_WORDS = 9


@dataclass(frozen=True, slots=True)
class Stripped:
    """The rows without what is withheld; ``blanked`` counts single cells."""

    rows: Rows
    withheld: tuple[Withheld, ...]
    blanked: int


def strip(rows: Rows, columns: Columns) -> Stripped:
    """The sheet's rows as they may be kept, and which columns were left out and why.

    Row and column numbers stay as they are. Of a left-out column only a heading that says what it
    is stays.
    """
    whole = _withheld_columns(rows, columns)
    ours = _own_columns(rows, columns)
    heading = range(columns.header_row - columns.header_rows, columns.header_row)
    texts = "\n".join("\t".join(row) for row in rows)
    lower = texts.casefold()
    suspect = any(sign in lower for sign in _SIGNS) or _holds_code(texts)
    kept: list[tuple[str, ...]] = []
    blanked = 0
    for at, row in enumerate(rows):
        cells = list(row)
        for column in ours:
            if column < len(cells):
                cells[column] = ""
        for column in whole:
            if column < len(cells) and not (at in heading and _why_named(cells[column])):
                cells[column] = ""
        for column, text in enumerate(cells) if suspect else ():
            if text and at not in heading:
                clean = cleaned(text, columns.mapping.get(column))
                blanked += clean != text
                cells[column] = clean
        kept.append(_trimmed(cells))
    while kept and not kept[-1]:
        kept.pop()
    top = rows[columns.header_row - 1] if columns.header_row else ()
    told = tuple(
        Withheld(column, _heading(top, column), why)
        for column, why in sorted(whole.items())
        if column not in ours
    )
    return Stripped(tuple(kept), told, blanked)


def _own_columns(rows: Rows, columns: Columns) -> set[int]:
    """The column of reasons that our own files for mending have; it has done its work."""
    top = rows[columns.header_row - 1] if columns.header_row else ()
    own = _own_headings()
    return {column for column, text in enumerate(top) if text and key(text) in own}


@cache
def _own_headings() -> frozenset[str]:
    words: set[str] = set()
    for code in LANGUAGES:
        with speaking(code):
            words.add(key(_(REASON_HEADING)))
    return frozenset(words)


def _heading(top: tuple[str, ...], column: int) -> str:
    text = top[column] if column < len(top) else ""
    return " ".join(text.split())[:60] if _why_named(text) else ""


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1].strip():
        cells.pop()
    return tuple(cells)


def _withheld_columns(rows: Rows, columns: Columns) -> dict[int, Why]:
    found: dict[int, Why] = {}
    headed = columns.header_row or 1
    for at, row in enumerate(rows, start=1):
        for column, text in enumerate(row):
            if not text or column in columns.mapping or column in found:
                continue
            why = _why_named(text) if at <= headed else _WORDS.get(key(text[:60]))
            if why is Why.REMARKS and at != columns.header_row:
                why = None  # such a word below the headings is a remark itself
            if why is None and at > columns.header_row:
                why = _why_told(text, headed=bool(columns.header_row))
            if why is not None:
                found[column] = why
    return found


def _why_named(text: str) -> Why | None:
    """Why a column with such a heading is not kept."""
    if not text or len(text) > _LONG_TEXT * 2:
        return None
    word = key(text)
    whole = re.sub(r"[\W\d_]+", "", text.casefold())  # what stands in brackets counts too
    for why, stems in _STEMS:
        if stems.search(whole):
            return why
    return _WORDS.get(word)


def _why_told(text: str, *, headed: bool) -> Why | None:
    """Why a column with such a cell is not kept, where its heading is not understood."""
    if _holds_code(text):
        return Why.IDENTITY
    if "@" in text:
        return None
    lower = text.casefold()
    if _TOLD.search(lower) or (headed and _TOLD_ALONE.fullmatch(lower.strip(" .,!"))):
        return Why.DIET
    if headed and (len(text) > _LONG_TEXT or text.count(" ") >= _LONG_WORDS):
        return Why.REMARKS
    return None


def cleaned(text: str, field: Field | None) -> str:
    """The cell without identity codes, and without what tells of food or health.

    An address or a company may be named so: those stay.
    """
    if any(letter.isdigit() for letter in text):
        text = _HETU.sub(lambda match: "" if _is_hetu(match[0], field) else match[0], text)
        if field is not Field.PHONE:
            text = _PERSONNUMMER.sub(
                lambda match: "" if _is_personnummer(match[0]) else match[0], text
            )
    named_so = {Field.EMAIL, Field.COMPANY, Field.STREET, Field.CITY}
    if "@" in text or field in named_so or not _TOLD.search(text.casefold()):
        return text
    words = _ASIDE.sub("", text).split()
    if field in _NAMES and len(words) > 1:
        words = [word for word in words if not _TOLD.search(word.casefold())]
    rest = " ".join(words)
    alone = field in _NAMES and len(words) == 1  # a name may sound like a word of food
    return rest if alone or not _TOLD.search(rest.casefold()) else ""


def _holds_code(text: str) -> bool:
    """In a column that is not understood any date with a serial number is taken for a code."""
    return any(map(_is_dated, _HETU.findall(text))) or any(
        map(_is_personnummer, _PERSONNUMMER.findall(text))
    )


def _is_dated(code: str) -> bool:
    return 0 < int(code[:2]) < 32 and 0 < int(code[2:4]) < 13


def _is_hetu(code: str, field: Field | None) -> bool:
    """By its check character, or a letter in its place; a phone typed ``040123-4567`` is none."""
    if field is Field.PHONE and code[-1].isdigit():
        return False
    return _is_dated(code) and (code[-1].isalpha() or bool(hetu.is_valid(code.upper())))


def _is_personnummer(code: str) -> bool:
    """With a separator or a century; ten digits alone are rather a phone number."""
    telling = not code.isdigit() or len(code) == 12
    return telling and bool(personnummer.is_valid(code))
