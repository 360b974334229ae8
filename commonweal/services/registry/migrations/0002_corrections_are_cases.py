"""Requests that wait for a decision become cases."""

from __future__ import annotations

from datetime import timedelta

from django.db import migrations


def open_cases(apps, schema_editor):
    Case, Step = apps.get_model("cases", "Case"), apps.get_model("cases", "Step")
    for asked in apps.get_model("registry", "Correction").objects.filter(status="open").iterator():
        case = Case.objects.create(
            person_id=asked.person_id,
            kind="registry.correction",
            about=str(asked.id),
            queue="register/registrar",
            language="en",
            opened=asked.asked,
            due=asked.asked + timedelta(days=30),
        )
        Step.objects.create(
            case=case, n=0, kind="opened", at=asked.asked, by=f"person:{asked.person_id.hex}", officer=False, appeal=False
        )


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("cases", "0001_initial")]
    operations = [migrations.RunPython(open_cases, migrations.RunPython.noop)]
