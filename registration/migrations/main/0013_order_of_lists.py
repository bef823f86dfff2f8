from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from registration.migrations.steps import AddColumn

class Migration(migrations.Migration):
    dependencies = [('main', '0012_awaits')]

    initial = False

    operations = [
        AddColumn(
            model_name='Upload',
            name='order_number',
            field=fields.CharField(default='', max_length=60),
            given='',
        ),
    ]
