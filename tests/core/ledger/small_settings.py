"""Settings of the ledger alone, for the processes that tests and the benchmark start (and kill)."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

_parts = urlsplit(os.environ["LEDGER_DATABASE"])
INSTALLED_APPS = ["commonweal.core.ledger"]
USE_TZ = True
SECRET_KEY = "of no use here"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if _parts.scheme == "sqlite":
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": _parts.path,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
            },
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _parts.path.lstrip("/"),
            "USER": _parts.username or "",
            "HOST": _parts.hostname or "",
            "PORT": str(_parts.port or ""),
        }
    }
