from tortoise import migrations
from tortoise import fields
from registration.migrations.steps import AddColumn

class Migration(migrations.Migration):
    dependencies = [('main', '0011_companies')]

    initial = False

    operations = [
        AddColumn(
            model_name='Place',
            name='awaits',
            field=fields.CharField(default='', max_length=10),
            given='',
        ),
    ]
