from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('main', '0003_meals_and_moves')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Tries',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('hits', fields.IntField()),
                ('ends_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'tries', 'app': 'main', 'pk_attr': 'id', 'table_description': '``id`` is half of a keyed hash of what is tried and by whom.'},
            bases=['Model'],
        ),
    ]