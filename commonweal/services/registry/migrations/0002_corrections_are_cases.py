"""Requests that wait for a decision become cases."""

from __future__ import annotations

from datetime import timedelta

from django.db import migrations


def open_cases(apps, schema_editor):
    cases, steps, corrections = (
        apps.get_model(*name).objects.using(schema_editor.connection.alias)
        for name in (("cases", "Case"), ("cases", "Step"), ("registry", "Correction"))
    )
    for asked in corrections.filter(status="open").iterator():
        case = cases.create(
            person_id=asked.person_id,
            kind="registry.correction",
            about=str(asked.id),
            queue="register/registrar",
            language="en",
            opened=asked.asked,
            due=asked.asked + timedelta(days=30),
        )
        steps.create(
            case=case,
            n=0,
            kind="opened",
            at=asked.asked,
            by=f"person:{asked.person_id.hex}",
            officer=False,
            appeal=False,
        )


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("cases", "0001_initial")]
    operations = [migrations.RunPython(open_cases, migrations.RunPython.noop)]
