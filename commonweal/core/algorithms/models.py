"""What algorithms advised, for the people whom it was about and the officers who decide."""

from __future__ import annotations

from django.db import models

from commonweal.core.identity.models import new_id


class Advice(models.Model):
    """`about` is the reference of the room that asked; `record` is the hash of the algorithm's record then."""

    id = models.UUIDField(primary_key=True, default=new_id)
    person_id = models.UUIDField(db_index=True)
    algorithm = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    record = models.BinaryField(max_length=32)
    about = models.CharField(max_length=80, db_index=True)
    says = models.TextField()
    reasons = models.JSONField()
    inputs = models.JSONField()
    adverse = models.BooleanField()
    given = models.DateTimeField()
