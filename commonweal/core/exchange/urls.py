from __future__ import annotations

from django.urls import path

from commonweal.core.exchange import pages

app_name = "exchange"
urlpatterns = [
    path("exchanges/", pages.exchanges, name="exchanges"),
    path("your-data/elsewhere/", pages.elsewhere, name="elsewhere"),
]
