"""The tables of the evidence. Insert only, unless a line says who else may change what.

The door (`commonweal.core.act`) and the sequencer speak SQL to these tables; the models give them their
migrations, their names and a way to read them in tests.
"""
from __future__ import annotations

from typing import ClassVar

from django.db import models


class Record(models.Model):
    """The private evidence of one act for one subject. Deleted by the erasure role only."""

    id = models.BigAutoField(primary_key=True)
    act = models.BinaryField(max_length=16)  # UUIDv7, shared by all subjects of one act
    chain = models.BinaryField(max_length=16)
    n = models.BigIntegerField()
    body = models.BinaryField()  # canonical JSON, UTF-8; the bytes that the commitment covers
    key = models.BinaryField(max_length=32)  # random; its deletion makes the commitment meaningless

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["chain", "n"], name="record_chain_n")]
        indexes: ClassVar = [models.Index(fields=["act"], name="record_act")]


class Chain(models.Model):
    """One subject's n-th commitment, and where in which leaf it stands."""

    id = models.BigAutoField(primary_key=True)
    chain = models.BinaryField(max_length=16)
    n = models.BigIntegerField()  # dense from 1
    commitment = models.BinaryField(max_length=32)  # HMAC-SHA-256(record key, record body)
    leaf_id = models.BigIntegerField()
    position = models.IntegerField()  # index of the commitment in the leaf's small tree, from 0

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["chain", "n"], name="chain_chain_n")]
        indexes: ClassVar = [models.Index(fields=["leaf_id"], name="chain_leaf")]


class Leaf(models.Model):
    """The public bytes of one leaf (version, kind, 32-byte commitment) and their RFC 6962 leaf hash."""

    id = models.BigAutoField(primary_key=True)
    data = models.BinaryField(max_length=34)
    hash = models.BinaryField(max_length=32)


class Pending(models.Model):
    """A leaf that has no log position yet. Inserted with the leaf, deleted by the sequencer when it places it."""

    leaf_id = models.BigIntegerField(primary_key=True)


class Log(models.Model):
    """Dense log position -> leaf. Written by the sequencer alone."""

    idx = models.BigIntegerField(primary_key=True)
    leaf_id = models.BigIntegerField(unique=True)


class Head(models.Model):
    """The newest entry of each chain; updated by the door in the act's own transaction."""

    chain = models.BinaryField(max_length=16, primary_key=True)
    label = models.BinaryField(max_length=32, unique=True)  # HMAC(random secret of the person, "head")
    n = models.BigIntegerField()
    commitment = models.BinaryField(max_length=32)


class EpochHead(models.Model):
    """The heads as the newest closed epoch published them. Replaced by the sequencer when an epoch closes."""

    label = models.BinaryField(max_length=32, primary_key=True)
    n = models.BigIntegerField()
    commitment = models.BinaryField(max_length=32)


class Document(models.Model):
    """A public document that a leaf commits to by its plain SHA-256: policies, epochs, key statements."""

    hash = models.BinaryField(max_length=32, primary_key=True)
    kind = models.SmallIntegerField()
    body = models.BinaryField()
    leaf_id = models.BigIntegerField(unique=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "leaf_id"], name="document_kind_leaf")]


class Checkpoint(models.Model):
    """The tree head the sequencer means to sign, stored before it signs: one root for a size, ever."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    created = models.DateTimeField()


class SecuritySeal(models.Model):
    """Which bytes of a security log file one leaf of kind SECURITY commits to, and its key."""

    file = models.CharField(max_length=60)
    start = models.BigIntegerField()
    stop = models.BigIntegerField()
    key = models.BinaryField(max_length=32)
    commitment = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["file", "start"], name="seal_file_start")]


class Sealed(models.Model):
    """Whom entry `n` of the sealed chain is about and when it opens. `joined` is its number in the person's own chain.

    Inserted with the entry; `until` changes when a second officer prolongs the seal, the rest when it opens.
    """

    n = models.BigIntegerField(primary_key=True)
    chain = models.BinaryField(max_length=16)
    until = models.DateField()
    agency = models.CharField(max_length=40)
    actor = models.CharField(max_length=80)
    case_number = models.CharField(max_length=80)
    opened = models.DateTimeField(null=True)
    joined = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["chain", "joined"], name="sealed_joined"),
            models.Index(fields=["until"], condition=models.Q(opened=None), name="sealed_waiting"),
        ]


class Once(models.Model):
    """The idempotency key of a finished act and what it answered; old rows are deleted by the worker."""

    key = models.BinaryField(max_length=32, primary_key=True)  # SHA-256 of actor and key
    act = models.BinaryField(max_length=16)
    answer = models.TextField()
    created = models.DateTimeField()
