"""What the exchange keeps: invitations, nonces, and which evidence of ours answers to which of another node's."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Invitation(models.Model):
    """A code, handed over by a person, with which one member can join. Used once."""

    key = models.BinaryField(max_length=32, primary_key=True)  # SHA-256 of the code's secret
    member = models.CharField(max_length=300)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)


class Nonce(models.Model):
    """A request that was answered or refused already; kept while its signature is in time."""

    hash = models.BinaryField(max_length=32, primary_key=True)  # SHA-256 of key id and nonce
    expires = models.BigIntegerField(db_index=True)  # POSIX seconds


class Side(models.Model):
    """One act of an exchange and the other node's act that it belongs to. Says nothing about whom it was."""

    KINDS: ClassVar = [("asked", "asked"), ("received", "received"), ("provided", "provided")]

    act = models.BinaryField(max_length=16, primary_key=True)
    kind = models.CharField(max_length=8, choices=KINDS)
    message = models.CharField(max_length=100)  # X-Road-Id
    client = models.CharField(max_length=400)
    service = models.CharField(max_length=500)
    permitted = models.BooleanField()
    at = models.DateTimeField(db_index=True)
    leaf = models.BinaryField(max_length=32)
    peer = models.CharField(max_length=200)  # the other node's log
    peer_leaf = models.BinaryField(max_length=32, null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["message"], name="side_message")]
