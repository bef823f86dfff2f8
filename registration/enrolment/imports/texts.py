"""Cell text made plain: what programs add unseen is taken away, what a person wrote is kept."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2069\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)
_WIDE = re.compile("[\u3000\uff01-\uff5e]")
_NOT_KEY = re.compile(r"[\W\d_]+")
_PARENTHESES = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_ERROR = re.compile(r"#(?:[A-ZÅÄÖ]{2,}[A-ZÅÄÖ0-9/ ]*[!?]?|N/A)")
_MOJIBAKE = re.compile("[\u00c2-\u00c5][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]")
_DASHES = frozenset("-–—.…/_ ")
_NOTHING = frozenset(
    {
        "eiole", "eioo", "eitiedossa", "eipuhelinta", "puuttuu", "tyhjä",
        "saknas", "ingen", "inget", "finnsinte", "finnsej",
        "none", "missing", "unknown",
    }
)  # fmt: skip
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "đ": "d", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "þ": "th", "ð": "d"}
)
_LONGEST_KEY = 120  # patterns below meet no text so long that matching it would take long
FORMULA_SIGNS = "=+-@"


def plain(text: str) -> str:
    """Composed letters, single spaces, nothing invisible, full-width characters as usual ones."""
    if not text.isascii():
        if _WIDE.search(text):
            text = unicodedata.normalize("NFKC", text)
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def key(text: str) -> str:
    """The letters alone, case folded: how headings are compared (``E-mail *:`` is ``email``)."""
    return _NOT_KEY.sub("", _PARENTHESES.sub("", plain(text[:_LONGEST_KEY]))).casefold()


def folded(text: str) -> str:
    """Plain ASCII letters and digits in lower case, as names appear in e-mail addresses."""
    marked = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in marked if letter.isascii() and letter.isalnum()).lower()


def is_dash(text: str) -> bool:
    """True for a cell that only marks that there is nothing, such as ``-``."""
    return not set(text) - _DASHES


def says_nothing(text: str) -> bool:
    """True for words such as ``ei ole`` or ``none``."""
    return key(text) in _NOTHING or text.casefold() == "n/a"


def is_error(text: str) -> bool:
    """True for what a program shows for a failed formula: ``#N/A``, ``#REF!``, ``#PUUTTUU!``."""
    return text.startswith("#") and len(text) < 30 and _ERROR.fullmatch(text.upper()) is not None


def mended_letters(text: str) -> str | None:
    """The text as it was before UTF-8 was read as Windows-1252, or None if it was not."""
    if text.isascii() or not _MOJIBAKE.search(text):
        return None
    try:
        return plain(text.encode("cp1252").decode("utf-8"))
    except UnicodeError:
        return None


def has_lost_letters(text: str) -> bool:
    """True where a letter was replaced by a mark: ``M\N{REPLACEMENT CHARACTER}kinen``, ``M?ki``."""
    return "\ufffd" in text or re.search(r"\w\?\w|\w\?$", text) is not None


def armed(text: str) -> str:
    """The cell without the apostrophe that keeps programs from running it, as in our own files."""
    return text[1:] if text[:1] == "'" and text[1:2] and text[1] in FORMULA_SIGNS else text
