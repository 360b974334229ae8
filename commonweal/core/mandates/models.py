"""Who may act for whom. A mandate stands from `starts` until `ends` or `ended`, once it was accepted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from commonweal.core.identity.models import new_id


class Mandate(models.Model):
    """`person_id` is represented by `agent_id`, a person, or (assisted) by the officer's account `agent` in `session`.

    `code_hash` is that of the code that a power of attorney is taken up with; empty once it was.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=10)
    person_id = models.UUIDField(db_index=True)
    person_name = models.CharField(max_length=200)
    agent_id = models.UUIDField(null=True, db_index=True)
    agent = models.CharField(max_length=80, blank=True)
    agent_name = models.CharField(max_length=200, blank=True)
    session = models.CharField(max_length=40, blank=True)
    scope = models.JSONField(default=list)
    given = models.DateTimeField()
    given_by = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True)
    starts = models.DateTimeField()
    ends = models.DateTimeField(null=True)
    accepted = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    code_hash = models.BinaryField(max_length=32, null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person_id", "agent_id"],
                condition=models.Q(kind="child", ended=None),
                name="mandate_child_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["code_hash"], condition=~models.Q(code_hash=None), name="mandate_code")
        ]
