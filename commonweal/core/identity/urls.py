"""The addresses that identity serves. Those of allauth that are not here (passwords, above all) do not exist.

The names are allauth's own where allauth looks them up.
"""
from __future__ import annotations

from allauth.account.views import account_inactive
from allauth.mfa.recovery_codes.views import download_recovery_codes
from django.urls import path

from commonweal.core.identity.pages import connection, recovery, security, sign_in, sign_up, staff
from commonweal.core.identity.pages.presence import ConfirmByMail, present
from commonweal.core.portal.guards import officers, open_to_all, signed_in

_sign_in = open_to_all(sign_in.SignIn.as_view())
_sign_up = open_to_all(sign_up.SignUp.as_view())
_confirm_with_passkey = signed_in(sign_in.ConfirmWithPasskey.as_view())
_new_recovery_codes = signed_in(present(security.NewRecoveryCodes.as_view()))
_email_verification_sent = open_to_all(present(sign_up.ConfirmAddress.as_view()))
_remove_webauthn = signed_in(present(security.RemovePasskey.as_view()))
_view_recovery_codes = signed_in(present(security.RecoveryCodes.as_view()))
_download_recovery_codes = signed_in(present(download_recovery_codes))

urlpatterns = [
    path("account/sign-in/", _sign_in, name="account_login"),
    path("account/sign-in/", _sign_in, name="account_request_login_code"),
    path("account/sign-in/code/", open_to_all(sign_in.SignInCode.as_view()), name="account_confirm_login_code"),
    path("account/sign-in/passkey/", open_to_all(sign_in.SignInByPasskey.as_view()), name="mfa_login_webauthn"),
    path("account/sign-in/second-step/", open_to_all(sign_in.SecondStep.as_view()), name="mfa_authenticate"),
    path("account/sign-in/recovery/", open_to_all(recovery.Recover.as_view()), name="identity_recover"),
    path("account/sign-out/", open_to_all(sign_in.SignOut.as_view()), name="account_logout"),
    path("account/inactive/", open_to_all(account_inactive), name="account_inactive"),
    path("account/sign-up/", _sign_up, name="account_signup"),
    path("account/sign-up/", _sign_up, name="account_signup_by_passkey"),
    path("account/sign-up/by-mail/", open_to_all(sign_up.SignUpByMail.as_view()), name="identity_sign_up_by_mail"),
    path("account/sign-up/passkey/", open_to_all(sign_up.SignUpPasskey.as_view()), name="mfa_signup_webauthn"),
    path("account/code/", _email_verification_sent, name="account_email_verification_sent"),
    path("account/recovery/", open_to_all(recovery.AskRecovery.as_view()), name="identity_recovery"),
    path("account/recovery/<str:token>/", open_to_all(recovery.cancel_recovery), name="identity_cancel_recovery"),
    path("account/confirm/mail/", signed_in(ConfirmByMail.as_view()), name="identity_confirm_by_mail"),
    path("account/confirm/code/", signed_in(sign_in.ConfirmWithCode.as_view()), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", _confirm_with_passkey, name="mfa_reauthenticate_webauthn"),
    path("account/", signed_in(security.Security.as_view()), name="mfa_index"),
    path("account/address/", signed_in(present(security.Address.as_view())), name="account_email"),
    path("account/passkeys/add/", signed_in(present(security.AddPasskey.as_view())), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/name/", signed_in(security.RenamePasskey.as_view()), name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove/", _remove_webauthn, name="mfa_remove_webauthn"),
    path("account/app/add/", signed_in(present(security.AddApp.as_view())), name="mfa_activate_totp"),
    path("account/app/remove/", signed_in(present(security.RemoveApp.as_view())), name="mfa_deactivate_totp"),
    path("account/recovery-codes/", _view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", _new_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/recovery-codes/download/", _download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/sessions/", signed_in(security.sessions), name="identity_sessions"),
    path("account/connect/", signed_in(connection.Connect.as_view()), name="identity_connect"),
    path("account/posts/", signed_in(connection.posts), name="identity_posts"),
    path("identity/codes/", officers("identity-officer")(connection.IssueCode.as_view()), name="identity_issue_code"),
    path("identity/staff/", officers("administrator")(present(staff.staff)), name="identity_staff"),
    path("identity/machines/", officers("administrator")(present(staff.machines)), name="identity_machines"),
    path("sign-in/demo/", open_to_all(sign_in.sign_in_for_demo), name="identity_demo"),
]
