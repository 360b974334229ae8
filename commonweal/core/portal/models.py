"""What residents ask about uses of their data, and what they were answered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from commonweal.core.identity.models import new_id


class Question(models.Model):
    """A person's question about their entry number `n`, to the agency that made the use."""

    id = models.UUIDField(primary_key=True, default=new_id)
    person_id = models.UUIDField(db_index=True)
    n = models.BigIntegerField()
    agency = models.CharField(max_length=40, db_index=True)
    text = models.TextField()
    asked = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person_id", "n"], name="question_person_n")]
