from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("errors", "0005_saved_searches")]

    operations = [
        migrations.CreateModel(
            name="OwnersRow",
            fields=[
                ("project", models.IntegerField(primary_key=True, serialize=False)),
                ("source", models.TextField()),
                ("suggest", models.BooleanField()),
            ],
            options={"db_table": "errors_owners"},
        ),
    ]
