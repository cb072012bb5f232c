from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("errors", "0004_spikes")]

    operations = [
        migrations.CreateModel(
            name="SavedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.IntegerField()),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(max_length=500)),
                ("sort", models.CharField(max_length=12)),
                ("project", models.IntegerField()),
                ("shared", models.BooleanField()),
                ("created_at", models.FloatField()),
            ],
            options={"db_table": "errors_saved", "indexes": [models.Index(fields=["owner"], name="errors_saved_owner")]},
        ),
        migrations.CreateModel(
            name="StarRow",
            fields=[
                ("user", models.IntegerField(primary_key=True, serialize=False)),
                ("search", models.BigIntegerField()),
            ],
            options={"db_table": "errors_star"},
        ),
    ]
