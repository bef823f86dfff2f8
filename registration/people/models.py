"""Persons, and what they allow. One row per human as far as we can tell: the same e-mail address
with another name is another person, for companies share addresses."""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Person(Model):
    id = fields.UUIDField(primary_key=True)
    first_name = fields.CharField(max_length=100)
    last_name = fields.CharField(max_length=100)
    email = fields.CharField(max_length=254)
    name_key = fields.CharField(max_length=202)
    phone = fields.CharField(max_length=20, default="")
    street = fields.CharField(max_length=200, default="")
    postal_code = fields.CharField(max_length=20, default="")
    city = fields.CharField(max_length=100, default="")
    country = fields.CharField(max_length=2, default="")
    company_name = fields.CharField(max_length=200, default="")
    language = fields.CharField(max_length=2)
    source = fields.CharField(max_length=20)
    # What the person asked us not to do, and since when: only keep what is held; tell companies no
    # more than what they themselves took; keep no contact data that others propose.
    restricted_at = fields.DatetimeField(null=True)
    untold_at = fields.DatetimeField(null=True)
    unsuggested_at = fields.DatetimeField(null=True)
    # When the e-mail address became another one: what was proven before, was of the old one.
    address_changed_at = fields.DatetimeField(null=True)
    # Of the address of the calendar of their places: another number ends the one before.
    calendar_number = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    # The last end of what tied them to us and is deleted already: a place, an employment.
    tied_until = fields.DatetimeField(null=True)

    class Meta:
        table = "person"
        unique_together = (("email", "name_key"),)


class Consent(Model):
    """A yes that a person gave, for one purpose by one channel, to one version of the words.

    ``address_key`` is the keyed hash of the address that it is for, ``language`` and
    ``text_digest`` say which words were read. It counts from ``confirmed_at``, when the reader of
    that address said it was them; until then it is only asked for, by the mail ``ask_id`` of
    ``asked_at``.
    """

    id = fields.UUIDField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("main.Person")
    person_id: UUID
    purpose = fields.CharField(max_length=20)
    channel = fields.CharField(max_length=10, default="email")
    address_key = fields.CharField(max_length=64, default="")
    text_version = fields.CharField(max_length=20)
    text_digest = fields.CharField(max_length=64, default="")
    language = fields.CharField(max_length=2, default="")
    source = fields.CharField(max_length=20)
    given_at = fields.DatetimeField()
    ask_id = fields.UUIDField(null=True)
    asked_at = fields.DatetimeField(null=True)
    confirmed_at = fields.DatetimeField(null=True)
    withdrawn_at = fields.DatetimeField(null=True)
    withdrawn_source = fields.CharField(max_length=20, default="")

    class Meta:
        table = "consent"
        indexes = (
            Index(fields=("person_id", "purpose")),
            Index(fields=("address_key", "purpose")),
            Index(fields=("confirmed_at", "given_at")),
            Index(fields=("ask_id",)),
        )


class Prohibition(Model):
    """A no to one purpose by one channel, by a keyed hash of the address: it stands without the
    person, so that it outlives an erasure and stops what an import would bring back (P10). What
    was said yes to at that address until ``since`` does not count."""

    id = fields.UUIDField(primary_key=True)
    address_key = fields.CharField(max_length=64)
    purpose = fields.CharField(max_length=20)
    channel = fields.CharField(max_length=10)
    source = fields.CharField(max_length=20)
    since = fields.DatetimeField()

    class Meta:
        table = "prohibition"
        unique_together = (("address_key", "purpose", "channel"),)


class Suggestion(Model):
    """Contact data that somebody else gave for a known person, until that person accepts it."""

    id = fields.UUIDField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("main.Person")
    person_id: UUID
    field = fields.CharField(max_length=20)
    value = fields.CharField(max_length=254)
    source = fields.CharField(max_length=20)
    company_id = fields.UUIDField(null=True)
    suggested_at = fields.DatetimeField()

    class Meta:
        table = "suggestion"
        unique_together = (("person", "field"),)


class Mailing(Model):
    """A newsletter or an offer that staff wrote, and how far it has been sent. ``texts`` holds by
    language a subject and a body, which goes at ``drop_at``; ``cursor`` is the keyed hash of the
    last address that had its turn."""

    id = fields.UUIDField(primary_key=True)
    purpose = fields.CharField(max_length=20)
    texts = fields.JSONField[dict[str, dict[str, str]]]()
    state = fields.CharField(max_length=10)
    made_by = fields.UUIDField()
    made_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    tested_at = fields.DatetimeField(null=True)
    sent_by = fields.UUIDField(null=True)
    started_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    drop_at = fields.DatetimeField(null=True, db_index=True)
    cursor = fields.CharField(max_length=64, default="")
    total = fields.IntField(default=0)
    queued = fields.IntField(default=0)
    withheld = fields.IntField(default=0)

    class Meta:
        table = "mailing"
        indexes = (Index(fields=("state", "started_at")),)
