"""The URLs of accounts, from the root; and `sign_in`, with which the set-up signs in the administrator it made."""

from django.urls import path, re_path

from vedette.accounts.permissions import open_to_all
from vedette.accounts.views import (
    account,
    audit_log,
    entrance,
    invitations,
    passkey_entrance,
    passkeys,
    sessions,
    single_sign_on,
    tokens,
    two_factor,
    users,
)
from vedette.accounts.views.entrance import sign_in

__all__ = ["sign_in", "urlpatterns"]

urlpatterns = [
    path("sign-in/", open_to_all(entrance.SignIn.as_view()), name="account_login"),
    path("sign-in/passkey/begin/", open_to_all(passkey_entrance.begin), name="sign-in-passkey-begin"),
    path("sign-in/passkey/", open_to_all(passkey_entrance.sign_in), name="mfa_login_webauthn"),
    path("sign-in/oidc/", open_to_all(single_sign_on.begin), name="sign-in-oidc"),
    path("sign-in/oidc/back/", open_to_all(single_sign_on.back), name="sign-in-oidc-back"),
    path("sign-in/code/", open_to_all(entrance.Code.as_view()), name="mfa_authenticate"),
    path("sign-in/inactive/", open_to_all(entrance.inactive), name="account_inactive"),
    path("sign-out/", open_to_all(entrance.sign_out), name="account_logout"),
    path("password/reset/", open_to_all(entrance.Reset.as_view()), name="account_reset_password"),
    path(
        "password/reset/sent/", open_to_all(entrance.ResetSent.as_view()), name="account_reset_password_done"
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[^/]{1,200})/$",
        open_to_all(entrance.ResetFromKey.as_view()),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/", open_to_all(entrance.reset_done), name="account_reset_password_from_key_done"
    ),
    path("invitation/<str:secret>/", open_to_all(invitations.join), name="invitation"),
    path("settings/account/", account.page, name="settings-account"),
    path("settings/account/name/", account.name, name="settings-account-name"),
    path("settings/account/email/", account.email, name="settings-account-email"),
    path("settings/account/password/", account.password, name="settings-account-password"),
    path("settings/two-factor/", two_factor.page, name="settings-two-factor"),
    path("settings/two-factor/begin/", two_factor.begin, name="settings-two-factor-begin"),
    path("settings/two-factor/confirm/", two_factor.confirm, name="settings-two-factor-confirm"),
    path("settings/two-factor/cancel/", two_factor.cancel, name="settings-two-factor-cancel"),
    path("settings/two-factor/codes/", two_factor.codes, name="settings-two-factor-codes"),
    path("settings/two-factor/remove/", two_factor.remove, name="settings-two-factor-remove"),
    path("settings/two-factor/passkeys/begin/", passkeys.begin, name="settings-passkeys-begin"),
    path("settings/two-factor/passkeys/new/", passkeys.new, name="settings-passkeys-new"),
    path("settings/two-factor/passkeys/<int:passkey_id>/", passkeys.page, name="settings-passkey"),
    path(
        "settings/two-factor/passkeys/<int:passkey_id>/rename/",
        passkeys.rename,
        name="settings-passkey-rename",
    ),
    path(
        "settings/two-factor/passkeys/<int:passkey_id>/remove/",
        passkeys.remove,
        name="settings-passkey-remove",
    ),
    path("settings/sessions/", sessions.page, name="settings-sessions"),
    path("settings/sessions/end/", sessions.end, name="settings-sessions-end"),
    path("settings/sessions/end-all/", sessions.end_all, name="settings-sessions-end-all"),
    path("settings/tokens/", tokens.page, name="settings-tokens"),
    path("settings/tokens/<int:token_id>/revoke/", tokens.revoke, name="settings-tokens-revoke"),
    path("settings/users/", users.page, name="settings-users"),
    path("settings/users/invite/", users.invite, name="settings-users-invite"),
    path(
        "settings/users/invitations/<int:invitation_id>/revoke/", users.revoke, name="settings-users-revoke"
    ),
    path("settings/users/<int:user_id>/role/", users.role, name="settings-users-role"),
    path("settings/users/<int:user_id>/active/", users.active, name="settings-users-active"),
    path("settings/users/<int:user_id>/two-factor/", users.reset_factor, name="settings-users-two-factor"),
    path("settings/users/<int:user_id>/sign-out/", users.sign_out, name="settings-users-sign-out"),
    path("settings/audit-log/", audit_log.page, name="settings-audit-log"),
]
