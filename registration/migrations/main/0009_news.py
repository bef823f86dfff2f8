from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index
from registration.migrations.steps import AddColumn

class Migration(migrations.Migration):
    dependencies = [('main', '0008_billing')]

    initial = False

    operations = [
        ops.CreateModel(
            name='DeadAddress',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('address_hash', fields.CharField(unique=True, max_length=64)),
                ('person_id', fields.UUIDField(null=True, db_index=True)),
                ('code', fields.CharField(max_length=10)),
                ('bounced_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('again_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'dead_address', 'app': 'main', 'pk_attr': 'id', 'table_description': 'An address from which mail came back for good, as a keyed hash. ``person_id``: of the mail'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Objection',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('place', fields.OneToOneField('main.Place', source_field='place_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('person_id', fields.UUIDField(db_index=True)),
                ('company_id', fields.UUIDField(null=True, db_index=True)),
                ('reason', fields.CharField(default='', max_length=1000)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('settled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('settled_by', fields.UUIDField(null=True)),
            ],
            options={'table': 'objection', 'app': 'main', 'indexes': [Index(fields=['settled_at', 'made_at'])], 'pk_attr': 'id', 'table_description': 'What a person says who did not want the place that a company took for them. ``reason`` is'},
            bases=['Model'],
        ),
        AddColumn(
            model_name='Mail',
            name='address_hash',
            field=fields.CharField(default='', max_length=64),
            given='',
        ),
        ops.AddField(
            model_name='Mail',
            name='claimed_by',
            field=fields.UUIDField(null=True),
        ),
        AddColumn(
            model_name='Person',
            name='calendar_number',
            field=fields.IntField(default=0),
            given=0,
        ),
    ]
