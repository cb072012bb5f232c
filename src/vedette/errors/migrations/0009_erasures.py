from django.db import migrations, models

APPEND_ONLY = [
    f"CREATE TRIGGER errors_receipt_no_{verb.lower()} BEFORE {verb} ON errors_receipt"
    " BEGIN SELECT RAISE(ABORT, 'receipts are append-only'); END"
    for verb in ("UPDATE", "DELETE")
]
DROP = ["DROP TRIGGER IF EXISTS errors_receipt_no_update", "DROP TRIGGER IF EXISTS errors_receipt_no_delete"]


class Migration(migrations.Migration):

    dependencies = [
        ('errors', '0008_triage'),
    ]

    operations = [
        migrations.CreateModel(
            name='ErasureRow',
            fields=[
                ('id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=8)),
                ('project', models.IntegerField(null=True)),
                ('user', models.IntegerField(null=True)),
                ('who', models.CharField(max_length=120)),
                ('at', models.FloatField()),
                ('dry_run', models.BooleanField()),
                ('stage', models.CharField(max_length=12)),
                ('done', models.IntegerField(default=0)),
                ('total', models.IntegerField(default=0)),
                ('upto', models.BigIntegerField(default=0)),
                ('counts', models.TextField(default='{}')),
                ('state', models.TextField(default='')),
                ('ended_at', models.FloatField(null=True)),
                ('problem', models.CharField(default='', max_length=300)),
            ],
            options={
                'db_table': 'errors_erasure',
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['at'], name='errors_erasure_open'), models.Index(fields=['ended_at'], name='errors_erasure_ended')],
            },
        ),
        migrations.CreateModel(
            name='ReceiptRow',
            fields=[
                ('id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('at', models.FloatField()),
                ('body', models.TextField()),
                ('seal', models.CharField(max_length=64)),
            ],
            options={
                'db_table': 'errors_receipt',
                'indexes': [models.Index(fields=['-at', '-id'], name='errors_receipt_at')],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, DROP),
    ]
