"""The tags of monitors: words by which a list finds them. No monitor had any before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitors", "0001_initial")]

    operations = [
        migrations.AddField(model_name="monitorrow", name="tags", field=models.TextField(default="")),
    ]
