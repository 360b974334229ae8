"""What people have agreed to. Every use of a record is checked at the door, and again before the act commits."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class Restriction(models.Model):
    """What a person objected to (a purpose) or asked to be restricted (a room), GDPR Art. 21 and 18.

    The door refuses from `since` until `lifted`; an objection is in force while it waits for its decision.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person_id = models.UUIDField()
    kind = models.CharField(max_length=12)  # "objection" or "restriction"
    what = models.CharField(max_length=80)  # the name of a purpose or of a room
    reason = models.TextField()
    asked = models.DateTimeField()
    since = models.DateTimeField(null=True)
    lifted = models.DateTimeField(null=True)
    decided = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person_id", "what"], condition=models.Q(lifted=None), name="restriction_in_force")
        ]


class Emergency(models.Model):
    """A use in an emergency, for a supervisor to look at afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    act = models.BinaryField(max_length=16)
    person_id = models.UUIDField(db_index=True)
    action = models.CharField(max_length=80)
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)
    actor_person = models.UUIDField(null=True)
    agency = models.CharField(max_length=40)
    reason = models.TextField()
    at = models.DateTimeField()
    decided = models.DateTimeField(null=True)


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


class Revision(models.Model):
    """One wording of a data agreement, or of the node's rules, kept for good: what somebody agreed to."""

    hash = models.CharField(max_length=64, primary_key=True)  # SHA-256 of the snapshot, in hex
    schema = models.CharField(max_length=20)  # "DataAgreement" or "Policy"
    object_id = models.CharField(max_length=130)
    snapshot = models.TextField()
    at = models.DateTimeField()
    predecessor = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["schema", "object_id", "predecessor"], name="revision_once")
        ]
