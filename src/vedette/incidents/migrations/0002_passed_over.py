from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='incidentrow',
            name='resolved_by_hand',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='QuietRow',
            fields=[
                ('fingerprint', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('looked_at', models.FloatField()),
            ],
            options={
                'db_table': 'incidents_quiet',
                'indexes': [models.Index(fields=['looked_at'], name='incidents_quiet_looked')],
            },
        ),
    ]
