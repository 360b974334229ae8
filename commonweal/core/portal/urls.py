from __future__ import annotations

from django.urls import path

from commonweal.core.portal import health, overseers, pages, questions

app_name = "portal"
urlpatterns = [
    path("", pages.start, name="start"),
    path("begin/", pages.begin, name="begin"),
    path("your-data/", pages.your_data, name="your_data"),
    path("your-data/uses/<int:n>/", pages.use, name="use"),
    path("your-data/uses/<int:n>/receipt.json", pages.receipt, name="receipt"),
    path("your-data/uses/<int:n>/ask/", pages.ask, name="ask"),
    path("your-data/check/", pages.check, name="check"),
    path("your-data/history.json", pages.history, name="history"),
    path("your-data/download.json", pages.download, name="download"),
    path("public-log/", pages.log, name="log"),
    path("questions/", questions.waiting, name="questions"),
    path("questions/<uuid:question_id>/", questions.question, name="question"),
    path("audit/", overseers.audit, name="audit"),
    path("audit/tables/", overseers.tables, name="audit_tables"),
    path("status/", overseers.status, name="status"),
    path("status/measurements/", overseers.measured, name="measurements"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
