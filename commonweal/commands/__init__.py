"""One file for each subcommand: `arguments(parser)` and `run(options) -> exit code`."""

from __future__ import annotations

import os


def start_django() -> None:
    """Load settings and rooms. Only commands that need the database call this."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.config.settings")
    django.setup()
