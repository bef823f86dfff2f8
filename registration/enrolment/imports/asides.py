"""Rows of a list that are nobody: totals, notes below it, lines between groups."""

from __future__ import annotations

import re
from collections.abc import Mapping

from registration.enrolment.imports.fields import FULL_NAMES, Field
from registration.enrolment.imports.texts import key, plain

_TOTALS = (
    "yhteensä", "yht", "summa", "total", "totalt", "totals", "sammanlagt", "lukumäärä", "antal",
    "sum", "kaikkiyhteensä", "loppusumma", "grandtotal",
)  # fmt: skip
_COUNTED = re.compile(
    r"(?:(?:osallistuji[ae]n?|henkilö(?:itä|iden|stöä)|työntekijöitä|deltagare|personer|"
    r"participants|people|persons|employees)\W+)?"
    r"(?:kaikki )?(?:yhteensä|yht|summa|total\w*(?: \w+)?|sammanlagt|lukumäärä|antal(?: \w+)?|sum|"
    r"number of \w+|osallistujamäärä|deltagarantal)\b\W*\d+(?:[.,]0)?(?:\W+[^\W\d]+){0,3}\W*",
    re.IGNORECASE,
)
_COUNT_FIRST = re.compile(
    r"\d+ (?:henkilöä|osallistujaa|työntekijää|hlöä?|hlö|kpl|deltagare|personer|people|"
    r"participants|persons|employees|st|pcs)\W*(?:yhteensä|totalt|in total)?\W*",
    re.IGNORECASE,
)
_NAME_LIKE = re.compile(r"[^\W\d_][^\d:;!?*@/=+<>]{1,60}")
_MOST_NAME_WORDS = 5


def is_total(values: Mapping[Field, str], cells: tuple[str, ...]) -> bool:
    """True for a row that sums up: such a word first and only numbers after it.

    ``Summa`` is also a family name, so any other word makes the row a person.
    """
    if any("@" in cell for cell in cells):
        return False
    filled = [plain(cell) for cell in cells if cell.strip()]
    if not filled or values.get(Field.EMAIL, "").strip():
        return False
    whole = " ".join(filled)[:200]
    if _COUNTED.fullmatch(whole) or _COUNT_FIRST.fullmatch(whole):
        return True
    if key(filled[0]) not in _TOTALS:
        return False
    numeric = [cell for cell in filled[1:] if not any(letter.isalpha() for letter in cell)]
    counts = bool(numeric) or any(letter.isdigit() for letter in filled[0])
    return len(numeric) == len(filled) - 1 and (counts or filled[0].endswith(":"))


def is_note(values: Mapping[Field, str], cells: tuple[str, ...]) -> bool:
    """True for a single text beside nothing else that is no address and no full name.

    Such a row could not be enrolled as it stands; it is shown, and can be taken along.
    """
    filled = [plain(cell) for cell in cells if cell.strip()]
    if not any(letter.isalnum() for cell in filled for letter in cell):
        return True
    if len(filled) != 1 or "@" in filled[0] or len(values) < 2:
        return False
    words = filled[0].split()
    whole = next((values[field] for field in FULL_NAMES if values.get(field, "").strip()), "")
    if whole:
        named = _NAME_LIKE.fullmatch(filled[0]) and 1 < len(words) <= _MOST_NAME_WORDS
        return not (named and all(word[:1].isupper() or len(word) < 4 for word in words))
    return True
