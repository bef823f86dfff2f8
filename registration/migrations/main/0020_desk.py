"""Requests at the desk: who asks, for whom, part by part, what is left out; and their numbers."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from registration.migrations.steps import AddColumn

class Migration(migrations.Migration):
    dependencies = [('main', '0019_restricted')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Redaction',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('request', fields.ForeignKeyField('main.RightsRequest', source_field='request_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('record_table', fields.CharField(max_length=40)),
                ('record_id', fields.UUIDField()),
                ('record_column', fields.CharField(max_length=40)),
                ('because', fields.CharField(max_length=300)),
                ('made_by', fields.UUIDField()),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'redaction', 'app': 'main', 'unique_together': (('request', 'record_table', 'record_id', 'record_column'),), 'pk_attr': 'id', 'table_description': 'Something that is left out of a copy, for it would show another person (Art. 15(4)).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RequestSeries',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('year', fields.IntField(unique=True)),
                ('issued', fields.IntField(default=0)),
            ],
            options={'table': 'request_series', 'app': 'main', 'pk_attr': 'id', 'table_description': 'The last number of a year, locked before the next is given.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RightsPart',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('request', fields.ForeignKeyField('main.RightsRequest', source_field='request_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('position', fields.IntField()),
                ('what', fields.CharField(max_length=200)),
                ('decision', fields.CharField(max_length=12)),
                ('because', fields.CharField(default='', max_length=500)),
            ],
            options={'table': 'rights_part', 'app': 'main', 'unique_together': (('request', 'position'),), 'pk_attr': 'id', 'table_description': 'What becomes of one thing of several that a request asks for.'},
            bases=['Model'],
        ),
        AddColumn(
            model_name='RightsRequest',
            name='asker_email',
            field=fields.CharField(default='', max_length=254),
            given='',
        ),
        ops.AddField(
            model_name='RightsRequest',
            name='carried_out_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        AddColumn(
            model_name='RightsRequest',
            name='ground',
            field=fields.CharField(default='', max_length=12),
            given='',
        ),
        ops.AddField(
            model_name='RightsRequest',
            name='identity_asked_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        AddColumn(
            model_name='RightsRequest',
            name='mandate_seen',
            field=fields.CharField(default='', max_length=300),
            given='',
        ),
        AddColumn(
            model_name='RightsRequest',
            name='matched',
            field=fields.CharField(default='', max_length=8),
            given='',
        ),
    ]
