from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('main', '0021_notice_versions')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Gone',
            name='waits',
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
