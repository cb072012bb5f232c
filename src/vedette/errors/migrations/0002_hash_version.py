"""Say of every grouping hash by which version of grouping it was made; those there are were made by the first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("errors", "0001_initial")]

    operations = [
        # by hand: Django would build the table anew, and with a rowid
        migrations.RunSQL(
            "ALTER TABLE errors_hash ADD COLUMN version smallint NOT NULL DEFAULT 1",
            "ALTER TABLE errors_hash DROP COLUMN version",
            state_operations=[migrations.AddField("hashrow", "version", models.SmallIntegerField(db_default=1))],
        ),
        migrations.AddIndex(
            "hashrow", models.Index(fields=["version"], condition=models.Q(version__lt=2), name="errors_hash_old")
        ),
    ]
