"""Indexes that hold all a list of monitors counts and orders by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add them."""

    dependencies = [("monitors", "0005_locations")]

    operations = [
        migrations.AddIndex(
            model_name="monitorrow",
            index=models.Index(
                fields=["project", "kind", "tags", "paused", "id", "name", "slug"], name="monitors_monitor_list"
            ),
        ),
        migrations.AddIndex(
            model_name="standingrow",
            index=models.Index(fields=["monitor", "state"], name="monitors_standing_state"),
        ),
    ]
