"""Hosts: who they are, how they are let in, what is known of them and what happened."""

from django.db import migrations, models

from vedette.plumbing.db.counting import CreateCounting


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        CreateCounting(
            name='AuditRow',
            fields=[
                ('pk', models.CompositePrimaryKey('host', 'at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('host', models.BigIntegerField()),
                ('at', models.FloatField()),
                ('score', models.FloatField()),
                ('failed', models.IntegerField()),
                ('body', models.BinaryField()),
            ],
            options={
                'db_table': 'hosts_audit',
            },
        ),
        migrations.CreateModel(
            name='FactsRow',
            fields=[
                ('host', models.BigIntegerField(primary_key=True, serialize=False)),
                ('inventory', models.BinaryField()),
                ('booted_at', models.FloatField()),
                ('reboot_required', models.BooleanField()),
                ('pending', models.IntegerField()),
                ('security', models.IntegerField()),
                ('score', models.FloatField(null=True)),
                ('failed', models.IntegerField()),
                ('troubles', models.TextField()),
            ],
            options={
                'db_table': 'hosts_facts',
            },
        ),
        migrations.CreateModel(
            name='HostRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80, unique=True)),
                ('key', models.CharField(max_length=32, unique=True)),
                ('public', models.BinaryField()),
                ('fresh', models.CharField(max_length=32)),
                ('fresh_public', models.BinaryField()),
                ('by', models.CharField(max_length=80)),
                ('enrolled_at', models.FloatField()),
                ('state', models.CharField(max_length=10)),
                ('heard_at', models.FloatField(null=True)),
                ('version', models.CharField(max_length=40)),
                ('skew', models.FloatField()),
                ('lost', models.BigIntegerField()),
                ('told', models.BooleanField()),
                ('rotate', models.BooleanField()),
                ('modes', models.TextField()),
            ],
            options={
                'db_table': 'hosts_host',
            },
        ),
        migrations.CreateModel(
            name='InvitationRow',
            fields=[
                ('id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('secret', models.TextField()),
                ('by', models.CharField(max_length=80)),
                ('created_at', models.FloatField()),
                ('expires_at', models.FloatField()),
                ('used_at', models.FloatField(null=True)),
                ('revoked_at', models.FloatField(null=True)),
            ],
            options={
                'db_table': 'hosts_invitation',
            },
        ),
        CreateCounting(
            name='OriginRow',
            fields=[
                ('pk', models.CompositePrimaryKey('host', 'origin', blank=True, editable=False, primary_key=True, serialize=False)),
                ('host', models.BigIntegerField()),
                ('origin', models.CharField(max_length=32)),
                ('taken', models.BigIntegerField()),
                ('at', models.FloatField()),
            ],
            options={
                'db_table': 'hosts_origin',
            },
        ),
        migrations.CreateModel(
            name='NotedRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('host', models.BigIntegerField()),
                ('at', models.FloatField()),
                ('kind', models.CharField(max_length=40)),
                ('subject', models.CharField(max_length=300)),
                ('body', models.BinaryField()),
            ],
            options={
                'db_table': 'hosts_noted',
                'indexes': [models.Index(fields=['host', 'at'], name='hosts_noted_host'), models.Index(fields=['at'], name='hosts_noted_at')],
            },
        ),
    ]
