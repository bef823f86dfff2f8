from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from registration.migrations.steps import AddColumn

# Lists live a day at most. Those from before hold whole files, which are not kept any more.
GONE = "DELETE FROM upload"


class Migration(migrations.Migration):
    dependencies = [('main', '0009_news')]

    initial = False

    operations = [
        ops.RunSQL(GONE, reverse_sql=ops.RunSQL.noop),
        ops.RenameField(
            model_name='Upload',
            old_name='content',
            new_name='kept',
        ),
        ops.AddField(
            model_name='Upload',
            name='actor_id',
            field=fields.UUIDField(null=True),
        ),
        AddColumn(
            model_name='Upload',
            name='done',
            field=fields.IntField(default=0),
            given=0,
        ),
        AddColumn(
            model_name='Upload',
            name='language',
            field=fields.CharField(default='', max_length=8),
            given='',
        ),
        ops.AddField(
            model_name='Upload',
            name='stepped_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Upload',
            name='tally',
            field=fields.BinaryField(null=True),
        ),
        AddColumn(
            model_name='Upload',
            name='total',
            field=fields.IntField(default=0),
            given=0,
        ),
    ]
