"""Topics of trainings were words in one language; they become texts by language.

What a word was, it stays: the text in the first language of the house.
"""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

from registration.migrations.steps import AddColumn, DropColumn


async def keep_words(apps, schema_editor):
    training = apps.get_model("main.Training")
    for row in await training.all().using_db(schema_editor.client):
        row.topic = {"fi": row.topic_word} if row.topic_word else {}
        await row.save(update_fields=["topic"], using_db=schema_editor.client)


class Migration(migrations.Migration):
    dependencies = [("main", "0001_initial")]

    initial = False

    operations = [
        ops.RenameField(model_name="Training", old_name="topic", new_name="topic_word"),
        AddColumn(
            model_name="Training",
            name="topic",
            field=fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads),
            given={},
        ),
        ops.RunPython(keep_words, ops.RunPython.noop),
        DropColumn(model_name="Training", name="topic_word"),
    ]
