from django.db import migrations, models

from vedette.plumbing.db.counting import CreateCounting


def packed(name, table, *indexes):
    """Return a table of what checks found in spans of time."""
    return CreateCounting(
        name=name,
        fields=[
            ('pk', models.CompositePrimaryKey('monitor', 'at', blank=True, editable=False, primary_key=True, serialize=False)),
            ('monitor', models.BigIntegerField()),
            ('at', models.BigIntegerField()),
            ('body', models.BinaryField()),
        ],
        options={'db_table': table, 'indexes': list(indexes)},
    )


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='MonitorRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=32, unique=True)),
                ('project', models.IntegerField()),
                ('slug', models.CharField(max_length=50)),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(max_length=20)),
                ('config', models.BinaryField()),
                ('secrets', models.TextField()),
                ('paused', models.BooleanField()),
                ('canary', models.BooleanField()),
                ('source', models.CharField(max_length=500)),
                ('created_at', models.FloatField()),
                ('updated_at', models.FloatField()),
            ],
            options={
                'db_table': 'monitors_monitor',
                'constraints': [models.UniqueConstraint(fields=('project', 'slug'), name='monitors_monitor_one')],
            },
        ),
        migrations.CreateModel(
            name='StandingRow',
            fields=[
                ('monitor', models.BigIntegerField(primary_key=True, serialize=False)),
                ('state', models.CharField(max_length=10)),
                ('heard', models.FloatField(null=True)),
                ('good', models.BooleanField()),
                ('cause', models.CharField(max_length=60)),
                ('due', models.FloatField(null=True)),
                ('unsettled', models.BooleanField()),
                ('body', models.BinaryField()),
            ],
            options={
                'db_table': 'monitors_standing',
                'indexes': [models.Index(fields=['due'], name='monitors_standing_due'), models.Index(fields=['heard'], name='monitors_standing_heard'), models.Index(condition=models.Q(('unsettled', True)), fields=['monitor'], name='monitors_standing_open')],
            },
        ),
        migrations.CreateModel(
            name='ChangeRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('monitor', models.BigIntegerField()),
                ('at', models.FloatField()),
                ('state', models.CharField(max_length=10)),
                ('cause', models.CharField(max_length=60)),
                ('reason', models.TextField()),
            ],
            options={
                'db_table': 'monitors_change',
                'indexes': [models.Index(fields=['monitor', 'at'], name='monitors_change_of')],
            },
        ),
        migrations.CreateModel(
            name='ResultRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('monitor', models.BigIntegerField()),
                ('at', models.FloatField()),
                ('body', models.BinaryField()),
            ],
            options={
                'db_table': 'monitors_result',
                'indexes': [models.Index(fields=['monitor', 'at'], name='monitors_result_of'), models.Index(fields=['at'], name='monitors_result_at')],
            },
        ),
        migrations.CreateModel(
            name='MarkRow',
            fields=[
                ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('seq', models.BigIntegerField()),
                ('at', models.FloatField()),
                ('text', models.TextField()),
            ],
            options={
                'db_table': 'monitors_mark',
            },
        ),
        packed('MinutesRow', 'monitors_minutes', models.Index(fields=['at'], name='monitors_minutes_at')),
        packed('HourRow', 'monitors_hour', models.Index(fields=['at'], name='monitors_hour_at')),
        packed('DayRow', 'monitors_day'),
    ]
