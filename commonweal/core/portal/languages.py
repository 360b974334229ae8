"""The language of the page: `?lang=fr` chooses and is remembered in a cookie; else the browser's own wish."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

COOKIE = "__Host-language" if settings.SESSION_COOKIE_SECURE else "language"
A_YEAR = 31_536_000


class ChosenLanguage:
    """Activates the language for the request and says so in Content-Language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.known = dict(settings.LANGUAGES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.GET.get("lang", "")
        language = next(
            (code for code in (asked, request.COOKIES.get(COOKIE, "")) if code in self.known),
            translation.get_language_from_request(request),
        )
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        response.headers.setdefault("Content-Language", language)
        if asked in self.known:
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(COOKIE, asked, max_age=A_YEAR, samesite="Lax", secure=secure, httponly=True)
        return response
