from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('main', '0010_lists')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Application',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('company_name', fields.CharField(max_length=200)),
                ('business_id', fields.CharField(default='', max_length=20)),
                ('name', fields.CharField(max_length=202)),
                ('email', fields.CharField(max_length=254)),
                ('language', fields.CharField(max_length=2)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decided_by', fields.UUIDField(null=True)),
                ('company_id', fields.UUIDField(null=True)),
                ('reason', fields.CharField(default='', max_length=300)),
                ('drop_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'company_application', 'app': 'main', 'pk_attr': 'id', 'table_description': 'Who asks to become a customer. It waits until staff have answered (``decided_at``), and is'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CompanyApprover',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('company', fields.ForeignKeyField('main.Company', source_field='company_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('account', fields.ForeignKeyField('main.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('named_by', fields.UUIDField()),
                ('named_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'company_approver', 'app': 'main', 'unique_together': (('company', 'account'),), 'pk_attr': 'id', 'table_description': 'A coordinator who approves what the others book for the company. With none, nothing is'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Company',
            options={'table': 'company', 'app': 'main', 'pk_attr': 'id', 'table_description': '``verified_at``: since when, and by which account, the business ID is known to be the'},
        ),
        ops.AddField(
            model_name='Company',
            name='cost_centre',
            field=fields.CharField(default='', db_default='', max_length=60),
        ),
        ops.AddField(
            model_name='Company',
            name='order_needed',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='Company',
            name='vat_number',
            field=fields.CharField(default='', db_default='', max_length=20),
        ),
        ops.AddField(
            model_name='Company',
            name='verified_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Company',
            name='verified_by',
            field=fields.UUIDField(null=True),
        ),
    ]
