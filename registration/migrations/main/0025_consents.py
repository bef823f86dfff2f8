"""A yes is for an address and a channel, in certain words, and counts when it was confirmed.

Those from before count as they did: they were given by a tick in a form, by people of whom some were
logged in by a link to their address and some were not, and which of the two was not kept. So they
are confirmed as of the moment when they were given, and their version of the words (2026-11, that of
the privacy notice) tells them apart. Their address is noted by a job, with the key that no migration
has; until then nothing is sent on them. Newsletters have a table.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index
from registration.migrations.steps import AddColumn

STAND = "UPDATE consent SET confirmed_at = given_at"

class Migration(migrations.Migration):
    dependencies = [('main', '0024_feedback')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Mailing',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('purpose', fields.CharField(max_length=20)),
                ('texts', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(max_length=10)),
                ('made_by', fields.UUIDField()),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('tested_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('sent_by', fields.UUIDField(null=True)),
                ('started_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('drop_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('cursor', fields.CharField(default='', max_length=64)),
                ('total', fields.IntField(default=0)),
                ('queued', fields.IntField(default=0)),
                ('withheld', fields.IntField(default=0)),
            ],
            options={'table': 'mailing', 'app': 'main', 'indexes': [Index(fields=['state', 'started_at'])], 'pk_attr': 'id', 'table_description': 'A newsletter or an offer that staff wrote, and how far it has been sent. ``texts`` holds by'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Consent',
            options={'table': 'consent', 'app': 'main', 'indexes': [Index(fields=['person_id', 'purpose']), Index(fields=['address_key', 'purpose']), Index(fields=['confirmed_at', 'given_at']), Index(fields=['ask_id'])], 'pk_attr': 'id', 'table_description': 'A yes that a person gave, for one purpose by one channel, to one version of the words.'},
        ),
        AddColumn(
            model_name='Consent',
            name='address_key',
            field=fields.CharField(default='', max_length=64),
            given='',
        ),
        ops.AddField(
            model_name='Consent',
            name='ask_id',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Consent',
            name='asked_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        AddColumn(
            model_name='Consent',
            name='channel',
            field=fields.CharField(default='email', max_length=10),
            given='email',
        ),
        ops.AddField(
            model_name='Consent',
            name='confirmed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        AddColumn(
            model_name='Consent',
            name='language',
            field=fields.CharField(default='', max_length=2),
            given='',
        ),
        AddColumn(
            model_name='Consent',
            name='text_digest',
            field=fields.CharField(default='', max_length=64),
            given='',
        ),
        AddColumn(
            model_name='Consent',
            name='withdrawn_source',
            field=fields.CharField(default='', max_length=20),
            given='',
        ),
        ops.RunSQL(STAND, reverse_sql=ops.RunSQL.noop),
        ops.AddIndex(
            model_name='Consent',
            index=Index(fields=['address_key', 'purpose']),
        ),
        ops.AddIndex(
            model_name='Consent',
            index=Index(fields=['confirmed_at', 'given_at']),
        ),
        ops.AddIndex(
            model_name='Consent',
            index=Index(fields=['ask_id']),
        ),
        ops.AddField(
            model_name='Person',
            name='address_changed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
