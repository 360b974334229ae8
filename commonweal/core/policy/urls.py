from __future__ import annotations

from django.urls import include, path

from commonweal.core.policy import api, pages

app_name = "policy"
urlpatterns = [
    path("api/consent/", include((api.urlpatterns, "consent-api"))),
    path("processing/", pages.processing, name="processing"),
    path("your-data/consents/", pages.consents, name="consents"),
    path("your-data/limits/", pages.limits, name="limits"),
    path("your-data/consents.jsonld", pages.consents_file, name="consents_file"),
]
