from django.db import migrations, models

from vedette.plumbing.db.counting import CreateCounting


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PageRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("project", models.IntegerField()),
                ("name", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "vitals_page",
                "constraints": [models.UniqueConstraint(fields=("project", "name"), name="vitals_page_once")],
            },
        ),
        CreateCounting(
            name="HourRow",
            fields=[
                ("pk", models.CompositePrimaryKey("page", "vital", "at", blank=True, editable=False, primary_key=True, serialize=False)),
                ("page", models.BigIntegerField()),
                ("vital", models.CharField(max_length=4)),
                ("at", models.IntegerField()),
                ("n", models.IntegerField()),
                ("sketch", models.BinaryField()),
            ],
            options={
                "db_table": "vitals_hour",
                "indexes": [models.Index(fields=["at"], name="vitals_hour_at")],
            },
        ),
        CreateCounting(
            name="DayRow",
            fields=[
                ("pk", models.CompositePrimaryKey("page", "vital", "at", blank=True, editable=False, primary_key=True, serialize=False)),
                ("page", models.BigIntegerField()),
                ("vital", models.CharField(max_length=4)),
                ("at", models.IntegerField()),
                ("n", models.IntegerField()),
                ("sketch", models.BinaryField()),
            ],
            options={
                "db_table": "vitals_day",
                "indexes": [models.Index(fields=["at"], name="vitals_day_at")],
            },
        ),
        CreateCounting(
            name="WorseRow",
            fields=[
                ("pk", models.CompositePrimaryKey("page", "vital", blank=True, editable=False, primary_key=True, serialize=False)),
                ("page", models.BigIntegerField()),
                ("vital", models.CharField(max_length=4)),
                ("since", models.FloatField()),
            ],
            options={"db_table": "vitals_worse"},
        ),
        migrations.CreateModel(
            name="MarkRow",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField()),
            ],
            options={"db_table": "vitals_mark"},
        ),
    ]
