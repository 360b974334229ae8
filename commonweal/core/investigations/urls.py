from __future__ import annotations

from django.urls import path

from commonweal.core.investigations import pages

app_name = "investigations"
urlpatterns = [
    path("investigations/", pages.read, name="read"),
    path("investigations/orders/", pages.order, name="order"),
    path("investigations/sealed/<int:n>/", pages.prolong, name="prolong"),
]
