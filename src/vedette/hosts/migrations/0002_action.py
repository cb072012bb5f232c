"""Actions that hosts offer, and those that were ordered."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hosts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='OfferRow',
            fields=[
                ('host', models.BigIntegerField(primary_key=True, serialize=False)),
                ('names', models.TextField()),
            ],
            options={
                'db_table': 'hosts_offer',
            },
        ),
        migrations.CreateModel(
            name='ActionRow',
            fields=[
                ('uid', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('host', models.BigIntegerField()),
                ('name', models.CharField(max_length=60)),
                ('about', models.CharField(max_length=80)),
                ('by', models.CharField(max_length=80)),
                ('asked_at', models.FloatField()),
                ('until', models.FloatField()),
                ('state', models.CharField(max_length=10)),
                ('changed_at', models.FloatField()),
                ('code', models.IntegerField(null=True)),
                ('why', models.TextField()),
                ('output', models.TextField()),
            ],
            options={
                'db_table': 'hosts_action',
                'indexes': [models.Index(fields=['state', 'host'], name='hosts_action_state'), models.Index(fields=['about', 'asked_at'], name='hosts_action_about')],
            },
        ),
    ]
