"""What erasure officers want erased, until two of them have decided and it is done."""

from __future__ import annotations

from django.db import models

from commonweal.core.identity.models import new_id


class Request(models.Model):
    """`entries` are numbers of the person's entries; none: everything about the person. `approved` by two officers."""

    id = models.UUIDField(primary_key=True, default=new_id)
    person_id = models.UUIDField(db_index=True)
    entries = models.JSONField(default=list)
    rule = models.CharField(max_length=20)
    reason = models.TextField()
    asked = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    approved = models.DateTimeField(null=True)
    done = models.DateTimeField(null=True)
    rejected = models.DateTimeField(null=True)
