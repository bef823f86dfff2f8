from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('main', '0020_desk')]

    initial = False

    operations = [
        ops.CreateModel(
            name='NoticeVersion',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('number', fields.IntField(unique=True)),
                ('digest', fields.CharField(max_length=64)),
                ('content', fields.TextField(unique=False)),
                ('compared_with', fields.IntField(null=True)),
                ('concerned', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('summary', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(max_length=10)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('tell_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decided_by', fields.UUIDField(null=True)),
                ('because', fields.CharField(default='', max_length=500)),
                ('stage', fields.CharField(default='', max_length=10)),
                ('told_until', fields.UUIDField(null=True)),
                ('told', fields.IntField(default=0)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'notice_version', 'app': 'main', 'pk_attr': 'id', 'table_description': 'The privacy notice as it stood from ``made_at`` on, in every language (P19): never changed,'},
            bases=['Model'],
        ),
    ]
