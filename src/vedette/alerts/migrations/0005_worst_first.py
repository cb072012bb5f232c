from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0004_conditions'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='alertrow',
            index=models.Index(fields=['state', 'severity', 'updated_at', 'id'], name='alerts_alert_worst'),
        ),
    ]
