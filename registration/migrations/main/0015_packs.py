"""Packs are for a recipient and have an end.

Those from before were given to whom their assignment is for, without a word of an end: they get 90
days from when they were taken.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from registration.migrations.steps import AddColumn

KEPT = timedelta(days=90)


async def end_packs(apps, schema_editor):
    assignment = apps.get_model("main.Assignment")
    pack = apps.get_model("main.Pack")
    client = schema_editor.client
    recipients = {row.id: row.recipient_id for row in await assignment.all().using_db(client)}
    for row in await pack.all().using_db(client):
        row.recipient_id = recipients[row.assignment_id]
        row.ends_at = row.made_at + KEPT
        await row.save(update_fields=["recipient_id", "ends_at"], using_db=client)


class Migration(migrations.Migration):
    dependencies = [('main', '0014_teaching')]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name='Pack',
            options={'table': 'pack', 'app': 'main', 'indexes': [Index(fields=['recipient_id']), Index(fields=['destroyed_at', 'ends_at'])], 'pk_attr': 'id', 'table_description': 'That a pack was downloaded and until when it may be kept, the file itself is not here.'},
        ),
        ops.AddField(
            model_name='Pack',
            name='asked_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Pack',
            name='destroyed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Pack',
            name='destroyed_by',
            field=fields.UUIDField(null=True),
        ),
        AddColumn(
            model_name='Pack',
            name='destroyed_how',
            field=fields.CharField(default='', max_length=200),
            given='',
        ),
        AddColumn(
            model_name='Pack',
            name='ends_at',
            field=fields.DatetimeField(auto_now=False, auto_now_add=False),
            given=datetime(2000, 1, 1, tzinfo=UTC),
        ),
        AddColumn(
            model_name='Pack',
            name='recipient_id',
            field=fields.UUIDField(),
            given=UUID(int=0),
        ),
        ops.AddField(
            model_name='Pack',
            name='reminded_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunPython(end_packs, ops.RunPython.noop),
        ops.AddIndex(
            model_name='Pack',
            index=Index(fields=['recipient_id']),
        ),
        ops.AddIndex(
            model_name='Pack',
            index=Index(fields=['destroyed_at', 'ends_at']),
        ),
    ]
