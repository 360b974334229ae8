"""Put a backup back. Erases again what was erased since it was made, and never lets a log forget under its old name."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from commonweal.commands import init
from commonweal.config import copies
from commonweal.config import node as nodes


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="what `commonweal backup` wrote")
    parser.add_argument("--new-origin", help="begin a new log under this name, because the old one knows more")


def run(options: argparse.Namespace) -> int:
    try:
        node = nodes.load()
        with nodes.running_alone(node):
            about = _restore(node, options.file, options.new_origin)
    except (copies.BadBackup, nodes.BadNode, OSError) as error:
        print(f"commonweal restore: {error}", file=sys.stderr)
        return 1
    print(f"Restored the backup of {about.made}. Next: commonweal check --evidence, then commonweal up")
    return 0


def _restore(node: nodes.Node, file: Path, new_origin: str | None) -> copies.About:
    about, published = copies.read_about(file), _published(node)
    if published > about.size and not new_origin:
        raise copies.BadBackup(
            f"{node.origin} has published {published} entries, the backup knows {about.size}. Under that name nothing "
            "can be signed any more. Use a newer backup, or begin a new log with --new-origin; the old log stays as it "
            "is, and receipts of it stay valid."
        )
    copies.put_back(node, file)
    if new_origin:
        _begin_new_log(node, new_origin)
    init.prepare(nodes.load())
    return about


def _published(node: nodes.Node) -> int:
    path = node.log / "checkpoint"
    return int(path.read_text("utf-8").split("\n")[1]) if path.exists() else 0


def _begin_new_log(node: nodes.Node, origin: str) -> None:
    """The old log moves aside; the new one starts with every entry that the backup holds."""
    kept = node.home / f"log-{re.sub(r'[^a-z0-9.-]', '-', node.origin)}"
    if (node.log / "checkpoint").exists():
        node.log.rename(kept)
        node.log.mkdir(mode=0o700)
        print(f"The old log stays in {kept}.")
    path = node.home / "node.toml"
    path.write_text(path.read_text("utf-8").replace(f'origin = "{node.origin}"', f'origin = "{origin}"'), "utf-8")
    for name in ("log.ed25519", "log.mldsa44"):
        key = node.keys / name
        if key.exists():
            key.rename(node.keys / f"{name}.{kept.name}")
