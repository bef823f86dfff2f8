from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('main', '0007_terms')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Invoice',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('number', fields.CharField(unique=True, max_length=20)),
                ('company_id', fields.UUIDField(db_index=True)),
                ('month', fields.CharField(max_length=7)),
                ('issued_on', fields.DateField()),
                ('made_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('made_by', fields.UUIDField(null=True)),
                ('people', fields.IntField()),
                ('net_cents', fields.BigIntField()),
                ('vat_cents', fields.BigIntField()),
                ('undone_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('undone_by', fields.UUIDField(null=True)),
                ('undone_because', fields.CharField(default='', max_length=200)),
                ('credit_number', fields.CharField(null=True, unique=True, max_length=20)),
            ],
            options={'table': 'invoice', 'app': 'main', 'pk_attr': 'id', 'table_description': 'What a company is to be invoiced for a month. ``month`` is ``2026-10``.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='InvoiceLine',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('invoice', fields.ForeignKeyField('main.Invoice', source_field='invoice_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('position', fields.IntField()),
                ('session_id', fields.UUIDField()),
                ('title', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('first_day', fields.DateField()),
                ('last_day', fields.DateField()),
                ('order_number', fields.CharField(default='', max_length=60)),
                ('people', fields.IntField()),
                ('price_cents', fields.IntField()),
                ('vat_basis_points', fields.IntField()),
            ],
            options={'table': 'invoice_line', 'app': 'main', 'unique_together': (('invoice', 'position'),), 'pk_attr': 'id', 'table_description': 'People of the company on one session, at one price and under one order number.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='InvoiceSeries',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('year', fields.IntField(unique=True)),
                ('issued', fields.IntField(default=0)),
            ],
            options={'table': 'invoice_series', 'app': 'main', 'pk_attr': 'id', 'table_description': 'The last number of a year, locked before the next is given.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Webhook',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('company_id', fields.UUIDField(db_index=True)),
                ('url', fields.CharField(max_length=500)),
                ('sealed_secret', fields.BinaryField()),
                ('events', fields.CharField(max_length=200)),
                ('made_by', fields.UUIDField(null=True)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('failing_since', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_because', fields.CharField(default='', max_length=20)),
            ],
            options={'table': 'webhook', 'app': 'main', 'pk_attr': 'id', 'table_description': 'Where a company is told. ``failing_since``: nothing has arrived since then.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WebhookCursor',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('position', fields.BigIntField()),
            ],
            options={'table': 'webhook_cursor', 'app': 'main', 'pk_attr': 'id', 'table_description': 'How far the ledger was read: the position of the last seal whose entry was told of.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('webhook', fields.ForeignKeyField('main.Webhook', source_field='webhook_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('event', fields.CharField(max_length=40)),
                ('place_id', fields.UUIDField(null=True)),
                ('session_id', fields.UUIDField(null=True)),
                ('event_id', fields.UUIDField(null=True)),
                ('status', fields.CharField(default='', max_length=10)),
                ('happened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('state', fields.CharField(max_length=10)),
                ('due_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('tries', fields.IntField(default=0)),
                ('answer', fields.CharField(default='', max_length=20)),
                ('tried_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'webhook_delivery', 'app': 'main', 'indexes': [Index(fields=['webhook_id', 'happened_at'])], 'pk_attr': 'id', 'table_description': 'One message to one webhook.'},
            bases=['Model'],
        ),
    ]
