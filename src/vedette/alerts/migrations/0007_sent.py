"""An index of what was sent, which the pages of alerts count: most lines say why nobody was told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0006_hooks")]

    operations = [
        migrations.AddIndex(
            model_name="tracerow",
            index=models.Index(fields=["at"], name="alerts_trace_sent", condition=models.Q(("sent", True))),
        ),
    ]
