"""Requests, restrictions, holds, prohibitions, and whose data is gone."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('main', '0016_certificate_files')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Gone',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('subject_id', fields.UUIDField(unique=True)),
                ('erased_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'gone', 'app': 'main', 'pk_attr': 'id', 'table_description': 'Whose data was erased, as the id that leads nowhere since: what a restored copy of the'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Hold',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('person_id', fields.UUIDField(db_index=True)),
                ('record_table', fields.CharField(default='', max_length=40)),
                ('record_id', fields.UUIDField(null=True)),
                ('columns', fields.CharField(default='', max_length=400)),
                ('authority', fields.CharField(max_length=200)),
                ('reference', fields.CharField(max_length=100)),
                ('reason', fields.CharField(max_length=1000)),
                ('silent', fields.BooleanField(default=False)),
                ('review_on', fields.DateField()),
                ('reviewed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('reviewed_by', fields.UUIDField(null=True)),
                ('placed_by', fields.UUIDField()),
                ('placed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('lifted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('lifted_by', fields.UUIDField(null=True)),
                ('lifted_because', fields.CharField(default='', max_length=300)),
            ],
            options={'table': 'hold', 'app': 'main', 'indexes': [Index(fields=['lifted_at', 'review_on'])], 'pk_attr': 'id', 'table_description': 'An authority requires that something is kept (P13), until it is lifted.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Prohibition',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('address_key', fields.CharField(max_length=64)),
                ('purpose', fields.CharField(max_length=20)),
                ('channel', fields.CharField(max_length=10)),
                ('source', fields.CharField(max_length=20)),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'prohibition', 'app': 'main', 'unique_together': (('address_key', 'purpose', 'channel'),), 'pk_attr': 'id', 'table_description': 'A no to one purpose by one channel, by a keyed hash of the address: it stands without the'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Restriction',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('person_id', fields.UUIDField(db_index=True)),
                ('request_id', fields.UUIDField(null=True)),
                ('kind', fields.CharField(max_length=12)),
                ('scope', fields.CharField(default='', max_length=40)),
                ('because', fields.CharField(default='', max_length=1000)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('upheld', fields.BooleanField(null=True)),
                ('decided_because', fields.CharField(default='', max_length=1000)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('lifted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'restriction', 'app': 'main', 'indexes': [Index(fields=['upheld', 'made_at'])], 'pk_attr': 'id', 'table_description': 'A person restricted what is done with their data, or objected to it (GDPR Art. 18 and 21).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RightsRequest',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('reference', fields.CharField(unique=True, max_length=20)),
                ('person_id', fields.UUIDField(null=True, db_index=True)),
                ('account_id', fields.UUIDField(null=True, db_index=True)),
                ('kind', fields.CharField(max_length=16)),
                ('channel', fields.CharField(max_length=10)),
                ('language', fields.CharField(max_length=2)),
                ('received_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('asked', fields.TextField(default='', unique=False)),
                ('asker_name', fields.CharField(default='', max_length=202)),
                ('asker_contact', fields.CharField(default='', max_length=600)),
                ('behalf', fields.CharField(default='', max_length=12)),
                ('identity', fields.CharField(default='', max_length=16)),
                ('identity_seen', fields.CharField(default='', max_length=300)),
                ('identity_by', fields.UUIDField(null=True)),
                ('identity_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('extended_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('extended_because', fields.CharField(default='', max_length=500)),
                ('last_copy_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('fee', fields.CharField(default='', max_length=10)),
                ('fee_cents', fields.IntField(default=0)),
                ('fee_because', fields.CharField(default='', max_length=500)),
                ('fee_by', fields.UUIDField(null=True)),
                ('state', fields.CharField(max_length=12)),
                ('decision', fields.CharField(default='', max_length=12)),
                ('decision_because', fields.TextField(default='', unique=False)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('answered_how', fields.CharField(default='', max_length=10)),
                ('answered_by', fields.UUIDField(null=True)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('handler_id', fields.UUIDField(null=True)),
                ('made_by', fields.UUIDField(null=True)),
                ('drop_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'rights_request', 'app': 'main', 'indexes': [Index(fields=['state', 'due_at'])], 'pk_attr': 'id', 'table_description': 'Somebody asked for one of their rights (P12). ``person_id`` is empty until it is known whose'},
            bases=['Model'],
        ),
    ]
