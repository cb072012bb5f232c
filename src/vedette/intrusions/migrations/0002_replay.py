"""Replays of sets of rules over the own logs of hosts."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('intrusions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReplayRow',
            fields=[
                ('uid', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('host', models.CharField(max_length=80)),
                ('name', models.CharField(max_length=80)),
                ('seconds', models.FloatField()),
                ('by', models.CharField(max_length=80)),
                ('asked_at', models.FloatField()),
                ('state', models.CharField(max_length=10)),
                ('changed_at', models.FloatField()),
                ('body', models.BinaryField()),
            ],
            options={
                'db_table': 'intrusions_replay',
                'indexes': [models.Index(fields=['name', 'host', 'asked_at'], name='intrusions_replay_which'), models.Index(fields=['state'], name='intrusions_replay_state')],
            },
        ),
    ]
