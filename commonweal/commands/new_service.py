"""Make the room of a new service: the plan that every room follows, with one action that already works."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from string import Template

import commonweal
from commonweal.config import node as nodes

_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")
PATTERN = Path(__file__).parent / "new_service"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="one lower-case word, the name of the room: libraries")
    parser.add_argument("--into", type=Path, help="the folder to make it in (default: commonweal/services)")


def run(options: argparse.Namespace) -> int:
    if not _NAME.fullmatch(options.name):
        print(f"commonweal new-service: {options.name!r} is not a name; use one lower-case word, such as libraries")
        return 2
    inside = Path(commonweal.__file__).parent / "services"
    parent = options.into or inside
    room = parent / options.name
    if room.exists():
        print(f"commonweal new-service: {room} exists already; choose another name")
        return 2
    module = f"commonweal.services.{options.name}" if parent == inside else options.name
    words = {"name": options.name, "Name": options.name.title().replace("_", ""), "module": module}
    for source in sorted(PATTERN.rglob("*.txt")):
        target = room / Template(str(source.relative_to(PATTERN).with_suffix(""))).substitute(words)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(source.read_text("utf-8")).substitute(words), "utf-8")
    print(f"Made {room}.")
    print(f'1. Add it to the node: services = [..., "{options.name}"] in {nodes.home() / "node.toml"}')
    if module == options.name:
        print(f'2. Name it in your package: [project.entry-points."commonweal.services"] {options.name} = "{module}"')
    print(f"3. Tables: python -m django makemigrations {options.name} --settings commonweal.config.settings")
    print("4. commonweal init && commonweal up, then docs/services.md")
    return 0
