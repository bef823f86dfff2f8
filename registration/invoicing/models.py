"""Invoicing bases: numbers, sums and sessions. Nobody's name is in these tables."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class Invoice(Model):
    """What a company is to be invoiced for a month. ``month`` is ``2026-10``.

    Nothing of it changes once it is made, but that it is undone: then ``credit_number`` is its
    credit note's, from the same series, and its own number stays taken.
    """

    id = fields.UUIDField(primary_key=True)
    number = fields.CharField(max_length=20, unique=True)
    company_id = fields.UUIDField(db_index=True)
    month = fields.CharField(max_length=7)
    issued_on = fields.DateField()
    made_at = fields.DatetimeField(db_index=True)
    made_by = fields.UUIDField(null=True)
    people = fields.IntField()
    net_cents = fields.BigIntField()
    vat_cents = fields.BigIntField()
    undone_at = fields.DatetimeField(null=True)
    undone_by = fields.UUIDField(null=True)
    undone_because = fields.CharField(max_length=200, default="")
    credit_number = fields.CharField(max_length=20, null=True, unique=True)

    class Meta:
        table = "invoice"


class InvoiceLine(Model):
    """People of the company on one session, at one price and under one order number.

    Days are local ones."""

    id = fields.UUIDField(primary_key=True)
    invoice: fields.ForeignKeyRelation[Invoice] = fields.ForeignKeyField("main.Invoice")
    invoice_id: UUID
    position = fields.IntField()
    session_id = fields.UUIDField()
    title: fields.Field[dict[str, str]] = fields.JSONField()
    first_day = fields.DateField()
    last_day = fields.DateField()
    order_number = fields.CharField(max_length=60, default="")
    people = fields.IntField()
    price_cents = fields.IntField()
    vat_basis_points = fields.IntField()

    class Meta:
        table = "invoice_line"
        unique_together = (("invoice", "position"),)


class InvoiceSeries(Model):
    """The last number of a year, locked before the next is given."""

    id = fields.UUIDField(primary_key=True)
    year = fields.IntField(unique=True)
    issued = fields.IntField(default=0)

    class Meta:
        table = "invoice_series"
