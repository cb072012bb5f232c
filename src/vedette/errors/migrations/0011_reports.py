from django.db import migrations, models

from vedette.plumbing.db.counting import CreateCounting


class Migration(migrations.Migration):

    dependencies = [
        ("errors", "0010_origins"),
    ]

    operations = [
        CreateCounting(
            name="ReportRow",
            fields=[
                ("pk", models.CompositePrimaryKey("project", "day", "kind", "what", "source", blank=True, editable=False, primary_key=True, serialize=False)),
                ("project", models.IntegerField()),
                ("day", models.IntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("what", models.CharField(max_length=120)),
                ("source", models.CharField(max_length=200)),
                ("page", models.CharField(max_length=200)),
                ("n", models.IntegerField()),
                ("watched", models.IntegerField()),
                ("weight", models.FloatField()),
                ("browsers", models.BinaryField()),
                ("first_at", models.FloatField()),
                ("last_at", models.FloatField()),
            ],
            options={
                "db_table": "errors_report",
                "indexes": [models.Index(fields=["day"], name="errors_report_day")],
            },
        ),
        CreateCounting(
            name="KnownPolicyRow",
            fields=[
                ("pk", models.CompositePrimaryKey("project", "text", blank=True, editable=False, primary_key=True, serialize=False)),
                ("project", models.IntegerField()),
                ("text", models.TextField()),
                ("browsers", models.BinaryField()),
                ("at", models.FloatField()),
            ],
            options={"db_table": "errors_policy"},
        ),
    ]
