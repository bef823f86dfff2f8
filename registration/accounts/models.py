"""Who may log in, to what, until when. Secrets are stored as hashes only."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Account(Model):
    """A personal account. A participant's belongs to their person, the others' stand alone.

    ``login_email`` is the address while it is taken: once for all accounts that are no
    participant's and have not ended. People of one family may share an address, colleagues do not.
    """

    id = fields.UUIDField(primary_key=True)
    email = fields.CharField(max_length=254, db_index=True)
    login_email = fields.CharField(max_length=254, null=True, unique=True)
    name = fields.CharField(max_length=202)
    language = fields.CharField(max_length=2)
    person_id = fields.UUIDField(null=True, unique=True)
    nda_on = fields.DateField(null=True)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "account"


class Grant(Model):
    """A role over a scope: the organisation (no ``scope_id``), a company, an event.

    ``granted_by`` None: the command line, by whoever runs the server."""

    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    role = fields.CharField(max_length=12)
    scope_id = fields.UUIDField(null=True)
    granted_by = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=200, default="")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)
    end_reason = fields.CharField(max_length=200, default="", db_default="")
    reviewed_at = fields.DatetimeField(null=True)
    reviewed_by = fields.UUIDField(null=True)
    reminded_at = fields.DatetimeField(null=True)

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
    """A browser's login, ended by its row, not by its cookie. ``how`` it was opened, whether that
    is ``strong`` enough for every role, and when the person last proved to be themselves."""

    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    secret_hash = fields.BinaryField()
    device = fields.CharField(max_length=80, default="")
    how = fields.CharField(max_length=12, default="")
    strong = fields.BooleanField(default=False)
    proved_at = fields.DatetimeField(null=True)
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
    name = fields.CharField(max_length=60, default="", db_default="")
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_token"


class LoginHelp(Model):
    """A request to take away a lost second factor: one checks who asks, another confirms."""

    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    asked_by = fields.UUIDField(null=True)
    asked_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    checked_by = fields.UUIDField(null=True)
    checked_how = fields.CharField(max_length=12, default="")
    checked_at = fields.DatetimeField(null=True)
    closed_by = fields.UUIDField(null=True)
    closed_at = fields.DatetimeField(null=True)
    done = fields.BooleanField(default=False)

    class Meta:
        table = "login_help"


class Passkey(Model):
    """The public half of a key that lies in a person's device. ``sign_count`` may only rise: one
    that falls back comes from a copy."""

    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    credential = fields.CharField(max_length=1400, unique=True)
    public_key = fields.BinaryField()
    sign_count = fields.BigIntField(default=0)
    name = fields.CharField(max_length=60)
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "passkey"


class Authenticator(Model):
    """A person's app for codes, one each. ``last_step`` is the last half minute whose code was
    used: none is taken twice."""

    id = fields.UUIDField(primary_key=True)
    account: fields.OneToOneRelation[Account] = fields.OneToOneField("main.Account")
    account_id: UUID
    sealed_secret = fields.BinaryField()
    last_step = fields.BigIntField()
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "authenticator"


class RecoveryCode(Model):
    """One of ten codes for the day when the device is lost. A row goes when its code is used."""

    id = fields.UUIDField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("main.Account")
    account_id: UUID
    salt = fields.BinaryField()
    code_hash = fields.BinaryField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "recovery_code"


class OutsideLogin(Model):
    """To whom at the single sign-on provider the account belongs: by subject, not by address."""

    id = fields.UUIDField(primary_key=True)
    account: fields.OneToOneRelation[Account] = fields.OneToOneField("main.Account")
    account_id: UUID
    issuer = fields.CharField(max_length=255)
    outside_subject = fields.CharField(max_length=255)
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField()

    class Meta:
        table = "outside_login"
        unique_together = (("issuer", "outside_subject"),)


class CodeGuess(Model):
    """How often in a row a code was wrong, and until when no further one is looked at."""

    id = fields.UUIDField(primary_key=True)
    account: fields.OneToOneRelation[Account] = fields.OneToOneField("main.Account")
    account_id: UUID
    wrong = fields.IntField(default=0)
    closed_until = fields.DatetimeField(null=True)

    class Meta:
        table = "code_guess"


class SpentProof(Model):
    """A challenge or a state that was answered once, under its hash. It is not taken again."""

    id = fields.UUIDField(primary_key=True)
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "spent_proof"
