from __future__ import annotations

from django.urls import path

from commonweal.core.cases import inbox_pages, pages

app_name = "cases"
urlpatterns = [
    path("cases/", pages.listed, name="list"),
    path("cases/<uuid:case_id>/", pages.case, name="case"),
    path("cases/<uuid:case_id>/ask/", pages.ask, name="ask"),
    path("cases/<uuid:case_id>/hand-over/", pages.hand_over, name="hand_over"),
    path("inbox/", inbox_pages.inbox, name="inbox"),
    path("inbox/channel/", inbox_pages.channel, name="channel"),
    path("inbox/<uuid:notice_id>/", inbox_pages.notice, name="notice"),
    path("inbox/cases/<uuid:case_id>/", inbox_pages.my_case, name="my_case"),
    path("inbox/cases/<uuid:case_id>/appeal/", inbox_pages.appeal, name="appeal"),
]
