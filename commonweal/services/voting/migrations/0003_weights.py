from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voting", "0002_passes")]

    operations = [
        migrations.AddField(
            model_name="rollentry",
            name="weight",
            field=models.PositiveIntegerField(default=1),
        ),
    ]
