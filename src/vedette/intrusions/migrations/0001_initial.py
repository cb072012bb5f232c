"""Intrusions: what was detected, decided and is in force, who is allowed, what others name."""

from django.db import migrations, models

from vedette.plumbing.db.counting import CreateCounting


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AllowedRow',
            fields=[
                ('network', models.CharField(max_length=50, primary_key=True, serialize=False)),
                ('by', models.CharField(max_length=80)),
                ('at', models.FloatField()),
                ('note', models.CharField(max_length=200)),
            ],
            options={
                'db_table': 'intrusions_allowed',
            },
        ),
        migrations.CreateModel(
            name='ListRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40, unique=True)),
                ('source', models.CharField(max_length=500)),
                ('every', models.FloatField()),
                ('lasts', models.FloatField()),
                ('by', models.CharField(max_length=80)),
                ('enabled', models.BooleanField()),
                ('checked_at', models.FloatField(null=True)),
                ('read_at', models.FloatField(null=True)),
                ('entries', models.IntegerField()),
                ('left', models.IntegerField()),
                ('problem', models.CharField(max_length=300)),
            ],
            options={
                'db_table': 'intrusions_list',
            },
        ),
        migrations.CreateModel(
            name='MarkRow',
            fields=[
                ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('seq', models.BigIntegerField()),
            ],
            options={
                'db_table': 'intrusions_mark',
            },
        ),
        migrations.CreateModel(
            name='ModeRow',
            fields=[
                ('name', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('mode', models.CharField(max_length=10)),
            ],
            options={
                'db_table': 'intrusions_mode',
            },
        ),
        migrations.CreateModel(
            name='ToldRow',
            fields=[
                ('value', models.CharField(max_length=200, primary_key=True, serialize=False)),
                ('people', models.CharField(max_length=200)),
            ],
            options={
                'db_table': 'intrusions_told',
            },
        ),
        CreateCounting(
            name='BanRow',
            fields=[
                ('pk', models.CompositePrimaryKey('scope', 'value', blank=True, editable=False, primary_key=True, serialize=False)),
                ('scope', models.CharField(max_length=10)),
                ('value', models.CharField(max_length=200)),
                ('seq', models.BigIntegerField(unique=True)),
                ('measure', models.CharField(max_length=10)),
                ('at', models.FloatField()),
                ('until', models.FloatField()),
                ('reason', models.CharField(max_length=500)),
                ('rule', models.CharField(max_length=80)),
                ('origin', models.CharField(max_length=90)),
            ],
            options={
                'db_table': 'intrusions_ban',
                'indexes': [models.Index(fields=['until'], name='intrusions_ban_until')],
            },
        ),
        migrations.CreateModel(
            name='ClaimRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('origin', models.CharField(max_length=90)),
                ('uid', models.CharField(max_length=64)),
                ('scope', models.CharField(max_length=10)),
                ('value', models.CharField(max_length=200)),
                ('measure', models.CharField(max_length=10)),
                ('at', models.FloatField()),
                ('until', models.FloatField()),
                ('reason', models.CharField(max_length=500)),
                ('rule', models.CharField(max_length=80)),
                ('detection', models.CharField(max_length=64)),
                ('simulated', models.BooleanField()),
                ('ended_at', models.FloatField(null=True)),
                ('ended_why', models.CharField(max_length=300)),
            ],
            options={
                'db_table': 'intrusions_claim',
                'indexes': [models.Index(fields=['scope', 'value', 'until'], name='intrusions_claim_who'), models.Index(fields=['at'], name='intrusions_claim_at')],
                'constraints': [models.UniqueConstraint(fields=('origin', 'uid'), name='intrusions_claim_once')],
            },
        ),
        migrations.CreateModel(
            name='DetectionRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('place', models.CharField(max_length=80)),
                ('uid', models.CharField(max_length=64)),
                ('at', models.FloatField()),
                ('rule', models.CharField(max_length=80)),
                ('service', models.CharField(max_length=80)),
                ('severity', models.CharField(max_length=10)),
                ('value', models.CharField(max_length=200)),
                ('count', models.IntegerField()),
                ('simulated', models.BooleanField()),
                ('body', models.BinaryField()),
            ],
            options={
                'db_table': 'intrusions_detection',
                'indexes': [models.Index(fields=['at'], name='intrusions_detection_at'), models.Index(fields=['value', 'at'], name='intrusions_detection_who')],
                'constraints': [models.UniqueConstraint(fields=('place', 'uid'), name='intrusions_detection_once')],
            },
        ),
        CreateCounting(
            name='EntryRow',
            fields=[
                ('pk', models.CompositePrimaryKey('value', 'list', blank=True, editable=False, primary_key=True, serialize=False)),
                ('value', models.CharField(max_length=50)),
                ('list', models.BigIntegerField()),
                ('scope', models.CharField(max_length=10)),
                ('until', models.FloatField()),
            ],
            options={
                'db_table': 'intrusions_entry',
                'indexes': [models.Index(fields=['list'], name='intrusions_entry_list')],
            },
        ),
        CreateCounting(
            name='PastRow',
            fields=[
                ('pk', models.CompositePrimaryKey('scope', 'value', blank=True, editable=False, primary_key=True, serialize=False)),
                ('scope', models.CharField(max_length=10)),
                ('value', models.CharField(max_length=200)),
                ('steps', models.IntegerField()),
                ('since', models.FloatField()),
                ('unbanned_at', models.FloatField(null=True)),
            ],
            options={
                'db_table': 'intrusions_past',
                'indexes': [models.Index(fields=['since'], name='intrusions_past_since')],
            },
        ),
    ]
