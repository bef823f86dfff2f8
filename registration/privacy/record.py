"""The record of processing activities (GDPR Art. 30), made from the data map like the notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from babel import Locale

from registration.i18n import N_, _, collation_key, format_date, language
from registration.ledger.rules import Basis
from registration.privacy.datamap import KIND_NAMES, Kind, Table, kept_words, personal
from registration.privacy.datamap.parties import (
    ACTIVITY_NAMES,
    CATEGORY_NAMES,
    RECEIVER_NAMES,
    Activity,
    Category,
    Receiver,
)
from registration.privacy.notice import (
    Tables,
    kinds_of,
    receivers_of,
    tables_of,
    unique,
    upper_first,
)
from registration.settings import Organisation
from registration.teaching.queries import RecipientLine
from registration.teaching.rules import EEA

LAW: Mapping[Basis, str] = {
    Basis.CONTRACT: N_("contract (GDPR Art. 6(1)(b))"),
    Basis.LEGAL_DUTY: N_("legal obligation (GDPR Art. 6(1)(c))"),
    Basis.LEGITIMATE_INTEREST: N_("legitimate interest (GDPR Art. 6(1)(f))"),
    Basis.CONSENT: N_("consent (GDPR Art. 6(1)(a))"),
    Basis.EXPLICIT_CONSENT: N_("explicit consent (GDPR Art. 9(2)(a))"),
}

# Each of these is how the program works, and is shown by its tests.
MEASURES: tuple[str, ...] = (
    N_(
        "Logins are personal and without passwords. Staff, organisers and trainers show a second "
        "factor; their logins end after an hour without use, and at the latest after 12 hours."
    ),
    N_(
        "No access to the data of others before the date of a signed non-disclosure agreement is "
        "on record. Access is given for a duty, is reviewed and ends."
    ),
    N_(
        "Food restrictions are kept in a database of their own, encrypted (AES-256-GCM) under a "
        "key for each event. The keys are in neither database and in no backup; destroying the "
        "key deletes the data, and a receipt proves it."
    ),
    N_("Each time that data is shown or given to others is on record, and the person can read it."),
    N_(
        "What is done is recorded under numbers instead of names, in a chain of hashes in which "
        "any later change shows."
    ),
    N_("Secrets of logins are stored as hashes, or encrypted where they must be read again."),
    N_("Logs and addresses of pages hold no personal data."),
    N_("Who guesses codes, links or addresses is slowed down and then kept out for a while."),
    N_("Pages load nothing from other sites and run no foreign scripts."),
    N_(
        "Trainers' firms get files with a fixed list of fields for each purpose, only under an "
        "agreement, and confirm that they have destroyed them."
    ),
)


@dataclass(frozen=True, slots=True)
class Processing:
    """One activity. Everything is in words; ``kept`` and ``receivers`` are a point each."""

    name: str
    purposes: tuple[str, ...]
    people: str
    what: str
    receivers: tuple[str, ...]
    outside: str
    kept: tuple[str, ...]
    bases: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Firm:
    """A trainers' firm on the register of recipients."""

    name: str
    country: str
    agreement: str
    safeguard: str


@dataclass(frozen=True, slots=True)
class Column:
    """``kind`` is what it says of a person, in words."""

    table: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Record:
    house: tuple[tuple[str, str], ...]
    activities: tuple[Processing, ...]
    firms: tuple[Firm, ...]
    measures: tuple[str, ...]
    columns: tuple[Column, ...]


def record_of(
    house: Organisation, firms: Sequence[RecipientLine] = (), *, tables: Tables | None = None
) -> Record:
    """The record in the language now spoken. ``firms`` are the register of recipients."""
    held = personal() if tables is None else tables
    shown = tuple(_firm(each) for each in firms)
    outside = _outside(firms)
    return Record(
        house=_house(house),
        activities=tuple(
            _processing(activity, found, house, outside)
            for activity in Activity
            if (found := tables_of(activity, held))
        ),
        firms=tuple(sorted(shown, key=lambda each: collation_key(each.name))),
        measures=tuple(_(text) for text in MEASURES),
        columns=tuple(_columns(held)),
    )


def _house(house: Organisation) -> tuple[tuple[str, str], ...]:
    rows = (
        (_("Controller"), house.name),
        (_("Business ID"), house.business_id),
        (_("Address"), house.address),
        (_("Privacy contact"), house.privacy_contact),
        (_("E-mail"), house.privacy_email),
        (_("Supervising authority"), f"{house.authority}, {house.authority_url}"),
    )
    return tuple((label, text) for label, text in rows if text)


def _processing(
    activity: Activity, tables: Sequence[Table], house: Organisation, outside: str
) -> Processing:
    names = {id(table): name for name, table in personal().items()}
    people = {each for table in tables for each in table.categories}
    receivers = receivers_of(tables)
    to_firms = Receiver.TRAINER_ORGANISATION in receivers
    return Processing(
        name=_(ACTIVITY_NAMES[activity][1]),
        purposes=tuple(unique(upper_first(_(table.purpose)) for table in tables)),
        people=", ".join(_(CATEGORY_NAMES[each]) for each in Category if each in people),
        what="; ".join(kinds_of(tables)),
        receivers=tuple(_(RECEIVER_NAMES[each]) for each in receivers),
        outside=outside if to_firms else _("Nothing leaves the European Economic Area."),
        kept=tuple(_kept(tables, house)),
        bases="; ".join(unique(_(LAW[table.basis]) for table in tables if table.basis)),
        tables=tuple(names.get(id(table), "") for table in tables),
    )


def _kept(tables: Sequence[Table], house: Organisation) -> Iterable[str]:
    groups: dict[str, list[str]] = {}
    for table in tables:
        groups.setdefault(kept_words(table, house.retention), []).append(_(table.heading))
    for kept, headings in groups.items():
        yield f"{', '.join(headings)}: {kept}" if len(groups) > 1 else upper_first(kept)


def _outside(firms: Sequence[RecipientLine]) -> str:
    names = Locale.parse(language()).territories
    given = [
        f"{names.get(each.country, each.country)}: {each.safeguard.strip()}"
        for each in firms
        if each.country not in EEA and each.safeguard.strip()
    ]
    return "; ".join(unique(given)) or _("Nothing leaves the European Economic Area.")


def _firm(line: RecipientLine) -> Firm:
    start = format_date(line.agreement_on) if line.agreement_on else ""
    end = format_date(line.agreement_until) if line.agreement_until else ""
    agreement = f"{start} – {end}".strip() if start else _("none in force: it gets nothing")
    needs_one = line.country not in EEA
    none = _("none: it gets nothing") if needs_one else _("not needed")
    return Firm(
        line.name,
        str(Locale.parse(language()).territories.get(line.country, line.country)),
        agreement,
        line.safeguard.strip() or none,
    )


def _columns(held: Tables) -> Iterable[Column]:
    for name, table in held.items():
        for column, kind in table.columns.items():
            yield Column(name, column, _kind(kind))


def _kind(kind: Kind) -> str:
    if kind in KIND_NAMES:
        return _(KIND_NAMES[kind])
    return _("an id, a state or a time") if kind is Kind.LINK else _("nothing of a person")


def by_kind(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns of a table that say the same together, their names with commas."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in columns:
        found.setdefault((each.table, each.kind), []).append(each.name)
    return tuple(Column(table, ", ".join(names), kind) for (table, kind), names in found.items())
