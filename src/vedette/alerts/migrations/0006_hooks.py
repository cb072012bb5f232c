from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0005_worst_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='HookRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('mapping', models.JSONField()),
                ('enabled', models.BooleanField(default=True)),
                ('secret', models.CharField(default='', max_length=64)),
                ('created_at', models.FloatField()),
                ('source', models.CharField(default='', max_length=200)),
            ],
            options={
                'db_table': 'alerts_hook',
            },
        ),
    ]
