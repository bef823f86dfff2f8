from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('main', '0017_privacy')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Block',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('position', fields.BigIntField(unique=True)),
                ('sealed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('entries', fields.IntField()),
                ('disclosures', fields.IntField()),
                ('receipts', fields.IntField()),
                ('seals_to', fields.BigIntField()),
                ('settled', fields.BigIntField()),
                ('root', fields.BinaryField()),
                ('digest', fields.BinaryField()),
            ],
            options={'table': 'ledger_block', 'app': 'main', 'pk_attr': 'id', 'table_description': 'What was sealed together, as a link of the chain (``chain.BlockRow``). ``position`` goes on'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Disclosure',
            name='block',
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name='Disclosure',
            name='leaf',
            field=fields.IntField(null=True),
        ),
        ops.AddIndex(
            model_name='Disclosure',
            index=Index(fields=['block', 'leaf']),
        ),
        ops.AddIndex(
            model_name='Disclosure',
            index=Index(fields=['actor_id', 'at']),
        ),
        ops.AddIndex(
            model_name='Entry',
            index=Index(fields=['actor_id', 'at']),
        ),
        ops.AddIndex(
            model_name='Entry',
            index=Index(fields=['at']),
        ),
        ops.AddField(
            model_name='Receipt',
            name='block',
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name='Receipt',
            name='leaf',
            field=fields.IntField(null=True),
        ),
        ops.AddIndex(
            model_name='Receipt',
            index=Index(fields=['block', 'leaf']),
        ),
        ops.AlterModelOptions(
            name='Seal',
            options={'table': 'ledger_seal', 'app': 'main', 'pk_attr': 'id', 'table_description': 'Where an entry stands in the order of sealing: ``position`` counts 1, 2, 3 … without gaps;'},
        ),
    ]
