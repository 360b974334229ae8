"""How an account is signed in to: its passkeys, app, recovery codes, address and sessions."""
from __future__ import annotations

from typing import Any, cast

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.base.internal.flows import delete_and_cleanup
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.recovery_codes.internal import flows as recovery_codes_flows
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal import flows as totp_flows
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth as webauthn_auth
from allauth.mfa.webauthn.internal import flows as webauthn_flows
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from commonweal.core.identity import authentication, forms, models, notices, service
from commonweal.core.identity.flows import passkeys, recovery


class Security(mfa.IndexView):  # type: ignore[misc]
    """Everything that opens this account, on one page."""

    template_name = "identity/security.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account_ = cast(models.Account, self.request.user)
        context = {"passkeys": passkeys.passkeys_of(account_), "waiting": recovery.waiting(account_)}
        return {**super().get_context_data(**kwargs), **context, "actor": authentication.actor_of(self.request)}


class AddPasskey(webauthn.AddWebAuthnView):  # type: ignore[misc]
    """One more passkey."""

    template_name = "identity/add_passkey.html"
    form_class = forms.AddPasskey

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super(webauthn.AddWebAuthnView, self).get_context_data(**kwargs)
        return {**context, "js_data": {"creation_options": webauthn_auth.begin_registration(self.request.user, True)}}

    def form_valid(self, form: Any) -> HttpResponse:
        name, credential = form.cleaned_data["name"], form.cleaned_data["credential"]
        _, codes = _changed(
            self.request,
            service.ADD_METHOD,
            lambda: webauthn_flows.add_authenticator(self.request, name=name, credential=credential),
            what="passkey",
        )
        notices.method_added(cast(models.Account, self.request.user))
        return redirect("mfa_view_recovery_codes" if codes else "mfa_index")


class RenamePasskey(webauthn.EditWebAuthnView):  # type: ignore[misc]
    """Another name for a passkey."""

    def get_success_url(self) -> str:
        return reverse("mfa_index")


class RemovePasskey(webauthn.RemoveWebAuthnView):  # type: ignore[misc]
    """One passkey less."""

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = self.get_object()
        _changed(
            self.request, service.REMOVE_METHOD, lambda: delete_and_cleanup(self.request, passkey), what="passkey"
        )
        notices.method_removed(cast(models.Account, self.request.user))
        return redirect("mfa_index")


class AddApp(totp.ActivateTOTPView):  # type: ignore[misc]
    """An authenticator app (RFC 6238)."""

    def form_valid(self, form: Any) -> HttpResponse:
        _, codes = _changed(
            self.request, service.ADD_METHOD, lambda: totp_flows.activate_totp(self.request, form), what="totp"
        )
        notices.method_added(cast(models.Account, self.request.user))
        return redirect("mfa_view_recovery_codes" if codes else "mfa_index")


class RemoveApp(totp.DeactivateTOTPView):  # type: ignore[misc]
    """No authenticator app any more."""

    def form_valid(self, form: Any) -> HttpResponse:
        app: Authenticator = self.authenticator
        _changed(self.request, service.REMOVE_METHOD, lambda: delete_and_cleanup(self.request, app), what="totp")
        notices.method_removed(cast(models.Account, self.request.user))
        return redirect("mfa_index")


class RecoveryCodes(recovery_codes.ViewRecoveryCodesView):  # type: ignore[misc]
    """The recovery codes that are left."""


class NewRecoveryCodes(recovery_codes.GenerateRecoveryCodesView):  # type: ignore[misc]
    """New recovery codes in place of the old ones."""

    def form_valid(self, form: Any) -> HttpResponse:
        _changed(
            self.request,
            service.ADD_METHOD,
            lambda: recovery_codes_flows.generate_recovery_codes(self.request),
            what="recovery-codes",
        )
        return redirect("mfa_view_recovery_codes")


class Address(account.EmailView):  # type: ignore[misc]
    """The account's e-mail addresses. A new one counts once its code was entered (sign_up.ConfirmAddress)."""

    def _action_remove(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        done = self._changed(super()._action_remove)
        notices.address_changed(cast(models.Account, request.user), also=[request.POST["email"]])
        return done

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._changed(super()._action_primary)

    def _changed(self, change: Any) -> Any:
        return _changed(self.request, service.CHANGE_EMAIL, lambda: change(self.request), what="address")


def sessions(request: HttpRequest) -> HttpResponseBase:
    """Where this account is signed in; each other session can be ended."""
    actor, account_ = authentication.actor_of(request), cast(models.Account, request.user)
    if request.method == "POST":
        service.end_session(actor, account_, request.POST.get("session", ""))
        return HttpResponseRedirect(reverse("identity_sessions"))
    listed = service.sessions_of(account_)
    return render(request, "identity/sessions.html", {"sessions": listed, "this": actor.session})


def _changed(request: HttpRequest, action: str, change: Any, *, what: str) -> Any:
    return service.change_sign_in(authentication.actor_of(request), action, change, what=what)
