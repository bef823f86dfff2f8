from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class Company(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=200)
    business_id = fields.CharField(max_length=9, null=True, unique=True)
    street = fields.CharField(max_length=200, default="")
    postal_code = fields.CharField(max_length=20, default="")
    city = fields.CharField(max_length=100, default="")
    country = fields.CharField(max_length=2, default="FI")
    invoice_email = fields.CharField(max_length=254, default="")
    einvoice_address = fields.CharField(max_length=40, default="")
    einvoice_operator = fields.CharField(max_length=40, default="")
    reference = fields.CharField(max_length=100, default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "company"


class Employment(Model):
    """A person works for a company, it ends, the person's own record stays."""

    id = fields.UUIDField(primary_key=True)
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField("main.Company")
    company_id: UUID
    person_id = fields.UUIDField(db_index=True)
    source = fields.CharField(max_length=20)
    since = fields.DatetimeField()
    until = fields.DatetimeField(null=True)

    class Meta:
        table = "employment"
        unique_together = (("company", "person_id"),)
