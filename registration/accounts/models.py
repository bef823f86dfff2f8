"""Who may log in, to what, until when. Secrets are stored as hashes only."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Account(Model):
    """A personal account. A participant's belongs to their person, the others' stand alone."""

    id = fields.UUIDField(primary_key=True)
    email = fields.CharField(max_length=254, db_index=True)
    name = fields.CharField(max_length=202)
    language = fields.CharField(max_length=2)
    person_id = fields.UUIDField(null=True, unique=True)
    nda_on = fields.DateField(null=True)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "account"


class Grant(Model):
    """A role over a scope: the organisation (no ``scope_id``), a company, an event."""

    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    role = fields.CharField(max_length=12)
    scope_id = fields.UUIDField(null=True)
    granted_by = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=200, default="")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)

    class Meta:
        table = "account_grant"
        indexes = (Index(fields=("account_id", "role")), Index(fields=("scope_id", "role")))


class LoginLink(Model):
    """A one-time link. ``confirmed`` ones, sent by mail, ask for a click on a page before they
    count, since mail scanners follow links."""

    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    secret_hash = fields.BinaryField()
    next_path = fields.CharField(max_length=200, default="")
    confirmed = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "login_link"


class Login(Model):
    """A browser's login, ended by its row, not by its cookie."""

    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    secret_hash = fields.BinaryField()
    device = fields.CharField(max_length=80, default="")
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "login"


class ApiToken(Model):
    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    secret_hash = fields.BinaryField()
    scope = fields.CharField(max_length=12)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_token"
