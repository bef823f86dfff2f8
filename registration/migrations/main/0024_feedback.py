"""Surveys, answers that are nobody's, answers under a name, and the marks of who has answered."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('main', '0023_retention')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SpentTicket',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('drop_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'spent_ticket', 'app': 'main', 'pk_attr': 'key', 'table_description': 'That somebody has answered, so that nobody does twice. ``key`` is a keyed hash of their place'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Survey',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=8)),
                ('offering_id', fields.UUIDField(unique=True)),
                ('own', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('asked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'survey', 'app': 'main', 'pk_attr': 'id', 'table_description': 'Feedback on one session or event. ``own``: up to two questions of staff, by language.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Feedback',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('survey', fields.ForeignKeyField('main.Survey', source_field='survey_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('overall', fields.SmallIntField()),
                ('content', fields.SmallIntField(null=True)),
                ('arrangements', fields.SmallIntField(null=True)),
                ('recommend', fields.SmallIntField(null=True)),
                ('own_1', fields.SmallIntField(null=True)),
                ('own_2', fields.SmallIntField(null=True)),
                ('good', fields.CharField(default='', max_length=1000)),
                ('better', fields.CharField(default='', max_length=1000)),
                ('drop_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('way', fields.CharField(max_length=5)),
                ('shown', fields.BooleanField(default=False)),
            ],
            options={'table': 'feedback', 'app': 'main', 'pk_attr': 'id', 'table_description': "An answer that is nobody's: nothing in its row leads to a person, a place or a time, nor does"},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='NamedFeedback',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('survey', fields.ForeignKeyField('main.Survey', source_field='survey_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('overall', fields.SmallIntField()),
                ('content', fields.SmallIntField(null=True)),
                ('arrangements', fields.SmallIntField(null=True)),
                ('recommend', fields.SmallIntField(null=True)),
                ('own_1', fields.SmallIntField(null=True)),
                ('own_2', fields.SmallIntField(null=True)),
                ('good', fields.CharField(default='', max_length=1000)),
                ('better', fields.CharField(default='', max_length=1000)),
                ('drop_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('person_id', fields.UUIDField(db_index=True)),
                ('place_id', fields.UUIDField(unique=True)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'named_feedback', 'app': 'main', 'pk_attr': 'id', 'table_description': 'An answer that its person wanted tied to their name, to be answered.'},
            bases=['Model'],
        ),
    ]
