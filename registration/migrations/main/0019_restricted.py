from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from registration.migrations.steps import AddColumn

class Migration(migrations.Migration):
    dependencies = [('main', '0018_chain')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Person',
            name='restricted_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Person',
            name='unsuggested_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Person',
            name='untold_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        AddColumn(
            model_name='Restriction',
            name='ground',
            field=fields.CharField(default='', max_length=12),
            given='',
        ),
    ]
