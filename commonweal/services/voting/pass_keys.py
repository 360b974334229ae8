"""The identity role's keys: one file for each election among the node's keys, never in its database."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from commonweal.config import node as nodes
from commonweal.services.voting.engine import passes

PREFIX = "voting-passes-"


def make(node: nodes.Node, uuid: str) -> rsa.RSAPrivateKey:
    """The election's key, made now unless it is there."""
    path = node.keys / f"{PREFIX}{uuid}"
    if not path.exists():
        pem = passes.new_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        nodes.write_new(path, pem)
    return load(node, uuid)


@cache
def load(node: nodes.Node, uuid: str) -> rsa.RSAPrivateKey:
    """The election's key. Raises FileNotFoundError; BadNode when others can read it."""
    path = node.keys / f"{PREFIX}{uuid}"
    if path.stat().st_mode & 0o077:
        raise nodes.BadNode(f"keys/{path.name} can be read by others; run: chmod 600 {path}")
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - `make` wrote it
    return key
