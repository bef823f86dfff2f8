"""The words on the page, in the three languages, and how each writes dates and hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from certificates.document import Language

# More stretches of days than this are summed up as first day, last day and their number.
MAX_STRETCHES: Final = 4


@dataclass(frozen=True, slots=True)
class Labels:
    certificate: str
    completed: str
    aims: str
    qualifies: str
    days: str
    length: str
    hours: str
    place: str
    grade: str
    trainer: str
    valid_until: str
    no_end: str
    issued: str
    number: str
    check: str
    check_how: str
    qr: str
    company: str
    number_short: str
    signature: str
    days_in_all: str


LABELS: Final = {
    Language.FINNISH: Labels(
        certificate="Todistus",
        completed="on suorittanut koulutuksen",
        aims="Koulutuksen tavoitteet",
        qualifies="Antaa pätevyyden",
        days="Koulutuspäivät",
        length="Laajuus",
        hours="tuntia",
        place="Paikka",
        grade="Arvosana",
        trainer="Kouluttaja",
        valid_until="Voimassa",
        no_end="toistaiseksi",
        issued="Myönnetty",
        number="Todistuksen numero",
        check="Tarkista aitous",
        check_how="Lue koodi tai avaa osoite:",
        qr="QR-koodi todistuksen tarkistamiseen",
        company="Yritys",
        number_short="Nro",
        signature="Allekirjoitus",
        days_in_all="yhteensä {count} päivää",
    ),
    Language.SWEDISH: Labels(
        certificate="Intyg",
        completed="har genomfört utbildningen",
        aims="Utbildningens mål",
        qualifies="Ger behörighet för",
        days="Utbildningsdagar",
        length="Omfattning",
        hours="timmar",
        place="Plats",
        grade="Vitsord",
        trainer="Utbildare",
        valid_until="Giltigt",
        no_end="tills vidare",
        issued="Utfärdat",
        number="Intygets nummer",
        check="Kontrollera äktheten",
        check_how="Läs koden eller öppna adressen:",
        qr="QR-kod för att kontrollera intyget",
        company="Företag",
        number_short="Nr",
        signature="Underskrift",
        days_in_all="sammanlagt {count} dagar",
    ),
    Language.ENGLISH: Labels(
        certificate="Certificate",
        completed="has completed the training",
        aims="Aims of the training",
        qualifies="Qualifies for",
        days="Training days",
        length="Length",
        hours="hours",
        place="Place",
        grade="Grade",
        trainer="Trainer",
        valid_until="Valid",
        no_end="until further notice",
        issued="Issued",
        number="Certificate number",
        check="Check that it is genuine",
        check_how="Scan the code or open the address:",
        qr="QR code for checking the certificate",
        company="Company",
        number_short="No.",
        signature="Signature",
        days_in_all="{count} days in all",
    ),
}
# The month by name in English: 4.1. and 1/4 are read in two ways outside Finland.
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_UNTIL: Final = {
    Language.FINNISH: "{date} asti",
    Language.SWEDISH: "till {date}",
    Language.ENGLISH: "until {date}",
}


def written_date(day: date, language: Language) -> str:
    if language is Language.ENGLISH:
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day}.{day.month}.{day.year}"


def written_until(day: date, language: Language) -> str:
    return _UNTIL[language].format(date=written_date(day, language))


def written_hours(hours: Decimal, language: Language) -> str:
    """Hours with at most two decimals, half up at the second, no trailing zeros."""
    number = f"{hours.quantize(Decimal('0.01')):f}".rstrip("0").rstrip(".")
    if language is not Language.ENGLISH:
        number = number.replace(".", ",")
    if language is Language.FINNISH and number == "1":
        return "1 tunti"
    if number == "1":
        return "1 hour" if language is Language.ENGLISH else "1 timme"
    return f"{number} {LABELS[language].hours}"


def written_days(days: Sequence[date], language: Language) -> str:
    """The days, consecutive ones as a stretch; many stretches are summed up.

    ``days`` are distinct, in order and not empty.
    """
    stretches = _stretches(days)
    if len(stretches) <= MAX_STRETCHES:
        return ", ".join(_written_stretch(first, last, language) for first, last in stretches)
    in_all = LABELS[language].days_in_all.format(count=len(days))
    return f"{_written_stretch(days[0], days[-1], language)}, {in_all}"


def _stretches(days: Sequence[date]) -> list[tuple[date, date]]:
    stretches: list[tuple[date, date]] = []
    for day in days:
        if stretches and day - stretches[-1][1] == timedelta(days=1):
            stretches[-1] = (stretches[-1][0], day)
        else:
            stretches.append((day, day))
    return stretches


def _written_stretch(first: date, last: date, language: Language) -> str:
    end = written_date(last, language)
    if first == last:
        return end
    same_month = (first.year, first.month) == (last.year, last.month)
    if language is Language.ENGLISH:
        if same_month:
            return f"{first.day}–{end}"
        start = f"{first.day} {_MONTHS[first.month - 1]}"
        if first.year != last.year:
            start = written_date(first, language)
        return f"{start} – {end}"
    if same_month:
        return f"{first.day}.–{end}"
    if first.year == last.year:
        return f"{first.day}.{first.month}.–{end}"
    return f"{written_date(first, language)}–{end}"
