"""Nonces lie in the order in which they end; sides are in order of time by their act's id."""

from django.db import migrations, models

ROWS = 5_000


def put_the_time_first(apps, schema_editor):
    """What was answered stays known, or it could be asked again for five minutes."""
    Nonce = apps.get_model("exchange", "Nonce")
    nonces = Nonce.objects.using(schema_editor.connection.alias)
    known = list(nonces.values_list("hash", "expires"))
    nonces.all().delete()
    rows = [Nonce(hash=(expires - 1).to_bytes(8, "big") + bytes(hash_), expires=expires) for hash_, expires in known]
    nonces.bulk_create(rows, batch_size=ROWS)


class Migration(migrations.Migration):
    dependencies = [("exchange", "0003_event_agency")]

    operations = [
        migrations.AlterField("nonce", "hash", models.BinaryField(max_length=40, primary_key=True, serialize=False)),
        migrations.RunPython(put_the_time_first, migrations.RunPython.noop),
        migrations.RemoveField("nonce", "expires"),
        migrations.RenameField("nonce", "hash", "mark"),
        migrations.AlterField("side", "at", models.DateTimeField()),
    ]
