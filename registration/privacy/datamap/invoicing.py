"""What companies owe: nothing of a person."""

from __future__ import annotations

from collections.abc import Mapping

from registration.privacy.datamap.columns import (
    Table,
    nobodys,
)

# fmt: off
TABLES: Mapping[str, Table] = {
    "invoice": nobodys(
        "id", "number", "company_id", "month", "issued_on", "made_at", "made_by", "people",
        "net_cents", "vat_cents", "undone_at", "undone_by", "undone_because", "credit_number",
    ),
    "invoice_line": nobodys(
        "id", "invoice_id", "position", "session_id", "title", "first_day", "last_day",
        "order_number", "people", "price_cents", "vat_basis_points",
    ),
    "invoice_series": nobodys("id", "year", "issued"),
}
# fmt: on
