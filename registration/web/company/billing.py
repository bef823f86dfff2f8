"""Where the company's invoices go, and what is not on one yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.companies import queries as companies
from registration.companies import service
from registration.companies.queries import CompanyLine
from registration.companies.rules import BETWEEN, BillingGiven
from registration.edge import (
    Endpoint,
    Posted,
    flash,
    get,
    page_response,
    post,
    read_form,
    redirect,
    require,
)
from registration.enrolment.company_lines import Unpaid, not_invoiced, vat_sums
from registration.errors import FieldError
from registration.forms import Form, Refused, parse
from registration.i18n import _, format_money, format_number
from registration.web.company.portal import COORDINATORS, Portal, portal_of

TEXTS = ("invoice_email", "einvoice_address", "einvoice_operator", "reference", "cost_centre")


@dataclass(frozen=True, slots=True)
class UnpaidRow:
    line: Unpaid
    price: str
    net: str
    rate: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Of one VAT rate, or (no ``rate``) of all."""

    rate: str
    net: str
    vat: str
    whole: str


@dataclass(frozen=True, slots=True)
class BillingPage:
    portal: Portal
    company: CompanyLine
    form: Form
    unpaid: tuple[UnpaidRow, ...]
    sums: tuple[Sum, ...]


async def show(request: Request) -> Response:
    portal = await portal_of(request)
    line = await companies.company(portal.id)
    values = {name: str(getattr(line, name)) for name in TEXTS}
    form = Form(values | {"order_needed": "1" if line.order_needed else ""})
    return await _answer(request, portal, line, form)


async def save(request: Request) -> Response:
    portal, posted = await portal_of(request), await read_form(request)
    try:
        given = parse(BillingGiven, _given(posted))
        await service.change_billing(
            portal.id, given, actor_id=require(request).account_id, now=clock.now()
        )
    except Refused as refused:
        line = await companies.company(portal.id)
        form = posted.form().with_errors(placed(refused.errors))
        return await _answer(request, portal, line, form, status=422)
    flash(request, "good", _("The billing data is saved."))
    return redirect(portal.url("/company/billing"))


def _given(posted: Posted) -> dict[str, object]:
    texts: dict[str, object] = {name: posted.get(name, "") for name in TEXTS}
    return texts | {"order_needed": posted.get("order_needed", "") == "1"}


def placed(errors: Iterable[FieldError]) -> tuple[FieldError, ...]:
    """What a rule found between fields stands at the field where it is mended."""
    return tuple(
        replace(error, field=error.field or BETWEEN.get(error.code, "")) for error in errors
    )


async def _answer(
    request: Request, portal: Portal, line: CompanyLine, form: Form, *, status: int = 200
) -> Response:
    unpaid = await not_invoiced(portal.id)
    sums = vat_sums(unpaid)
    net = sum(each for each, _vat in sums.values())
    vat = sum(each for _net, each in sums.values())
    page = BillingPage(
        portal,
        line,
        form,
        tuple(
            UnpaidRow(
                each,
                format_money(each.price_cents),
                format_money(each.net_cents),
                _rate(each.vat_basis_points),
            )
            for each in unpaid
        ),
        tuple(_sum(_rate(points), *each) for points, each in sums.items())
        + ((_sum("", net, vat),) if sums else ()),
    )
    return page_response(request, "company/billing.html", page, status=status)


def _sum(rate: str, net: int, vat: int) -> Sum:
    return Sum(rate, format_money(net), format_money(vat), format_money(net + vat))


def _rate(points: int) -> str:
    return f"{format_number(points / 100)} %"


ROUTES: tuple[Endpoint, ...] = (
    get("/company/billing", show, COORDINATORS),
    post("/company/billing", save, COORDINATORS),
)
