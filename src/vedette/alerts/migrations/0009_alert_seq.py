from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0008_detectors'),
    ]

    operations = [
        migrations.AddField(
            model_name='alertrow',
            name='seq',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='alertrow',
            index=models.Index(fields=['seq', 'id'], name='alerts_alert_seq'),
        ),
    ]
