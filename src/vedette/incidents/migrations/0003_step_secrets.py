from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0002_passed_over'),
    ]

    operations = [
        migrations.AddField(
            model_name='steprunrow',
            name='secrets',
            field=models.TextField(default=''),
        ),
    ]
