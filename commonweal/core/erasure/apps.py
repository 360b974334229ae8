from __future__ import annotations

from django.apps import AppConfig


class ErasureConfig(AppConfig):
    name = "commonweal.core.erasure"
    label = "erasure"
