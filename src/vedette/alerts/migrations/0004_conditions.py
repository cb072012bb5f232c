import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0003_groups'),
    ]

    operations = [
        migrations.AddField(
            model_name='rulerow',
            name='matchers',
            field=models.TextField(default=''),
        ),
        migrations.AddField(
            model_name='rulerow',
            name='source',
            field=models.CharField(default='', max_length=200),
        ),
        migrations.CreateModel(
            name='PendingRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=16)),
                ('since', models.FloatField()),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='alerts.rulerow')),
            ],
            options={
                'db_table': 'alerts_pending',
            },
        ),
        migrations.AddConstraint(
            model_name='pendingrow',
            constraint=models.UniqueConstraint(fields=('rule', 'fingerprint'), name='alerts_pending_once'),
        ),
    ]
