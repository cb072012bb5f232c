"""What stands for the host of a webhook, so that a page does not take any number of one; those there are not counted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("status", "0001_initial")]

    operations = [
        migrations.AddField(model_name="subscriberrow", name="host", field=models.CharField(default="", max_length=64)),
    ]
