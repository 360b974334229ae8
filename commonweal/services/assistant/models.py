"""Versions of guidance pages, conversations and what was said in them. Models never leave the room."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q


class Version(models.Model):
    """One version of a page in one language. It stays when it is replaced, so that an old answer shows what it cited.

    `hash` is the SHA-256 of the readable text, into which citations point; `number` counts publications.
    """

    number = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=120)
    language = models.CharField(max_length=5)
    hash = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)
    source = models.TextField()
    format = models.CharField(max_length=10)
    owner = models.CharField(max_length=40)
    topic = models.CharField(max_length=60)
    address = models.CharField(max_length=300, blank=True)
    flow = models.CharField(max_length=60, blank=True)
    review = models.DateField(null=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slug", "language"], condition=Q(until=None), name="assistant_current_once")
        ]
        indexes: ClassVar = [models.Index(fields=["slug", "language", "hash"], name="assistant_version_hash")]


class Withdrawal(models.Model):
    """A page that was taken away: the search index of each process follows by its number."""

    number = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=120)
    language = models.CharField(max_length=5)


class FlowVersion(models.Model):
    """One version of a decision flow in one language; `hash` is the SHA-256 of its file, `source`."""

    number = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=60)
    language = models.CharField(max_length=5)
    hash = models.CharField(max_length=64)
    source = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "language"], condition=Q(until=None), name="assistant_flow_once")
        ]
        indexes: ClassVar = [models.Index(fields=["hash"], name="assistant_flow_hash")]


class Conversation(models.Model):
    """A dialogue. Its id is its key: random, told only to whoever began it. `person_id` is for signed-in people.

    `state` says who speaks: `machine`, nobody while it is `waiting`, an officer when `talking`; it may have become a
    `case` that is answered by a message to the person, and it may be `ended`.
    `flow` names the version of the decision flow that is open in it, `answers` the options chosen so far, `known`
    what a register answered with the person's consent.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    person_id = models.UUIDField(null=True, db_index=True)
    language = models.CharField(max_length=5)
    channel = models.CharField(max_length=10)
    state = models.CharField(max_length=8, default="machine")
    office = models.CharField(max_length=40, blank=True)
    officer = models.CharField(max_length=80, blank=True)
    officer_name = models.CharField(max_length=200, blank=True)
    unanswered = models.IntegerField(default=0)
    offered = models.BooleanField(default=False)
    began = models.DateTimeField()
    last = models.DateTimeField(db_index=True)
    waiting_since = models.DateTimeField(null=True)
    flow = models.CharField(max_length=64, blank=True)
    answers = models.JSONField(default=dict)
    known = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["office", "waiting_since"], condition=Q(state="waiting"), name="assistant_queue"),
            models.Index(fields=["officer"], condition=Q(state="talking"), name="assistant_talking"),
        ]


class Message(models.Model):
    """What was said, in order. `key` is the form's, so that sending it twice says it once."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    n = models.IntegerField()
    role = models.CharField(max_length=7)
    by = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    outcome = models.CharField(max_length=30, blank=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField()
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["conversation", "n"], name="assistant_message_once")]


class Line(models.Model):
    """A telephone line that somebody writes from: a keyed hash of its number, never the number itself."""

    number = models.CharField(primary_key=True, max_length=64)
    language = models.CharField(max_length=5)
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.CASCADE, related_name="lines")
    told = models.IntegerField(default=0)  # how many messages of the conversation were sent to it


class Judgement(models.Model):
    """What an officer said of one answer of the machine. It outlives the conversation, and holds no word of it.

    `verdict`: the page `answers`, an `other` page does, or `none` of ours. `quoted`: whether anything was quoted.
    `mode`: with which models the chance was reckoned; those of different modes do not compare.
    """

    message = models.OneToOneField(Message, null=True, on_delete=models.SET_NULL, related_name="judgement")
    mode = models.CharField(max_length=10)
    chance = models.FloatField()
    quoted = models.BooleanField()
    verdict = models.CharField(max_length=7)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()


class TestQuestion(models.Model):
    """A question in an officer's own words, and the page that answers it, or "" where none of ours does.

    `anchor` names the section of it, where that matters.
    """

    language = models.CharField(max_length=5)
    text = models.CharField(max_length=500)
    slug = models.CharField(max_length=120, blank=True)
    anchor = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["language", "text"], name="assistant_test_question_once")
        ]


class Tuning(models.Model):
    """From which chances the operator lets the machine answer. The newest row holds."""

    answered = models.FloatField()
    partly = models.FloatField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
