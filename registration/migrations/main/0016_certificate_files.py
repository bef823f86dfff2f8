from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index
from registration.migrations.steps import AddColumn

# Those that were issued before have their places in the order of their numbers.
PLACES = """
UPDATE certificate SET status_index = ordered.at
FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY number) - 1 AS at FROM certificate) AS ordered
WHERE ordered.id = certificate.id
"""


class Migration(migrations.Migration):
    dependencies = [('main', '0015_packs')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PrintOrder',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('session_id', fields.UUIDField(unique=True)),
                ('ordered_by', fields.UUIDField(null=True)),
                ('ordered_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('stepped_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'print_order', 'app': 'main', 'pk_attr': 'id', 'table_description': "That the files of a session's certificates are wanted. It goes when they are there."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Printed',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('certificate', fields.OneToOneField('main.Certificate', source_field='certificate_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('content', fields.BinaryField(null=True)),
                ('key_id', fields.CharField(default='', max_length=64)),
                ('failure', fields.CharField(default='', max_length=40)),
                ('claimed_by', fields.UUIDField(null=True)),
                ('claimed_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('drop_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'printed', 'app': 'main', 'pk_attr': 'id', 'table_description': "A certificate's file, made before it is asked for or kept after it was. It goes by itself."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SigningCertificate',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('kid', fields.CharField(unique=True, max_length=64)),
                ('pem', fields.TextField(unique=False)),
                ('first_used_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('retired_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('distrusted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'signing_certificate', 'app': 'main', 'pk_attr': 'id', 'table_description': 'The public part of a key that ever signed: published as long as any certificate is shown.'},
            bases=['Model'],
        ),
        AddColumn(
            model_name='Certificate',
            name='design',
            field=fields.CharField(default='formal', max_length=8),
            given='formal',
        ),
        AddColumn(
            model_name='Certificate',
            name='reissued_because',
            field=fields.CharField(default='', max_length=200),
            given='',
        ),
        ops.AddField(
            model_name='Certificate',
            name='replaces_id',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Certificate',
            name='status_index',
            field=fields.IntField(null=True, unique=True),
        ),
        ops.AddField(
            model_name='Certificate',
            name='told_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name='Certificate',
            index=Index(fields=['replaces_id']),
        ),
        AddColumn(
            model_name='Training',
            name='certificate_design',
            field=fields.CharField(default='formal', max_length=8),
            given='formal',
        ),
        ops.RunSQL(PLACES, reverse_sql=ops.RunSQL.noop),
    ]
