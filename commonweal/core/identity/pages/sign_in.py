"""Signing in: a passkey; or a code by mail and, where the account has one, a second step."""
from __future__ import annotations

from typing import Any, cast

from allauth.account import views as account
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.base import views as mfa
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import flows as webauthn_flows
from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render

from commonweal.core.clock import NotADemo
from commonweal.core.identity import forms, service, throttles
from commonweal.core.identity.adapters import AccountAdapter
from commonweal.core.identity.flows import demo, recovery


class SignIn(account.RequestLoginCodeView):  # type: ignore[misc]
    """The sign-in page. It answers alike, and as fast, for known and for unknown addresses."""

    template_name = "identity/sign_in.html"

    def form_valid(self, form: Any) -> HttpResponse:
        with throttles.evenly():
            return cast(HttpResponse, super().form_valid(form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo_node": settings.COMMONWEAL.demo}


class SignInCode(account.ConfirmLoginCodeView):  # type: ignore[misc]
    """The code that came by mail."""

    template_name = "identity/enter_code.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        with throttles.evenly():
            return cast(HttpResponse, super().form_invalid(form))


class SignInByPasskey(webauthn.LoginWebAuthnView):  # type: ignore[misc]
    """The challenge for a passkey (GET, JSON), and its answer (POST)."""

    form_class = forms.SignInPasskey

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=get_next_redirect_url(self.request))
        return cast(HttpResponse, webauthn_flows.perform_passwordless_login(self.request, passkey, login))


class SecondStep(mfa.AuthenticateView):  # type: ignore[misc]
    """After the code by mail: a passkey, the authenticator app, or a recovery code."""

    template_name = "identity/second_step.html"
    webauthn_form_class = forms.SecondStepPasskey

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "waiting": recovery.waiting(self.stage.login.user)}


class ConfirmWithCode(mfa.ReauthenticateView):  # type: ignore[misc]
    """Presence, proved with the authenticator app or a recovery code."""


class ConfirmWithPasskey(webauthn.ReauthenticateWebAuthnView):  # type: ignore[misc]
    """Presence, proved with a passkey."""

    form_class = forms.ConfirmPasskey

    def form_invalid(self, form: Any) -> HttpResponse:
        return cast(HttpResponse, self.render_to_response(self.get_context_data(form=form)))


class SignOut(account.LogoutView):  # type: ignore[misc]
    """Signing out, by POST only; a GET asks. The browser forgets the pages that it kept."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().post(*args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response


def sign_in_for_demo(request: HttpRequest) -> HttpResponseBase:
    """The made-up people whom a demo lets anyone be. On any other node there is no such page."""
    try:
        offers = service.demo_offers()
    except NotADemo:
        raise Http404 from None
    onward = get_next_redirect_url(request) or settings.LOGIN_REDIRECT_URL
    if request.method == "POST":
        if not throttles.within_limit(request, "demo", key=""):
            return render(request, "429.html", status=429)
        chosen = demo.offered_account(request.POST.get("account", ""))
        if chosen is not None:
            logout(request)
            record_authentication(request, chosen, method=demo.METHOD)
            AccountAdapter(request).login(request, chosen)
            return HttpResponseRedirect(onward)
    return render(request, "identity/demo.html", {"offers": offers, "next": onward})
