from __future__ import annotations

from django.urls import path

from commonweal.core.erasure import pages

app_name = "erasure"
urlpatterns = [
    path("your-data/everything/", pages.everything, name="everything"),
    path("your-data/everything.json", pages.everything_file, name="everything_file"),
    path("erasure/", pages.find, name="find"),
    path("erasure/<uuid:person_id>/", pages.propose, name="propose"),
]
