from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from registration.enrolment.models import Place


class Certificate(Model):
    """What was issued, as it was issued: a later change of name or training does not alter it.

    ``current`` is true until it is revoked and null after: a place has at most one current
    certificate, and as many revoked ones as it took. ``status_index`` is its place in the published
    list of what was revoked, counted from 0 without gaps. ``replaces_id`` is the certificate in
    whose stead it was issued, ``reissued_because`` why, if staff did. ``told_at``: when its holder
    was last written to.
    """

    id = fields.UUIDField(primary_key=True)
    number = fields.CharField(max_length=30, unique=True)
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField("main.Place")
    place_id: UUID
    current = fields.BooleanField(null=True, default=True)
    person_id = fields.UUIDField(db_index=True)
    training_id = fields.UUIDField()
    token = fields.CharField(max_length=64, unique=True)
    language = fields.CharField(max_length=2)
    person_name = fields.CharField(max_length=202)
    company_name = fields.CharField(max_length=200, default="")
    training_title = fields.CharField(max_length=300)
    qualifies_for = fields.CharField(max_length=600, default="")
    grade = fields.CharField(max_length=8, default="")
    grade_scale = fields.CharField(max_length=12)
    length_minutes = fields.IntField()
    held: fields.Field[list[str]] = fields.JSONField()
    venue = fields.CharField(max_length=240, default="")
    trainer_organisation = fields.CharField(max_length=200, default="")
    issued_on = fields.DateField()
    valid_until = fields.DateField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    revoked_because = fields.CharField(max_length=200, default="")
    design = fields.CharField(max_length=8, default="formal")
    status_index = fields.IntField(null=True, unique=True)
    replaces_id = fields.UUIDField(null=True)
    reissued_because = fields.CharField(max_length=200, default="")
    told_at = fields.DatetimeField(null=True)

    class Meta:
        table = "certificate"
        unique_together = (("place", "current"),)
        indexes = (Index(fields=("replaces_id",)),)


class RevokedPlace(Model):
    """A place in the list of what was revoked whose certificate is deleted: it stays revoked."""

    id = fields.UUIDField(primary_key=True)
    status_index = fields.IntField(unique=True)

    class Meta:
        table = "revoked_place"


class Printed(Model):
    """A certificate's file, made before it is asked for or kept after it was. It goes by itself.

    While ``content`` is empty a process prints it: ``claimed_by`` until ``claimed_until``, and then
    whoever comes next. ``failure``: why it cannot be printed. ``key_id`` is the key that signed.
    """

    id = fields.UUIDField(primary_key=True)
    certificate: fields.OneToOneRelation[Certificate] = fields.OneToOneField("main.Certificate")
    certificate_id: UUID
    content = fields.BinaryField(null=True)
    key_id = fields.CharField(max_length=64, default="")
    failure = fields.CharField(max_length=40, default="")
    claimed_by = fields.UUIDField(null=True)
    claimed_until = fields.DatetimeField(null=True)
    made_at = fields.DatetimeField()
    drop_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "printed"


class PrintOrder(Model):
    """That the files of a session's certificates are wanted. It goes when they are there.

    ``stepped_at``: when a process last went on with it.
    """

    id = fields.UUIDField(primary_key=True)
    session_id = fields.UUIDField(unique=True)
    ordered_by = fields.UUIDField(null=True)
    ordered_at = fields.DatetimeField()
    stepped_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "print_order"


class Series(Model):
    """The last certificate number of a year, locked before the next is given.

    Year 0 counts the places in the list of what was revoked.
    """

    id = fields.UUIDField(primary_key=True)
    year = fields.IntField(unique=True)
    issued = fields.IntField(default=0)

    class Meta:
        table = "certificate_series"


class SigningCertificate(Model):
    """The public part of a key that ever signed: published as long as any certificate is shown.

    ``kid`` is the RFC 7638 thumbprint of the key. ``retired_at``: another took over, and what it
    signed still holds. ``distrusted_at``: it fell into wrong hands, and nothing that it signed is
    to be believed any more.
    """

    id = fields.UUIDField(primary_key=True)
    kid = fields.CharField(max_length=64, unique=True)
    pem = fields.TextField()
    first_used_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)
    distrusted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "signing_certificate"
