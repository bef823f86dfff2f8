"""PATCH and PUT: what stands now as it would be given, and what the request makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request

from registration.api.shapes import duration
from registration.api.wanted import needed
from registration.catalogue.lines import EventLine, SessionLine, TrainingLine, VenueLine
from registration.catalogue.prerequisites import Need
from registration.catalogue.rules import Terms
from registration.catalogue.terms import FIELDS
from registration.companies.queries import CompanyLine
from registration.teaching.queries import RecipientLine

Given = Mapping[str, object]


def changed(request: Request, stands: Given, given: Given) -> Given:
    """PUT: exactly what was given. PATCH: what stands, with what was given in its place."""
    return {**stands, **given} if request.method == "PATCH" else given


def changed_session(request: Request, line: SessionLine, given: Given) -> Given:
    """As ``changed``; a new start or end of a session of one day is that day's.

    Raises ``Refused`` when a start or an end is given for several days.
    """
    stands = session_now(line)
    if request.method == "PATCH" and not given.get("days") and _gives_times(given):
        if len(line.days) > 1:
            raise needed("days")
        day = line.days[0]
        stands = {**stands, "days": (), "starts_at": day.starts_at, "ends_at": day.ends_at}
    return changed(request, stands, given)


def _gives_times(given: Given) -> bool:
    return "starts_at" in given or "ends_at" in given


def training_now(line: TrainingLine, needs: Sequence[Need]) -> Given:
    return {
        "prerequisites": [{"training": need.training_id, "valid": need.valid} for need in needs],
        "title": line.title,
        "slug": line.slug,
        "summary": line.summary,
        "aims": line.aims,
        "qualifies_for": line.qualifies_for,
        "topic": line.topic,
        "length_minutes": line.length_minutes,
        "grade_scale": line.grade_scale,
        "valid_months": line.valid_months,
        "attendance_percent": line.attendance_percent,
        "lowest_grade": line.lowest_grade,
        "certificate_design": line.certificate_design,
        "published": line.published,
    }


def venue_now(line: VenueLine) -> Given:
    return {
        "name": line.name,
        "street": line.street,
        "postal_code": line.postal_code,
        "city": line.city,
        "country": line.country,
    }


def session_now(line: SessionLine) -> Given:
    """A closing time that follows the start is left to follow it."""
    return {
        "training": line.training.id,
        "days": [{"starts_at": day.starts_at, "ends_at": day.ends_at} for day in line.days],
        "capacity": line.seats,
        "waiting_open": line.waiting_open,
        "language": line.language,
        "venue": line.venue.id if line.venue else None,
        "link": line.link,
        "time_zone": line.zone,
        "opens_at": line.opens_at,
        "closes_at": None if line.closes_at == line.starts_at else line.closes_at,
        "price_cents": line.price_cents,
        "status": line.state,
        **_terms_now(line.terms),
    }


def event_now(line: EventLine) -> Given:
    """A closing time that follows the end is left to follow it."""
    return {
        "title": line.title,
        "slug": line.slug,
        "summary": line.summary,
        "starts_at": line.starts_at,
        "ends_at": line.ends_at,
        "capacity": line.seats,
        "waiting_open": line.waiting_open,
        "venue": line.venue.id if line.venue else None,
        "link": line.link,
        "time_zone": line.zone,
        "opens_at": line.opens_at,
        "closes_at": None if line.closes_at == line.ends_at else line.closes_at,
        "catered": line.catered,
        "meals": [{"on": meal.on, "kind": meal.kind, "name": meal.name} for meal in line.meals],
        "diets_until": line.diets_until,
        "erase_diets_after": duration(line.erase_diets_seconds),
        "erase_daily": line.erase_daily,
        "status": line.state,
        **_terms_now(line.terms),
    }


def _terms_now(terms: Terms) -> Given:
    return {name: getattr(terms, name) for name in FIELDS}


def company_now(line: CompanyLine) -> Given:
    return {
        "name": line.name,
        "business_id": line.business_id,
        "street": line.street,
        "postal_code": line.postal_code,
        "city": line.city,
        "country": line.country,
        "invoice_email": line.invoice_email,
        "einvoice_address": line.einvoice_address,
        "einvoice_operator": line.einvoice_operator,
        "reference": line.reference,
        "vat_number": line.vat_number,
        "order_needed": line.order_needed,
        "cost_centre": line.cost_centre,
    }


def recipient_now(line: RecipientLine) -> Given:
    return {
        "name": line.name,
        "country": line.country,
        "agreement_on": line.agreement_on,
        "agreement_until": line.agreement_until,
        "safeguard": line.safeguard,
    }
