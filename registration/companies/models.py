from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from registration.accounts.models import Account


class Company(Model):
    """``verified_at``: since when, and by which account, the business ID is known to be the
    company's own; a changed one loses it. ``order_needed``: no booking without an order number.
    ``ended_at``: when it ceased to be a customer."""

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
    vat_number = fields.CharField(max_length=20, default="", db_default="")
    order_needed = fields.BooleanField(default=False, db_default=False)
    cost_centre = fields.CharField(max_length=60, default="", db_default="")
    verified_at = fields.DatetimeField(null=True)
    verified_by = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

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


class CompanyApprover(Model):
    """A coordinator who approves what the others book for the company. With none, nothing is
    held."""

    id = fields.UUIDField(primary_key=True)
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField("main.Company")
    company_id: UUID
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    named_by = fields.UUIDField()
    named_at = fields.DatetimeField()

    class Meta:
        table = "company_approver"
        unique_together = (("company", "account"),)


class Application(Model):
    """Who asks to become a customer. It waits until staff have answered (``decided_at``), and is
    kept for a while after that, until ``drop_at``."""

    id = fields.UUIDField(primary_key=True)
    company_name = fields.CharField(max_length=200)
    business_id = fields.CharField(max_length=20, default="")
    name = fields.CharField(max_length=202)
    email = fields.CharField(max_length=254)
    language = fields.CharField(max_length=2)
    asked_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.UUIDField(null=True)
    company_id = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=300, default="")
    drop_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "company_application"
