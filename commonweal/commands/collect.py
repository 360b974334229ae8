"""Copy static files to build/static, compressed and with their hash in the name."""

from __future__ import annotations

import argparse

from commonweal.commands import start_django


def arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(options: argparse.Namespace) -> int:
    del options
    start_django()
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)
    return 0
