from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='SealedDiet',
            fields=[
                ('token', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('event_id', fields.UUIDField(db_index=True)),
                ('content', fields.BinaryField()),
                ('written_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sealed_diet', 'app': 'dietary', 'pk_attr': 'token', 'table_description': '``content``: 12 bytes nonce, then AES-256-GCM ciphertext bound to token and event.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Vault',
            fields=[
                ('event_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('key_id', fields.CharField(unique=True, max_length=32)),
                ('keyed', fields.BooleanField()),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('reason', fields.CharField(default='', max_length=30)),
                ('due_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('diets', fields.IntField(default=0)),
                ('deleted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'vault', 'app': 'dietary', 'pk_attr': 'event_id', 'table_description': "One event's diets: which key opens them, and how far their deletion has come."},
            bases=['Model'],
        ),
    ]
