from __future__ import annotations

from django.urls import include, path

from commonweal.core.exchange import pages
from commonweal.core.exchange.administration import api

app_name = "exchange"
urlpatterns = [
    path("api/exchange/", include((api.urlpatterns, "exchange-api"))),
    path("exchanges/", pages.exchanges, name="exchanges"),
    path("your-data/elsewhere/", pages.elsewhere, name="elsewhere"),
]
