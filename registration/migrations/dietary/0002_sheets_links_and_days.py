from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields
from registration.migrations.steps import AddColumn

class Migration(migrations.Migration):
    dependencies = [('dietary', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CatererLink',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('event_id', fields.UUIDField(db_index=True)),
                ('secret_hash', fields.CharField(unique=True, max_length=64)),
                ('caterer', fields.CharField(max_length=120)),
                ('made_by', fields.UUIDField()),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('openings', fields.IntField(default=0)),
                ('opened_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'caterer_link', 'app': 'dietary', 'pk_attr': 'id', 'table_description': 'A way in for one kitchen: counts only, until ``ends_at``, with a secret of which only the'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='HandedSheet',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('event_id', fields.UUIDField()),
                ('version', fields.IntField()),
                ('content', fields.BinaryField()),
                ('road', fields.CharField(max_length=10)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('made_by', fields.UUIDField(null=True)),
            ],
            options={'table': 'handed_sheet', 'app': 'dietary', 'unique_together': (('event_id', 'version'),), 'pk_attr': 'id', 'table_description': 'A kitchen sheet that left the house: printed, downloaded or opened by a caterer.'},
            bases=['Model'],
        ),
        AddColumn(
            model_name='Vault',
            name='day_diets',
            field=fields.IntField(default=0),
            given=0,
        ),
        ops.AddField(
            model_name='Vault',
            name='day_due_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Vault',
            name='days_gone',
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name='Vault',
            name='next_try_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Vault',
            name='old_key_id',
            field=fields.CharField(null=True, max_length=32),
        ),
        AddColumn(
            model_name='Vault',
            name='tries',
            field=fields.IntField(default=0),
            given=0,
        ),
        AddColumn(
            model_name='Vault',
            name='trouble',
            field=fields.CharField(default='', max_length=40),
            given='',
        ),
    ]
