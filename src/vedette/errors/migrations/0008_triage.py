from django.db import migrations, models

from vedette.plumbing.db.counting import CreateCounting

# Issues that are here get their features by and by, from the newest id down to 0 (see `alike`).
BEGIN = """
INSERT OR IGNORE INTO errors_mark (name, seq)
SELECT 'features', max(coalesce((SELECT max(id) FROM errors_issue), 0), coalesce((SELECT max(id) FROM errors_group), 0))
"""


class Migration(migrations.Migration):

    dependencies = [("errors", "0007_merge_and_jobs")]

    operations = [
        migrations.AddField(
            model_name="issuerow",
            name="mute_usual",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="issuerow",
            name="fixed_after",
            field=models.CharField(max_length=200, null=True),
        ),
        migrations.AddField(
            model_name="issuerow",
            name="fixed_in",
            field=models.CharField(max_length=200, null=True),
        ),
        migrations.AddField(
            model_name="grouprow",
            name="mute_usual",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="grouprow",
            name="fixed_after",
            field=models.CharField(max_length=200, null=True),
        ),
        migrations.AddField(
            model_name="grouprow",
            name="fixed_in",
            field=models.CharField(max_length=200, null=True),
        ),
        CreateCounting(
            name="FeatureRow",
            fields=[
                ("pk", models.CompositePrimaryKey("issue", "feature", blank=True, editable=False, primary_key=True, serialize=False)),
                ("issue", models.BigIntegerField()),
                ("feature", models.BigIntegerField()),
                ("kind", models.SmallIntegerField()),
                ("project", models.IntegerField()),
            ],
            options={
                "db_table": "errors_feature",
                "indexes": [models.Index(fields=["project", "feature", "issue"], name="errors_feature_search")],
            },
        ),
        migrations.RunSQL(BEGIN, "DELETE FROM errors_mark WHERE name = 'features'"),
    ]
