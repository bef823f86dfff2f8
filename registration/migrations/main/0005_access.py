from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

# An address is taken by the oldest account in use that has it and is no participant's.
TAKEN = """
UPDATE account SET login_email = email
WHERE person_id IS NULL AND ended_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM account AS other
    WHERE other.email = account.email AND other.person_id IS NULL AND other.ended_at IS NULL
    AND (other.created_at < account.created_at
         OR (other.created_at = account.created_at AND other.id < account.id))
)
"""

class Migration(migrations.Migration):
    dependencies = [('main', '0004_tries')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LoginHelp',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('main.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('asked_by', fields.UUIDField(null=True)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('checked_by', fields.UUIDField(null=True)),
                ('checked_how', fields.CharField(default='', max_length=12)),
                ('checked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('closed_by', fields.UUIDField(null=True)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('done', fields.BooleanField(default=False)),
            ],
            options={'table': 'login_help', 'app': 'main', 'pk_attr': 'id', 'table_description': 'A request to take away a lost second factor: one checks who asks, another confirms.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Account',
            name='login_email',
            field=fields.CharField(null=True, unique=True, max_length=254),
        ),
        ops.RunSQL(TAKEN, reverse_sql=ops.RunSQL.noop),
        ops.AddField(
            model_name='ApiToken',
            name='name',
            field=fields.CharField(default='', db_default='', max_length=60),
        ),
        ops.AddField(
            model_name='Grant',
            name='end_reason',
            field=fields.CharField(default='', db_default='', max_length=200),
        ),
        ops.AddField(
            model_name='Grant',
            name='reminded_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Grant',
            name='reviewed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Grant',
            name='reviewed_by',
            field=fields.UUIDField(null=True),
        ),
        ops.AddIndex(
            model_name='Entry',
            index=Index(fields=['act', 'at']),
        ),
    ]
