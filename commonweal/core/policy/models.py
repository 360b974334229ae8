"""What people have agreed to. Every use of a record is checked at the door, and again before the act commits."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class ConsentRecord(models.Model):
    """One person's consent to one purpose of one agency, from `given` until `withdrawn` (ISO/IEC TS 27560)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person_id = models.UUIDField()
    purpose = models.CharField(max_length=80)
    agency = models.CharField(max_length=80)
    given = models.DateTimeField()
    withdrawn = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person_id", "purpose"], name="consent_person_purpose")]
