from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from registration.migrations.steps import AddColumn

class Migration(migrations.Migration):
    dependencies = [('main', '0005_access')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Authenticator',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account', fields.OneToOneField('main.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('sealed_secret', fields.BinaryField()),
                ('last_step', fields.BigIntField()),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'authenticator', 'app': 'main', 'pk_attr': 'id', 'table_description': "A person's app for codes, one each. ``last_step`` is the last half minute whose code was"},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CodeGuess',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account', fields.OneToOneField('main.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('wrong', fields.IntField(default=0)),
                ('closed_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'code_guess', 'app': 'main', 'pk_attr': 'id', 'table_description': 'How often in a row a code was wrong, and until when no further one is looked at.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='OutsideLogin',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account', fields.OneToOneField('main.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('issuer', fields.CharField(max_length=255)),
                ('outside_subject', fields.CharField(max_length=255)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'outside_login', 'app': 'main', 'unique_together': (('issuer', 'outside_subject'),), 'pk_attr': 'id', 'table_description': 'To whom at the single sign-on provider the account belongs: by subject, not by address.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Passkey',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('main.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('credential', fields.CharField(unique=True, max_length=1400)),
                ('public_key', fields.BinaryField()),
                ('sign_count', fields.BigIntField(default=0)),
                ('name', fields.CharField(max_length=60)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'passkey', 'app': 'main', 'pk_attr': 'id', 'table_description': "The public half of a key that lies in a person's device. ``sign_count`` may only rise: one"},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('main.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('salt', fields.BinaryField()),
                ('code_hash', fields.BinaryField()),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'recovery_code', 'app': 'main', 'pk_attr': 'id', 'table_description': 'One of ten codes for the day when the device is lost. A row goes when its code is used.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SpentProof',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'spent_proof', 'app': 'main', 'pk_attr': 'id', 'table_description': 'A challenge or a state that was answered once, under its hash. It is not taken again.'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Login',
            options={'table': 'login', 'app': 'main', 'pk_attr': 'id', 'table_description': "A browser's login, ended by its row, not by its cookie. ``how`` it was opened, whether that"},
        ),
        AddColumn(
            model_name='Login',
            name='how',
            field=fields.CharField(default='', max_length=12),
            given='',
        ),
        ops.AddField(
            model_name='Login',
            name='proved_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        AddColumn(
            model_name='Login',
            name='strong',
            field=fields.BooleanField(default=False),
            given=False,
        ),
    ]
