"""The dietary store: a database of its own, in which every answer is ciphertext (P5)."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Vault(Model):
    """One event's diets: which key opens them, and how far their deletion has come.

    The key is a file outside both databases (``keyed``: one was made); destroying it deletes.
    ``closed_at``: nothing is written any more. ``deleted_at``: the key is gone, the ``diets`` rows
    that were there are going. ``finished_at``: that was looked at, and there is a receipt.
    ``tries``, ``next_try_at`` and ``trouble`` (the kind of the last failure) are of a deletion that
    failed.

    Where each day's answers go after the day: ``days_gone`` is the last day whose answers went;
    ``old_key_id`` is the key they were sealed with, until it is destroyed and the receipt for
    ``day_diets`` answers, due at ``day_due_at``, is given.
    """

    event_id = fields.UUIDField(primary_key=True)
    key_id = fields.CharField(max_length=32, unique=True)
    keyed = fields.BooleanField()
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=30, default="")
    due_at = fields.DatetimeField(null=True)
    diets = fields.IntField(default=0)
    deleted_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    tries = fields.IntField(default=0)
    next_try_at = fields.DatetimeField(null=True)
    trouble = fields.CharField(max_length=40, default="")
    days_gone = fields.DateField(null=True)
    old_key_id = fields.CharField(max_length=32, null=True)
    day_diets = fields.IntField(default=0)
    day_due_at = fields.DatetimeField(null=True)

    class Meta:
        table = "vault"


class SealedDiet(Model):
    """``content``: 12 bytes nonce, then AES-256-GCM ciphertext bound to token and event."""

    token = fields.CharField(max_length=64, primary_key=True)
    event_id = fields.UUIDField(db_index=True)
    content = fields.BinaryField()
    written_at = fields.DatetimeField()

    class Meta:
        table = "sealed_diet"


class HandedSheet(Model):
    """A kitchen sheet that left the house: printed, downloaded or opened by a caterer.

    ``content``: the folded counts, sealed under the event's key like a diet. A version is given
    once per content, so that ``version`` counts what changed and not how often it was printed.
    """

    id = fields.UUIDField(primary_key=True)
    event_id = fields.UUIDField()
    version = fields.IntField()
    content = fields.BinaryField()
    road = fields.CharField(max_length=10)
    made_at = fields.DatetimeField()
    made_by = fields.UUIDField(null=True)

    class Meta:
        table = "handed_sheet"
        unique_together = (("event_id", "version"),)


class CatererLink(Model):
    """A way in for one kitchen: counts only, until ``ends_at``, with a secret of which only the
    hash is kept."""

    id = fields.UUIDField(primary_key=True)
    event_id = fields.UUIDField(db_index=True)
    secret_hash = fields.CharField(max_length=64, unique=True)
    caterer = fields.CharField(max_length=120)
    made_by = fields.UUIDField()
    made_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    openings = fields.IntField(default=0)
    opened_at = fields.DatetimeField(null=True)

    class Meta:
        table = "caterer_link"
