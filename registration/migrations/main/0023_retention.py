from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('main', '0022_gone_waits')]

    initial = False

    operations = [
        ops.CreateModel(
            name='KeptCount',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('seating', fields.ForeignKeyField('main.Seating', source_field='seating_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('status', fields.CharField(max_length=10)),
                ('outcome', fields.CharField(default='', max_length=16)),
                ('number', fields.IntField()),
            ],
            options={'table': 'kept_count', 'app': 'main', 'unique_together': (('seating', 'status', 'outcome'),), 'pk_attr': 'id', 'table_description': 'How many places of a seating were deleted, by how they stood: what a statistic still needs'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RetentionRun',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('started_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('stepped_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('actor_id', fields.UUIDField(null=True)),
                ('longest_ms', fields.IntField(default=0)),
            ],
            options={'table': 'retention_run', 'app': 'main', 'pk_attr': 'id', 'table_description': 'One sweep of what is due. While ``ended_at`` is empty a process is at it, or was until'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RetentionReceipt',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('run', fields.ForeignKeyField('main.RetentionRun', source_field='run_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('rule', fields.CharField(max_length=40)),
                ('months', fields.CharField(max_length=40)),
                ('deleted', fields.IntField(default=0)),
                ('held', fields.IntField(default=0)),
                ('restricted', fields.IntField(default=0)),
                ('pending', fields.IntField(default=0)),
                ('done_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('entry_number', fields.BigIntField(null=True)),
            ],
            options={'table': 'retention_receipt', 'app': 'main', 'unique_together': (('run', 'rule'),), 'pk_attr': 'id', 'table_description': 'What one run did by one rule: how many it deleted, and how many that were due it left, for'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RevokedPlace',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('status_index', fields.IntField(unique=True)),
            ],
            options={'table': 'revoked_place', 'app': 'main', 'pk_attr': 'id', 'table_description': 'A place in the list of what was revoked whose certificate is deleted: it stays revoked.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Company',
            name='ended_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Person',
            name='tied_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
