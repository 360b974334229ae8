"""Change a key. `log` while the node runs, in two steps months apart; the others in one, with the node stopped."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from commonweal.commands import start_django
from commonweal.config import node as nodes
from commonweal.config.node import NEXT, PREVIOUS


def arguments(parser: argparse.ArgumentParser) -> None:
    says = {
        "log": "new keys sign beside the old ones, and a statement in the log names them",
        "retire": "the log's old keys are destroyed; wait until everybody has come by once, unless they are stolen",
        "django": "sessions stay valid by the old secret until the next rotation",
        "identifiers": "what people are called elsewhere is encrypted anew",
        "authenticators": "the secrets of authenticator apps are encrypted anew",
        "activation": "activation codes that were given out and not used become invalid",
    }
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(f"{name:<16}{text}" for name, text in says.items())
    parser.add_argument("key", choices=list(says))


def run(options: argparse.Namespace) -> int:
    node = nodes.load()
    start_django()
    from commonweal.core.ledger.rotation import CannotRotate

    try:
        if options.key in {"log", "retire"}:
            _rotate_log(node, options.key)
        else:
            with nodes.running_alone(node):
                _rotate_secret(node, options.key)
    except (CannotRotate, nodes.BadNode) as error:
        print(f"commonweal rotate: {error}", file=sys.stderr)
        return 1
    print("Done. Copy keys/ to its backup now: backups of the data from today on need it.")
    return 0


def _rotate_log(node: nodes.Node, step: str) -> None:
    from commonweal.core.ledger import rotation

    if step == "log":
        for key in rotation.rotate(node.keys, node.origin).vkeys:
            print(key)
    else:
        rotation.retire(node.keys)
    if running := nodes.supervisor(node):
        os.kill(running, signal.SIGHUP)


def _rotate_secret(node: nodes.Node, name: str) -> None:
    """A rotation that was cut off is finished by the next, with the secret that it had made."""
    path, fresh = node.keys / name, Path(f"{node.keys / name}{NEXT}")
    if not fresh.exists():
        nodes.write_new(fresh, secrets.token_bytes(32))
    if name in _rekeys():
        print(f"{_rekeyed(_rekeys()[name], path.read_bytes(), fresh.read_bytes()):,} encrypted anew")
    if name == "django":
        Path(f"{path}{PREVIOUS}").unlink(missing_ok=True)
        Path(f"{path}{PREVIOUS}").hardlink_to(path)
    fresh.replace(path)


def _rekeys() -> dict[str, Callable[[bytes, bytes], int]]:
    from commonweal.core.identity import rekeying

    return {"identifiers": rekeying.rekey_identifiers, "authenticators": rekeying.rekey_authenticators}


def _rekeyed(rekey: Callable[[bytes, bytes], int], present: bytes, fresh: bytes) -> int:
    from cryptography.exceptions import InvalidTag

    try:
        return rekey(present, fresh)
    except InvalidTag:  # an earlier run had committed, and was cut off before it changed the file
        return rekey(fresh, fresh)
