"""The company's own order number, which some companies want with each booking."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from registration.companies import queries as companies
from registration.companies.rules import OrderNumber, OrderNumberNeeded
from registration.errors import FieldError
from registration.forms import Command, Refused, parse


class OrderGiven(Command):
    order_number: OrderNumber = ""


async def order_number(company_id: UUID, given: Mapping[str, str]) -> str:
    """The number typed. Raises ``Refused`` for one that is too long, or none where it is needed."""
    order = parse(OrderGiven, {"order_number": given.get("order_number", "")}).order_number
    if not order and (await companies.company(company_id)).order_needed:
        raise Refused(FieldError("order_number", "missing", OrderNumberNeeded.message))
    return order
