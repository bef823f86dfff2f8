from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index
from registration.migrations.steps import AddColumn

class Migration(migrations.Migration):
    dependencies = [('main', '0006_factors')]

    initial = False

    operations = [
        ops.CreateModel(
            name='HeldSeat',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('seating', fields.ForeignKeyField('main.Seating', source_field='seating_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('company_id', fields.UUIDField(db_index=True)),
                ('held_by', fields.UUIDField()),
                ('order_number', fields.CharField(default='', max_length=60)),
                ('price_cents', fields.IntField(default=0)),
                ('vat_basis_points', fields.IntField(default=0)),
                ('until', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'held_seat', 'app': 'main', 'indexes': [Index(fields=['seating_id', 'company_id'])], 'pk_attr': 'id', 'table_description': 'A seat that a company keeps without saying for whom, until ``until``. It is taken as much as'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Interest',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('person', fields.ForeignKeyField('main.Person', source_field='person_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('training_id', fields.UUIDField(db_index=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('told_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('drop_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'interest', 'app': 'main', 'unique_together': (('person', 'training_id'),), 'pk_attr': 'id', 'table_description': 'A person wants to hear when a session of a training opens. ``told_at``: when they were told'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Prerequisite',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('training', fields.ForeignKeyField('main.Training', source_field='training_id', db_constraint=True, to_field='id', related_name='prerequisites', on_delete=OnDelete.CASCADE)),
                ('needed', fields.ForeignKeyField('main.Training', source_field='needed_id', db_constraint=True, to_field='id', related_name='needed_by', on_delete=OnDelete.CASCADE)),
                ('valid', fields.BooleanField(default=False)),
            ],
            options={'table': 'prerequisite', 'app': 'main', 'unique_together': (('training', 'needed'),), 'pk_attr': 'id', 'table_description': 'Who takes ``training`` must have completed ``needed``. ``valid``: and the qualification'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Place',
            name='agreed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Place',
            name='invoice_id',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Place',
            name='moved_from',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Place',
            name='objected_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        AddColumn(
            model_name='Place',
            name='order_number',
            field=fields.CharField(default='', max_length=60),
            given='',
        ),
        ops.AddField(
            model_name='Place',
            name='reminded_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Place',
            name='until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name='Place',
            index=Index(fields=['until']),
        ),
        ops.AddIndex(
            model_name='Place',
            index=Index(fields=['invoice_id']),
        ),
        ops.AddField(
            model_name='Seating',
            name='cancels_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Seating',
            name='company_quota',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Seating',
            name='decide_by',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Seating',
            name='minimum',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Seating',
            name='names_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Seating',
            name='offer_hours',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Seating',
            name='remind_hours',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Seating',
            name='sure_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
