from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notify', '0002_personal'),
    ]

    operations = [
        migrations.CreateModel(
            name='TemplateRow',
            fields=[
                ('kind', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('title', models.TextField()),
                ('text', models.TextField()),
            ],
            options={
                'db_table': 'notify_template',
            },
        ),
        migrations.AddField(
            model_name='deliveryrow',
            name='acknowledged',
            field=models.CharField(default='', max_length=200),
        ),
    ]
