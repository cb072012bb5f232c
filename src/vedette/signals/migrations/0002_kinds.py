from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('signals', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='momentrow',
            index=models.Index(fields=['room', 'kind', 'at'], name='signals_moment_kind_at'),
        ),
    ]
