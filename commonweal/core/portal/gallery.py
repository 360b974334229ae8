from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def gallery(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/gallery.html", {})
