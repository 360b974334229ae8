from __future__ import annotations

from django.urls import path

from commonweal.core.algorithms import pages

app_name = "algorithms"
urlpatterns = [
    path("algorithms/", pages.listed, name="list"),
    path("algorithms.json", pages.as_json, name="json"),
    path("algorithms/<str:name>/", pages.record, name="record"),
]
