"""What the node keeps of elections. Only records.py touches these tables; ballots are never among them."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models


class Election(models.Model):
    """`draft` is what the administrator wrote; `package` everything that was frozen (frozen.py);
    `trouble` what was wrong with the board; `passes` how many were drawn by people whose entries are gone.
    """

    uuid = models.CharField(primary_key=True, max_length=22)
    state = models.CharField(max_length=8, default="draft")
    draft = models.JSONField()
    package = models.TextField(blank=True)
    trouble = models.TextField(blank=True)
    passes = models.IntegerField(null=True)


class RollEntry(models.Model):
    """Somebody who may vote, and how often their vote counts. `label` is what the credential authority calls them;
    `asked` the hash of what they had signed as their pass, empty before. The key is random, so that it tells nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    election = models.ForeignKey(Election, on_delete=models.PROTECT)
    person_id = models.UUIDField(db_index=True)
    label = models.CharField(max_length=16)
    name = models.CharField(max_length=250)
    delivery = models.CharField(max_length=500)
    weight = models.PositiveIntegerField(default=1)
    asked = models.BinaryField(default=bytes)
    removed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["election", "person_id"], name="voter_once"),
            models.UniqueConstraint(fields=["election", "label"], name="label_once"),
        ]


class Checkpoint(models.Model):
    """An end of the board that stands in the node's log as the document `document` (SHA-256)."""

    election = models.ForeignKey(Election, on_delete=models.PROTECT)
    height = models.IntegerField()
    digest = models.CharField(max_length=64)
    size = models.BigIntegerField()
    document = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["election", "height"], name="height_once")]
