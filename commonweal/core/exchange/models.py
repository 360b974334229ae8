"""What the exchange keeps: invitations, nonces, which evidence of ours answers to which of others', and events."""

from __future__ import annotations

import uuid
from typing import ClassVar

import uuid_utils
from django.db import models

from commonweal.core import clock


def uuid7() -> uuid.UUID:
    """A UUIDv7."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


class Invitation(models.Model):
    """A code, handed over by a person, with which one member can join. Used once."""

    key = models.BinaryField(max_length=32, primary_key=True)  # SHA-256 of the code's secret
    member = models.CharField(max_length=300)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)


class Nonce(models.Model):
    """A request that was answered or refused already; kept while its signature is in time."""

    mark = models.BinaryField(max_length=40, primary_key=True)  # sides.mark_of: sorted by when its time is over


class Side(models.Model):
    """One act of an exchange and the other node's act that it belongs to. Says nothing about whom it was."""

    KINDS: ClassVar = [("asked", "asked"), ("received", "received"), ("provided", "provided")]

    act = models.BinaryField(max_length=16, primary_key=True)
    kind = models.CharField(max_length=8, choices=KINDS)
    message = models.CharField(max_length=100)  # X-Road-Id
    client = models.CharField(max_length=400)
    service = models.CharField(max_length=500)
    permitted = models.BooleanField()
    at = models.DateTimeField()
    leaf = models.BinaryField(max_length=32)
    peer = models.CharField(max_length=200)  # the other node's log
    peer_leaf = models.BinaryField(max_length=32, null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["message"], name="side_message")]


class Event(models.Model):
    """Something that happened, written in the transaction in which it happened; its position is given afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    type = models.CharField(max_length=120)
    person_id = models.UUIDField(null=True)
    data = models.JSONField()
    agency = models.CharField(max_length=300, blank=True)  # the only agency that is told of it
    at = models.DateTimeField(default=clock.now)
    position = models.BigIntegerField(null=True, unique=True)  # dense; given by the dispatcher, never by the writer


class Subscription(models.Model):
    """A system that is told of events, and how far it has been told."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    system = models.CharField(max_length=400)
    agency = models.CharField(max_length=300)
    types = models.JSONField()
    purpose = models.CharField(max_length=80)
    scheme = models.CharField(max_length=80, blank=True)  # what people are called in what it is told
    address = models.CharField(max_length=500)
    secret = models.BinaryField(max_length=32)  # Standard Webhooks
    most = models.IntegerField(default=1)  # events of one delivery
    position = models.BigIntegerField(default=0)  # everything up to here is settled
    until = models.BigIntegerField(null=True)  # the last of a delivery under way, so that its repetition is the same
    failures = models.IntegerField(default=0)
    due = models.DateTimeField(default=clock.now, db_index=True)
    ended = models.DateTimeField(null=True)


class DeadLetter(models.Model):
    """An event that could not be delivered in time; replaying from before its position sends it again."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE)
    event = models.ForeignKey(Event, on_delete=models.CASCADE)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(default=clock.now)
