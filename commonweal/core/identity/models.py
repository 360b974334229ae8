"""People, accounts, agencies, posts and service accounts."""
from __future__ import annotations

import hmac
import secrets
import uuid
from typing import ClassVar

import uuid_utils
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from commonweal.core import clock
from commonweal.core.identity import actors


def new_id() -> uuid.UUID:
    """A UUIDv7."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


def new_chain() -> bytes:
    return secrets.token_bytes(16)


def new_head_secret() -> bytes:
    return secrets.token_bytes(32)


def person_of(id_: uuid.UUID, chain: bytes | memoryview, head_secret: bytes | memoryview) -> actors.Person:
    """The frozen value of a row; the label of the chain's head is HMAC-SHA-256 under the head's secret."""
    return actors.Person(id_, bytes(chain), hmac.digest(bytes(head_secret), b"head", "sha256"))


class Person(models.Model):
    """An id and its secrets, for everyone, with or without an account. Deleting the row unlinks the chain for good."""

    id = models.UUIDField(primary_key=True, default=new_id)
    chain = models.BinaryField(max_length=16, unique=True, default=new_chain)
    head_secret = models.BinaryField(max_length=32, default=new_head_secret)

    def value(self) -> actors.Person:
        """The frozen value that rooms pass around."""
        return person_of(self.id, self.chain, self.head_secret)


class ExternalIdentifier(models.Model):
    """What a person is called elsewhere: a scheme, a keyed index to find it by, and the encrypted value."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=80)
    index = models.BinaryField(max_length=32)  # HMAC-SHA-256 of the value under a node secret
    value = models.BinaryField()  # AES-256-GCM: 12-byte nonce, ciphertext, tag

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["scheme", "index"], name="identifier_scheme_index")]


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str, **fields: object) -> Account:
        account = Account(email=self.normalize_email(email), **fields)
        account.set_unusable_password()
        account.save()
        return account


class Account(AbstractBaseUser):
    """A way to sign in. Linked to a person once that person's identity was established."""

    id = models.UUIDField(primary_key=True, default=new_id)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, blank=True)
    person = models.OneToOneField(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="account")
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    objects: ClassVar[AccountManager] = AccountManager()


class Agency(models.Model):
    """An agency (member) that the node hosts. `names` holds the name by language code.

    `roles` are those that may be held there, besides `administrator`: the operator says so, so that no agency can
    appoint itself into another's work.
    """

    code = models.SlugField(primary_key=True, max_length=40)
    names = models.JSONField()
    contact = models.JSONField(default=dict)
    roles = models.JSONField(default=list)


class Post(models.Model):
    """A role that somebody holds at an agency, from `since` until it ends."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="posts")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="posts")
    role = models.SlugField(max_length=40)
    since = models.DateTimeField(default=clock.now)
    ended = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "agency", "role"], condition=models.Q(ended=None), name="post_once"
            )
        ]


class ServiceAccount(models.Model):
    """A machine that acts for an agency. Its 256-bit token is kept as a SHA-256 only."""

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=100)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="service_accounts")
    roles = models.JSONField(default=list)
    token_hash = models.BinaryField(max_length=32, unique=True)
    created = models.DateTimeField(default=clock.now)
    revoked = models.DateTimeField(null=True)


class SignIn(models.Model):
    """A signed-in session, from sign-in until it ends. Evidence names its id; the session key is not here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # random, so that it tells nothing
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sign_ins")
    began = models.DateTimeField()
    seen = models.DateTimeField()
    device = models.CharField(max_length=80, blank=True)
    demo = models.BooleanField(default=False)


class ActivationCode(models.Model):
    """A code by letter or in person that connects an account to a person. One use; kept as a keyed hash only."""

    id = models.UUIDField(primary_key=True, default=new_id)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="activation_codes")
    code_hash = models.BinaryField(max_length=32, unique=True)
    in_person = models.BooleanField()  # issued after an in-person check, so it may replace a lost account
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    issued = models.DateTimeField()
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)


class RecoveryRequest(models.Model):
    """Somebody says that they lost every device. Opens after a delay unless the account's owner cancels it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recovery_requests")
    cancel_hash = models.BinaryField(max_length=32, unique=True)
    requested = models.DateTimeField()
    opens = models.DateTimeField()
    cancelled = models.DateTimeField(null=True)
    used = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(cancelled=None, used=None), name="recovery_one_open"
            )
        ]


class DemoSignIn(models.Model):
    """An account that the demo page offers. Worth nothing outside a demo node."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="demo_sign_in")
    label = models.CharField(max_length=200)
