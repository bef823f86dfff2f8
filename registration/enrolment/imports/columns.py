"""Which column holds what: by its heading in three languages, or else by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registration.enrolment.imports.fields import FULL_NAMES, Field
from registration.enrolment.imports.limits import MAX_COLUMNS
from registration.enrolment.imports.texts import folded, key

Rows = Sequence[tuple[str, ...]]

_HEADINGS: Mapping[Field, str] = {
    Field.FIRST_NAME: "etunimi etunimet kutsumanimi förnamn tilltalsnamn firstname firstnames "
    "givenname givennames forename vorname",
    Field.LAST_NAME: "sukunimi efternamn släktnamn tillnamn lastname surname familyname nachname",
    Field.NAME: "nimi kokonimi osallistuja osallistujannimi työntekijä työntekijännimi henkilö "
    "henkilönnimi namn helanamnet fullständigtnamn deltagare deltagarensnamn anställd person "
    "name fullname participant participantname employee employeename",
    Field.NAME_FIRST_LAST: "etunimisukunimi etunimijasukunimi etujasukunimi förnamnefternamn "
    "förnamnochefternamn förochefternamn firstnamelastname firstandlastname",
    Field.NAME_LAST_FIRST: "sukunimietunimi sukunimijaetunimi sukujaetunimi sukunimietunimet "
    "efternamnförnamn efternamnochförnamn efterochförnamn lastnamefirstname",
    Field.EMAIL: "sähköposti sähköpostiosoite sposti spostiosoite meili maili email emailaddress "
    "emailosoite epost epostadress epostaddress mail mailaddress mailadress mejl mejladress "
    "työsähköposti",
    Field.PHONE: "puhelin puhelinnumero puhelinnro puh puhnro puhno gsm gsmnumero matkapuhelin "
    "matkapuhelinnumero kännykkä kännykkänumero telefon telefonnummer telefonnr tel tfn mobil "
    "mobilnummer mobiltelefon mobilnr phone phonenumber telephone telephonenumber mobile "
    "mobilephone mobilenumber mobilephonenumber cell cellphone työpuhelin",
    Field.STREET: "lähiosoite katuosoite osoite postiosoite kotiosoite adress gatuadress "
    "näradress postadress hemadress gata address streetaddress street addressline postaladdress",
    Field.POSTAL_CODE: "postinumero postinro postino postnro pnro postnummer postnr postalcode "
    "postcode zip zipcode zippostalcode postinumerojapostitoimipaikka postinumerojapaikkakunta "
    "postnummerochort",
    Field.CITY: "paikkakunta kunta kaupunki postitoimipaikka postitmp ptp kotikunta kotipaikka "
    "ort postort postanstalt stad kommun hemort hemkommun city town municipality",
    Field.COUNTRY: "maa kotimaa maakoodi land hemland landskod country countrycode",
    Field.LANGUAGE: "kieli asiointikieli äidinkieli kurssikieli koulutuskieli språk modersmål "
    "kontaktspråk kursspråk language preferredlanguage languagecode",
    Field.COMPANY: "yritys yhtiö työnantaja organisaatio yrityksennimi firma företag bolag "
    "arbetsgivare organisation företagetsnamn company companyname employer organization",
}
_EXACT = {heading: known for known, words in _HEADINGS.items() for heading in words.split()}
_PARTS: tuple[tuple[str, Field], ...] = (
    ("etunim", Field.FIRST_NAME), ("förnamn", Field.FIRST_NAME), ("firstname", Field.FIRST_NAME),
    ("sukunim", Field.LAST_NAME), ("efternamn", Field.LAST_NAME), ("lastname", Field.LAST_NAME),
    ("surname", Field.LAST_NAME), ("sähköposti", Field.EMAIL), ("email", Field.EMAIL),
    ("epost", Field.EMAIL), ("puhelin", Field.PHONE), ("telefon", Field.PHONE),
    ("phone", Field.PHONE), ("mobil", Field.PHONE), ("postinumero", Field.POSTAL_CODE),
    ("postnummer", Field.POSTAL_CODE), ("postalcode", Field.POSTAL_CODE),
    ("katuosoite", Field.STREET), ("lähiosoite", Field.STREET), ("gatuadress", Field.STREET),
    ("postitoimipaikka", Field.CITY), ("postort", Field.CITY),
)  # fmt: skip
_OTHERS = re.compile(
    r"esimie|esihenkil|päällik|yhteyshenk|yhdyshenk|lasku|lähiomai|yrityk|yhtiö|chef|förman|"
    r"kontaktperson|faktura|anhörig|företag|manager|supervisor|contactperson|invoice|billing|"
    r"nextofkin|emergency|company|fax"
)

_HEADER_SEARCH = 40
_SAMPLE = 200
_LOOKED_AT = 2_000
_LONGEST = 300
_ADDRESS = re.compile(r"\s*(?:mailto:)?[^\s@;,<>]+@[^\s@;,<>]+\.[^\s@;,<>]{2,}\s*", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(?:\+|00?)?[1-9][\d\s()/.-]{5,18}\s*")
_POSTAL = re.compile(r"\s*(?:FI-?)?\d{5}\s*", re.IGNORECASE)
_STREET = re.compile(r"\s*[^\W\d][^@]*\s\d+\s?[a-zA-Z]?(?:\s?\d+)?.*")


@dataclass(frozen=True, slots=True)
class Columns:
    """``header_row`` counts from 1, 0 without headings; ``mapping`` counts columns from 0."""

    header_row: int
    mapping: Mapping[int, Field]
    score: int


def field_of(heading: str) -> tuple[Field | None, int]:
    """What a heading means, and how sure that is: 2 known word, 1 part of a longer one, 0 not."""
    word = key(heading)
    if known := _EXACT.get(word):
        return known, 2
    if _OTHERS.search(word):
        return None, 0
    for part, meant in _PARTS:
        if part in word:
            return meant, 1
    return None, 0


def find_columns(rows: Rows) -> Columns:
    """The best heading row of a sheet; without one, columns told from their content."""
    rows = [tuple(_short(cell) for cell in row[:MAX_COLUMNS]) for row in rows[:_LOOKED_AT]]
    best = Columns(header_row=0, mapping={}, score=0)
    filled = ((number, row) for number, row in enumerate(rows, start=1) if row)
    for _, (number, row) in zip(range(_HEADER_SEARCH), filled, strict=False):
        found = _read_headings(row, rows[number : number + _SAMPLE])
        if found.score > best.score:
            best = Columns(header_row=number, mapping=found.mapping, score=found.score)
    if best.score:
        return best
    return _guess_from_content(rows)


def _short(cell: str) -> str:
    """The cell, or a mark if it is too long to tell anything; patterns then meet short text."""
    return cell if len(cell) <= _LONGEST else "…"


def settle_name_order(mapping: Mapping[int, Field], rows: Rows) -> dict[int, Field]:
    """The mapping with a full name's order told from commas and from the e-mail addresses.

    It stays ``Field.NAME`` when nothing tells.
    """
    settled = dict(mapping)
    names = [column for column, meant in mapping.items() if meant is Field.NAME]
    emails = [column for column, meant in mapping.items() if meant is Field.EMAIL]
    for column in names:
        votes = [
            _order_vote(_cell(row, column), _cell(row, emails[0]) if emails else "") for row in rows
        ]
        if votes.count(1) > 2 * votes.count(-1):
            settled[column] = Field.NAME_FIRST_LAST
        elif votes.count(-1) > 2 * votes.count(1):
            settled[column] = Field.NAME_LAST_FIRST
    return settled


def is_repeated_heading(row: tuple[str, ...], headings: tuple[str, ...]) -> bool:
    """True if every filled cell, two at least, says what the heading above it says."""
    filled = [at for at, cell in enumerate(row) if cell.strip()]
    return len(filled) > 1 and all(
        at < len(headings) and key(row[at]) and key(row[at]) == key(headings[at]) for at in filled
    )


def _cell(row: tuple[str, ...], column: int) -> str:
    return row[column] if column < len(row) else ""


def _read_headings(row: tuple[str, ...], below: Rows) -> Columns:
    """What the row maps if it is one of headings; score 0 if it is not."""
    if any("@" in cell for cell in row):
        return Columns(0, {}, 0)
    claims: dict[Field, tuple[int, int, int]] = {}
    for column, cell in enumerate(row):
        meant, sureness = field_of(cell)
        if meant is None:
            continue
        fullness = sum(1 for other in below if _cell(other, column).strip())
        claim = (sureness, fullness, -column)
        claims[meant] = max(claims.get(meant, claim), claim)
    score = sum(sureness for sureness, _, _ in claims.values())
    if len(claims) < 2 and not (set(claims) & {Field.EMAIL} and score > 1):
        return Columns(0, {}, 0)
    return Columns(0, _without_conflicts({-c: meant for meant, (_, _, c) in claims.items()}), score)


def _without_conflicts(mapping: dict[int, Field]) -> dict[int, Field]:
    """One way to the name: two columns win over one, and one order over another."""
    meant = set(mapping.values())
    if {Field.FIRST_NAME, Field.LAST_NAME} <= meant:
        unwanted = FULL_NAMES
    elif meant & FULL_NAMES:
        named = next(f for f in mapping.values() if f in FULL_NAMES)
        unwanted = (FULL_NAMES | {Field.FIRST_NAME, Field.LAST_NAME}) - {named}
    else:
        unwanted = frozenset()
    return {column: f for column, f in sorted(mapping.items()) if f not in unwanted}


def _guess_from_content(rows: Rows) -> Columns:
    """Columns whose cells leave no doubt; nothing without a column of e-mail addresses."""
    width = max((len(row) for row in rows), default=0)
    sample = [row for row in rows if any(_ADDRESS.fullmatch(cell) for cell in row)][:_SAMPLE]
    if not sample:
        return Columns(0, {}, 0)
    mapping: dict[int, Field] = {}
    patterns = (
        (Field.EMAIL, _ADDRESS), (Field.POSTAL_CODE, _POSTAL),
        (Field.PHONE, _NUMBER), (Field.STREET, _STREET),
    )  # fmt: skip
    for meant, pattern in patterns:
        for column in range(width):
            cells = [cell for row in sample if (cell := _cell(row, column)).strip()]
            matching = sum(1 for cell in cells if pattern.fullmatch(cell))
            full = len(cells) * 2 >= len(sample)
            if column not in mapping and full and matching * 10 >= len(cells) * 8:
                mapping[column] = meant
                break
    if Field.EMAIL not in mapping.values():
        return Columns(0, {}, 0)
    _guess_names(sample, width, mapping)
    header = _unknown_heading(rows, mapping)
    return Columns(header_row=header, mapping=dict(sorted(mapping.items())), score=0)


def _guess_names(sample: Rows, width: int, mapping: dict[int, Field]) -> None:
    """Add the name columns if most addresses read ``first.last@`` and two columns say the same."""
    email = next(column for column, meant in mapping.items() if meant is Field.EMAIL)
    parts = [_local_parts(_cell(row, email)) for row in sample]
    told = sum(1 for part in parts if part is not None)
    if told * 10 < len(sample) * 6:
        return
    for column in range(width):
        if column in mapping:
            continue
        cells = [_cell(row, column) for row in sample]
        for meant, side in ((Field.FIRST_NAME, 0), (Field.LAST_NAME, 1)):
            same = sum(
                1
                for cell, part in zip(cells, parts, strict=True)
                if part is not None and folded(cell) == part[side]
            )
            if same * 10 >= told * 6 and meant not in mapping.values():
                mapping[column] = meant
                break
        else:
            votes = [
                _order_vote(cell, _cell(row, email))
                for cell, row in zip(cells, sample, strict=True)
            ]
            if abs(sum(votes)) * 10 >= told * 6:
                mapping[column] = Field.NAME
    guessed = set(mapping.values())
    if Field.NAME in guessed and guessed & {Field.FIRST_NAME, Field.LAST_NAME}:
        for column in [c for c, meant in mapping.items() if meant is Field.NAME]:
            del mapping[column]


def _unknown_heading(rows: Rows, mapping: Mapping[int, Field]) -> int:
    """The row just above the first address, if it has a text over most columns and no digits."""
    email = next(column for column, meant in mapping.items() if meant is Field.EMAIL)
    first = next(i for i, row in enumerate(rows) if _ADDRESS.fullmatch(_cell(row, email)))
    above = rows[first - 1] if first else ()
    texts = [_cell(above, column).strip() for column in mapping]
    return first if all(text and not any(c.isdigit() for c in text) for text in texts) else 0


def _local_parts(email: str) -> tuple[str, str] | None:
    local = email.strip().lower().removeprefix("mailto:").partition("@")[0]
    first, dot, last = local.partition(".")
    return (folded(first), folded(last)) if dot and first and last else None


def _order_vote(name: str, email: str) -> int:
    """1 for first name first, -1 for last name first, 0 if the cell does not tell."""
    if "," in name:
        return -1
    words = [folded(word) for word in name.split()]
    parts = _local_parts(email)
    if parts is None or len(words) < 2:
        return 0
    first, last = parts
    if words[0].startswith(first) and words[-1] and last.endswith(words[-1]):
        return 1
    if words[-1].startswith(first) or (len(words) > 2 and words[1].startswith(first)):
        return -1 if last.startswith(words[0]) else 0
    return 0
