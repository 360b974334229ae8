"""Every address of the node: those of core's rooms, and each service's own."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"{room}.urls")) for room in settings.CORE_ROOMS if find_spec(f"{room}.urls")
]
for _name, _module in settings.SERVICES.items():
    for _part, _prefix in (("pages", f"{_name}/"), ("api", f"api/{_name}/")):
        if find_spec(f"{_module}.{_part}"):
            urlpatterns.append(
                path(_prefix, include((import_module(f"{_module}.{_part}").urlpatterns, f"{_name}-{_part}")))
            )

handler400 = "commonweal.core.portal.refusals.bad_request"
handler403 = "commonweal.core.portal.refusals.forbidden"
handler404 = "commonweal.core.portal.refusals.not_found"
handler500 = "commonweal.core.portal.refusals.server_error"
