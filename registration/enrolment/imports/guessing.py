"""What a column holds, told from its cells, where its heading does not say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from registration.enrolment.imports.fields import FULL_NAMES, Field
from registration.enrolment.imports.names import is_first_name, order_by_names
from registration.enrolment.imports.texts import folded, plain

Rows = Sequence[tuple[str, ...]]

ADDRESS = re.compile(
    r"\s*<?(?:mailto:)?[^\s@;,<>]+@[^\s@;,<>]+\.[^\s@;,<>]{2,}>?\s*", re.IGNORECASE
)
_WITHIN = re.compile(r"[^\s<>()\[\],;:\"'@]+@[^\s<>()\[\],;:\"'@]+")
_NUMBER = re.compile(r"\s*(?:tel:)?(?:\+|00?)?[1-9][\d\s()/.-]{5,18}\s*")
_POSTAL = re.compile(r"\s*(?:FI-?)?\d{5}\s*", re.IGNORECASE)
_STREET = re.compile(r"\s*[^\W\d][^@]*\s\d+\s?[a-zA-Z]?(?:\s?\d+)?.*")
_SAMPLE = 200
_LONGEST = 300
_PATTERNS = (
    (Field.EMAIL, ADDRESS), (Field.POSTAL_CODE, _POSTAL),
    (Field.PHONE, _NUMBER), (Field.STREET, _STREET),
)  # fmt: skip


def cell(row: tuple[str, ...], column: int) -> str:
    return row[column] if column < len(row) else ""


def split_named_address(text: str) -> tuple[str, str]:
    """Name and address of ``Anna Virtanen <anna@firma.fi>``; either may be empty."""
    text = plain(text[:300])
    match = _WITHIN.search(text)
    if match is None:
        return text, ""
    before = text[: match.start()].removesuffix("mailto:")
    return " ".join((before + " " + text[match.end() :]).split()).strip(" <>()[],;:\"'–-"), match[0]


def _is_named_address(text: str) -> bool:
    if "@" not in text:
        return False
    name, address = split_named_address(text)
    return bool(address) and sum(map(str.isalpha, name)) > 2 and not any(map(str.isdigit, name))


def guess_from_content(rows: Rows) -> tuple[dict[int, Field], int]:
    """Columns whose cells leave no doubt, and the row of unknown headings above them (0: none);
    nothing without a column of e-mail addresses."""
    sample = [row for row in rows if any(ADDRESS.fullmatch(text) for text in row)][:_SAMPLE]
    if not sample:
        return _guess_named_addresses(rows)
    mapping: dict[int, Field] = {}
    for meant, pattern in _PATTERNS:
        column = _column_like(pattern, sample, mapping, enough=2)
        if column is not None:
            mapping[column] = meant
    if Field.EMAIL not in mapping.values():
        return {}, 0
    _guess_names(sample, mapping)
    return dict(sorted(mapping.items())), _unknown_heading(rows, mapping)


def _guess_named_addresses(rows: Rows) -> tuple[dict[int, Field], int]:
    named = [at for at, row in enumerate(rows) if any(map(_is_named_address, row))]
    mapping = _named_address([rows[at] for at in named[:_SAMPLE]], {})
    if not mapping:
        return {}, 0
    above = rows[named[0] - 1] if named[0] else ()
    return mapping, named[0] if all(cell(above, column).strip() for column in mapping) else 0


def guess_rest(mapping: Mapping[int, Field], below: Rows) -> dict[int, Field]:
    """``mapping`` with addresses and names where no heading told them, from the cells below."""
    known = dict(mapping)
    filled = [row for row in below if row]
    if Field.EMAIL not in known.values():
        column = _column_like(ADDRESS, filled, known, enough=3)
        if column is None:
            return dict(sorted((known | _named_address(filled, known)).items()))
        known[column] = Field.EMAIL
    if not set(known.values()) & (FULL_NAMES | {Field.FIRST_NAME, Field.LAST_NAME}):
        sample = [row for row in filled if any(ADDRESS.fullmatch(text) for text in row)][:_SAMPLE]
        _guess_names(sample, known)
    return dict(sorted(known.items()))


def _named_address(rows: Rows, mapping: Mapping[int, Field]) -> dict[int, Field]:
    """The column that holds name and address together, in place of one for the name."""
    whole = {at for at, meant in mapping.items() if meant in FULL_NAMES}
    for column in range(max((len(row) for row in rows), default=0)):
        if column in mapping and column not in whole:
            continue
        texts = [text for row in rows if (text := cell(row, column)).strip()]
        told = sum(1 for text in texts if _is_named_address(text))
        if told and told * 10 >= len(texts) * 6:
            return {column: Field.NAME_EMAIL}
    return {}


def _column_like(
    pattern: re.Pattern[str], rows: Rows, mapping: Mapping[int, Field], *, enough: int
) -> int | None:
    """The first free column where a row in ``enough`` has a text, and most of them match."""
    for column in range(max((len(row) for row in rows), default=0)):
        texts = [text for row in rows if (text := cell(row, column)).strip()]
        matching = sum(1 for text in texts if pattern.fullmatch(text))
        full = texts and len(texts) * enough >= len(rows)
        if column not in mapping and full and matching * 10 >= len(texts) * 8:
            return column
    return None


def settle_name_order(mapping: Mapping[int, Field], rows: Rows) -> dict[int, Field]:
    """The mapping with a full name's order told from commas and addresses, else from the names.

    It stays ``Field.NAME`` when nothing tells.
    """
    settled = dict(mapping)
    emails = [column for column, meant in mapping.items() if meant is Field.EMAIL]
    for column in [at for at, meant in mapping.items() if meant is Field.NAME]:
        pairs = [(cell(row, column), cell(row, emails[0]) if emails else "") for row in rows]
        votes = [order_vote(name, email) for name, email in pairs]
        if not any(votes):
            votes = [order_by_names(name) for name, _email in pairs]
            votes = (
                votes if sum(map(abs, votes)) > 1 else []
            )  # the names of one or two rows prove little
        if votes.count(1) > 2 * votes.count(-1):
            settled[column] = Field.NAME_FIRST_LAST
        elif votes.count(-1) > 2 * votes.count(1):
            settled[column] = Field.NAME_LAST_FIRST
    return settled


def _guess_names(sample: Rows, mapping: dict[int, Field]) -> None:
    """Add the name columns that the addresses (``first.last@``) tell, or else the names do."""
    email = next(column for column, meant in mapping.items() if meant is Field.EMAIL)
    parts = [_local_parts(cell(row, email)) for row in sample]
    told = sum(1 for part in parts if part is not None)
    if told and told * 10 >= len(sample) * 6:
        _names_by_address(sample, email, parts, told, mapping)
    guessed = set(mapping.values())
    if Field.NAME in guessed and guessed & {Field.FIRST_NAME, Field.LAST_NAME}:
        for column in [c for c, meant in mapping.items() if meant is Field.NAME]:
            del mapping[column]
    if not set(mapping.values()) & (FULL_NAMES | {Field.FIRST_NAME, Field.LAST_NAME}):
        _names_by_themselves(sample, mapping)


def _names_by_address(
    sample: Rows,
    email: int,
    parts: Sequence[tuple[str, str] | None],
    told: int,
    mapping: dict[int, Field],
) -> None:
    for column in range(max(len(row) for row in sample)):
        if column in mapping:
            continue
        texts = [cell(row, column) for row in sample]
        for meant, side in ((Field.FIRST_NAME, 0), (Field.LAST_NAME, 1)):
            same = sum(
                1
                for text, part in zip(texts, parts, strict=True)
                if part is not None and folded(text) == part[side]
            )
            if same * 10 >= told * 6 and meant not in mapping.values():
                mapping[column] = meant
                break
        else:
            votes = [
                order_vote(text, cell(row, email)) for text, row in zip(texts, sample, strict=True)
            ]
            if abs(sum(votes)) * 10 >= told * 6:
                mapping[column] = Field.NAME


def _names_by_themselves(sample: Rows, mapping: dict[int, Field]) -> None:
    """Where most cells hold a common first name: alone it is that column, and the one beside it
    with single words the last name; with more words it is the full name."""
    for column in range(max((len(row) for row in sample), default=0)):
        if column in mapping:
            continue
        texts = [text for row in sample if (text := cell(row, column).strip())]
        words = [text.replace(",", " ").split() for text in texts]
        wordy = [one for one in words if len(one) > 1]
        named = sum(any(is_first_name(word) for word in one) for one in words)
        if named < 3 or named * 2 < len(texts):  # the names of one or two rows prove little
            continue
        if len(wordy) * 2 > len(texts):
            last = next((at for at in _beside(column, mapping) if _is_wordlike(sample, at)), None)
            firsts = all(is_first_name(word) for one in wordy[:20] for word in one)
            if last is None or not firsts:
                mapping[column] = Field.NAME
                return
        for other in _beside(column, mapping):
            if _is_wordlike(sample, other):
                mapping[column], mapping[other] = Field.FIRST_NAME, Field.LAST_NAME
                return


def _beside(column: int, mapping: Mapping[int, Field]) -> list[int]:
    return [at for at in (column + 1, column - 1) if at >= 0 and at not in mapping]


def _is_wordlike(sample: Rows, column: int) -> bool:
    texts = [text for row in sample if (text := cell(row, column).strip())]
    plain = sum(text.replace("-", "").replace(" ", "").isalpha() for text in texts)
    return len(texts) * 10 >= len(sample) * 8 and plain * 10 >= len(texts) * 8


def _unknown_heading(rows: Rows, mapping: Mapping[int, Field]) -> int:
    """The row just above the first address, if it has a text over most columns and no digits."""
    email = next(column for column, meant in mapping.items() if meant is Field.EMAIL)
    first = next(i for i, row in enumerate(rows) if ADDRESS.fullmatch(cell(row, email)))
    above = rows[first - 1] if first else ()
    texts = [cell(above, column).strip() for column in mapping]
    return first if all(text and not any(c.isdigit() for c in text) for text in texts) else 0


def _local_parts(email: str) -> tuple[str, str] | None:
    local = email.strip(" <>").lower().removeprefix("mailto:").partition("@")[0]
    first, dot, last = local.partition(".")
    return (folded(first), folded(last)) if dot and first and last else None


def order_vote(name: str, email: str) -> int:
    """1 for first name first, -1 for last name first, 0 if the cell does not tell."""
    if "," in name:
        return -1
    words = [folded(word) for word in name[:_LONGEST].split()]
    parts = _local_parts(email)
    if parts is None or len(words) < 2:
        return 0
    first, last = parts
    if words[0].startswith(first) and words[-1] and last.endswith(words[-1]):
        return 1
    if words[-1].startswith(first) or (len(words) > 2 and words[1].startswith(first)):
        return -1 if last.startswith(words[0]) else 0
    return 0
