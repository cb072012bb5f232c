from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('oncall', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='coverrow',
            name='maker',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='escalationrow',
            name='secrets',
            field=models.TextField(default=''),
        ),
        migrations.AddField(
            model_name='calendarrow',
            name='times',
            field=models.TextField(default=''),
        ),
        migrations.AddField(
            model_name='calendarrow',
            name='laid_at',
            field=models.FloatField(null=True),
        ),
    ]
