from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index
from registration.migrations.steps import AddColumn

# Whoever taught before there were invitations had agreed to it.
ACCEPTED = "UPDATE assignment SET accepted_at = created_at"

class Migration(migrations.Migration):
    dependencies = [('main', '0013_order_of_lists')]

    initial = False

    operations = [
        ops.CreateModel(
            name='OutcomeChange',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('place', fields.ForeignKeyField('main.Place', source_field='place_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('changed_by', fields.UUIDField(null=True)),
                ('attendance_before', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('attendance_after', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('grade_before', fields.CharField(default='', max_length=8)),
                ('grade_after', fields.CharField(default='', max_length=8)),
                ('completed_before', fields.BooleanField(null=True)),
                ('completed_after', fields.BooleanField(null=True)),
                ('no_show_before', fields.BooleanField(default=False)),
                ('no_show_after', fields.BooleanField(default=False)),
                ('because_before', fields.CharField(default='', max_length=200)),
                ('because_after', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'outcome_change', 'app': 'main', 'indexes': [Index(fields=['place_id', 'changed_at'])], 'pk_attr': 'id', 'table_description': 'One save that changed what stood on record of a place: before and after. ``attendance`` is'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ResultLock',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('session', fields.ForeignKeyField('main.Session', source_field='session_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('locked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('locked_by', fields.UUIDField()),
                ('reopened_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('reopened_by', fields.UUIDField(null=True)),
                ('reopened_because', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'result_lock', 'app': 'main', 'indexes': [Index(fields=['session_id', 'reopened_at'])], 'pk_attr': 'id', 'table_description': 'The results of a session were said to be final. While ``reopened_at`` is null nothing is'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Assignment',
            options={'table': 'assignment', 'app': 'main', 'unique_together': (('session', 'account'),), 'pk_attr': 'id', 'table_description': 'A trainer is asked to teach a session for a recipient, until ``ends_at``, null: until two'},
        ),
        ops.AddField(
            model_name='Assignment',
            name='accepted_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(ACCEPTED, reverse_sql=ops.RunSQL.noop),
        ops.AddField(
            model_name='Assignment',
            name='declined_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        AddColumn(
            model_name='Assignment',
            name='declined_because',
            field=fields.CharField(default='', max_length=200),
            given='',
        ),
        AddColumn(
            model_name='Outcome',
            name='overridden_because',
            field=fields.CharField(default='', max_length=200),
            given='',
        ),
        ops.AlterModelOptions(
            name='Training',
            options={'table': 'training', 'app': 'main', 'pk_attr': 'id', 'table_description': 'Whoever was there for ``attendance_percent`` of the days and has at least ``lowest_grade``'},
        ),
        ops.AddField(
            model_name='Training',
            name='attendance_percent',
            field=fields.IntField(null=True),
        ),
        AddColumn(
            model_name='Training',
            name='lowest_grade',
            field=fields.CharField(default='', max_length=8),
            given='',
        ),
    ]
