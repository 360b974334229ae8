"""Cases, what happened in them, messages to people, and how each person wants to be told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from commonweal.core.identity.models import new_id

OPEN = Q(closed=None)


class Case(models.Model):
    """Work about one person. `about` is the reference that the room whose kind it is knows it by.

    `owner` is the id of the officer who has taken it, empty when nobody has; a closed case keeps its last one.
    `version` grows with every change, so that nobody acts on what has changed meanwhile.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    person_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=80)
    about = models.CharField(max_length=80)
    queue = models.CharField(max_length=81)
    language = models.CharField(max_length=5)
    status = models.CharField(max_length=10, default="open")
    appeal = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, blank=True)
    owner = models.CharField(max_length=80, blank=True)
    owner_name = models.CharField(max_length=200, blank=True)
    proposer = models.CharField(max_length=80, blank=True)
    opened = models.DateTimeField()
    due = models.DateTimeField()
    closed = models.DateTimeField(null=True)
    version = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "about"], name="case_once")]
        indexes: ClassVar = [  # one for each way to look at the list, sorted as it is shown
            models.Index(fields=["queue", "due", "id"], condition=OPEN, name="case_open"),
            models.Index(fields=["queue", "owner", "due", "id"], condition=OPEN, name="case_owner"),
            models.Index(fields=["queue", "language", "due", "id"], condition=OPEN, name="case_language"),
            models.Index(fields=["queue", "status", "due", "id"], condition=OPEN, name="case_status"),
            models.Index(fields=["queue", "appeal", "due", "id"], condition=OPEN, name="case_appeal"),
            models.Index(fields=["queue", "closed"], condition=~OPEN, name="case_closed"),
        ]


class Step(models.Model):
    """What happened in a case. `key` is the form's, so that sending it twice does it once."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="steps")
    n = models.IntegerField()
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    officer = models.BooleanField()
    appeal = models.BooleanField()
    text = models.TextField(blank=True)
    outcome = models.CharField(max_length=10, blank=True)
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "n"], name="case_step_once")]


class Notice(models.Model):
    """A message to a person. It is in their inbox at once; `delivered` tells when the other channel was served."""

    id = models.UUIDField(primary_key=True, default=new_id)
    person_id = models.UUIDField()
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="notices")
    agency = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    language = models.CharField(max_length=5)
    written = models.DateTimeField()
    read = models.DateTimeField(null=True)
    delivered = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person_id", "-written"], name="notice_person"),
            models.Index(fields=["person_id"], condition=Q(read=None), name="notice_unread"),
            models.Index(fields=["written"], condition=Q(delivered=None), name="notice_waiting"),
        ]


class ChosenChannel(models.Model):
    """How a person chose to be told."""

    person_id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=10)
    address = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=5, blank=True)
