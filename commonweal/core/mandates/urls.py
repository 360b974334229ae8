from __future__ import annotations

from django.urls import path

from commonweal.core.mandates import pages

app_name = "mandates"
urlpatterns = [
    path("your-data/acting/", pages.mandates, name="mandates"),
    path("your-data/acting/give/", pages.give, name="give"),
    path("acting/stop/", pages.stop, name="stop"),
    path("counter/", pages.counter, name="counter"),
    path("counter/guardians/", pages.guardian, name="guardian"),
]
