from django.db import migrations, models

from vedette.plumbing.db.counting import CreateCounting


class Migration(migrations.Migration):

    dependencies = [
        ("errors", "0009_erasures"),
    ]

    operations = [
        CreateCounting(
            name="OriginHourRow",
            fields=[
                ("pk", models.CompositePrimaryKey("issue", "hour", blank=True, editable=False, primary_key=True, serialize=False)),
                ("issue", models.BigIntegerField()),
                ("hour", models.IntegerField()),
                ("n", models.IntegerField()),
            ],
            options={
                "db_table": "errors_origin_hour",
                "indexes": [models.Index(fields=["hour", "issue"], name="errors_origin_hour_when")],
            },
        ),
        CreateCounting(
            name="OriginMinuteRow",
            fields=[
                ("pk", models.CompositePrimaryKey("issue", "minute", blank=True, editable=False, primary_key=True, serialize=False)),
                ("issue", models.BigIntegerField()),
                ("minute", models.IntegerField()),
                ("n", models.IntegerField()),
            ],
            options={
                "db_table": "errors_origin_minute",
                "indexes": [models.Index(fields=["minute", "issue"], name="errors_origin_minute_when")],
            },
        ),
        migrations.CreateModel(
            name="OriginRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("project", models.IntegerField()),
                ("environment", models.CharField(max_length=200)),
                ("release", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "errors_origin",
                "constraints": [models.UniqueConstraint(fields=("project", "environment", "release"), name="errors_origin_once")],
            },
        ),
    ]
