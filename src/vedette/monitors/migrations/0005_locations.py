"""Locations that check from elsewhere. Every monitor was checked from here alone before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitors", "0004_tags")]

    operations = [
        migrations.AddField(model_name="monitorrow", name="locations", field=models.TextField(default="")),
        migrations.CreateModel(
            name="LocationRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("slug", models.CharField(max_length=30, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("token", models.CharField(max_length=64, unique=True)),
                ("hint", models.CharField(max_length=8)),
                ("created_at", models.FloatField()),
                ("heard_at", models.FloatField(null=True)),
                ("version", models.CharField(max_length=40)),
                ("skew", models.FloatField()),
                ("lost", models.BigIntegerField()),
                ("told", models.BooleanField()),
                ("taken", models.TextField()),
            ],
            options={"db_table": "monitors_location"},
        ),
    ]
