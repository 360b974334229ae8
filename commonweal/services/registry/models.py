"""What the register keeps. Only records.py touches these tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from commonweal.core.identity.models import new_id


class Entry(models.Model):
    """One person's vital facts."""

    person_id = models.UUIDField(primary_key=True)
    born = models.DateField()
    birth_place = models.CharField(max_length=120)
    died = models.DateField(null=True)
    sex = models.CharField(max_length=10, blank=True)


class Dwelling(models.Model):
    street = models.CharField(max_length=120)
    number = models.CharField(max_length=12)
    postcode = models.CharField(max_length=12)
    town = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["postcode", "street", "number", "town"], name="dwelling_once")
        ]


class Name(models.Model):
    """`sought` is the folded form that search looks in."""

    person_id = models.UUIDField(db_index=True)
    given = models.CharField(max_length=120)
    family = models.CharField(max_length=120)
    sought = models.CharField(max_length=250, db_index=True)
    since = models.DateField()
    until = models.DateField(null=True)


class Residence(models.Model):
    """A person at a dwelling. People who live at one dwelling at the same time are a household."""

    person_id = models.UUIDField(db_index=True)
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT)
    since = models.DateField()
    until = models.DateField(null=True)


class Relation(models.Model):
    """`other` is the `kind` of `person`; both directions are kept."""

    person_id = models.UUIDField(db_index=True)
    other_id = models.UUIDField()
    kind = models.CharField(max_length=10)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person_id", "other_id", "kind"], name="relation_once")
        ]


class Correction(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id)
    person_id = models.UUIDField(db_index=True)
    field = models.CharField(max_length=20)
    current = models.CharField(max_length=300)
    proposed = models.CharField(max_length=300)
    explanation = models.TextField()
    asked = models.DateTimeField()
    status = models.CharField(max_length=10, default="open", db_index=True)
    reason = models.TextField(blank=True)
    decided = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)


class Change(models.Model):
    """The change feed."""

    person_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()


class ImportedRow(models.Model):
    """Which outside row became which person, and the hash of its content, so that a re-run changes nothing twice."""

    source = models.CharField(max_length=80)
    row_id = models.CharField(max_length=120)
    person_id = models.UUIDField()
    content = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "row_id"], name="imported_once")]
