"""What waits for somebody's decision: sessions with too few people, people to be looked at,
trainers who said no, companies that nobody has checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from registration.companies import queries as companies
from registration.companies.applications import ApplicationLine, open_applications
from registration.companies.queries import CompanyLine
from registration.enrolment.agreeing import objections
from registration.enrolment.approvals import Checked, to_check
from registration.enrolment.queries import PlaceLine
from registration.enrolment.sureness import Undecided
from registration.enrolment.sureness import undecided as to_decide
from registration.i18n import N_, _, format_date, text_in
from registration.privacy.holds import HoldLine, late_holds
from registration.privacy.request_lines import RequestLine, waiting
from registration.teaching.overview import Declined, declined_invitations
from registration.web.request_words import KINDS, left_text


@dataclass(frozen=True, slots=True)
class Look:
    """``name`` leads to where it is decided; ``what`` and ``when`` it is about, ``note`` why."""

    name: str
    what: str
    when: str
    note: str
    path: str


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of decision, with all that wait for it."""

    title: str
    looks: tuple[Look, ...]


async def questions(*, now: datetime) -> tuple[Question, ...]:
    """Those that somebody waits for an answer to; a constant number of queries."""
    looks: Mapping[str, Sequence[Look]] = {
        N_("Requests about personal data"): [_asked(each, now=now) for each in await waiting()],
        N_("Too few people yet"): [_tentative(each) for each in await to_decide(now=now)],
        N_("Do they have what the training needs?"): [
            _place(each.line, _lacks(each)) for each in await to_check(now=now)
        ],
        N_("They do not agree to the place"): [
            _place(each.place, each.place.company_name) for each in await objections(settled=False)
        ],
        N_("The trainer has declined"): [
            _declined(each) for each in await declined_invitations(now=now)
        ],
        N_("Holds whose review is due"): [_review(each) for each in await late_holds(now=now)],
        N_("Companies that ask for access"): [_applied(each) for each in await open_applications()],
        N_("Companies whose number is not checked"): [
            _unchecked(each) for each in await companies.unverified()
        ],
    }
    return tuple(Question(_(title), tuple(found)) for title, found in looks.items() if found)


def _asked(line: RequestLine, *, now: datetime) -> Look:
    """Without a name: whose it is stands on its page."""
    left = left_text(line.left(now))
    path = f"/staff/privacy/requests/{line.id}"
    return Look(_(KINDS[line.kind]), line.reference, format_date(line.until), left, path)


def _tentative(each: Undecided) -> Look:
    offering = each.offering
    return Look(
        text_in(offering.title),
        "",
        format_date(offering.starts_at, zone=ZoneInfo(offering.zone)),
        _("{confirmed} of at least {minimum}", confirmed=each.confirmed, minimum=each.minimum),
        f"/staff/{offering.kind}s/{offering.id}",
    )


def _place(line: PlaceLine, note: str) -> Look:
    offering = line.offering
    return Look(
        line.name,
        text_in(offering.title),
        format_date(offering.starts_at, zone=ZoneInfo(offering.zone)),
        note,
        f"/staff/places/{line.id}",
    )


def _lacks(each: Checked) -> str:
    if not each.lacks:
        return _("By our records all of it is there.")
    return " ".join(lack.said() for lack in each.lacks)


def _declined(each: Declined) -> Look:
    return Look(
        each.trainer,
        text_in(each.session.training.title),
        format_date(each.session.starts_at, zone=ZoneInfo(each.session.zone)),
        each.because,
        f"/staff/sessions/{each.session.id}#trainers",
    )


def _review(each: HoldLine) -> Look:
    path = f"/staff/privacy/holds/{each.id}"
    return Look(each.reference, each.authority, format_date(each.review_on), "", path)


def _applied(each: ApplicationLine) -> Look:
    path = f"/staff/companies/applications/{each.id}"
    return Look(each.company_name, each.number, format_date(each.asked_at), each.name, path)


def _unchecked(each: CompanyLine) -> Look:
    return Look(
        each.name, each.business_id or each.vat_number, "", "", f"/staff/companies/{each.id}"
    )
