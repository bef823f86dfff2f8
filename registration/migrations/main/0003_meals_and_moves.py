from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from registration.migrations.steps import AddColumn

class Migration(migrations.Migration):
    dependencies = [('main', '0002_topics_in_languages')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Event',
            name='diets_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        AddColumn(
            model_name='Event',
            name='erase_daily',
            field=fields.BooleanField(default=False),
            given=False,
        ),
        ops.AlterModelOptions(
            name='Meal',
            options={'table': 'meal', 'app': 'main', 'pk_attr': 'id', 'table_description': '``name`` by language, or empty: then its kind is what it is called. Guests refer to its id,'},
        ),
        AddColumn(
            model_name='Meal',
            name='name',
            field=fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads),
            given={},
        ),
        ops.AlterModelOptions(
            name='Receipt',
            options={'table': 'receipt', 'app': 'main', 'indexes': [Index(fields=['event_id'])], 'pk_attr': 'id', 'table_description': 'Proof that diets were deleted, without saying what they said (P4). ``steps`` are those that'},
        ),
        ops.AddField(
            model_name='Receipt',
            name='entry_number',
            field=fields.BigIntField(null=True),
        ),
        AddColumn(
            model_name='Receipt',
            name='steps',
            field=fields.CharField(default='', max_length=120),
            given='',
        ),
    ]
