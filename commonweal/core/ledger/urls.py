from __future__ import annotations

from django.urls import path

from commonweal.core.ledger import pages

app_name = "ledger"
urlpatterns = [
    path("log/verify.py", pages.verifier, name="verifier"),
    path("log/<path:name>", pages.log_file, name="file"),
]
