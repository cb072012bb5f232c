"""What people fill in."""

from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from django import forms

from vedette.accounts import credentials, passkeys
from vedette.accounts.adapter import PasswordPolicy, address_of
from vedette.accounts.entering import begin_try, succeed_try
from vedette.accounts.models import User
from vedette.accounts.permissions import Role, Scope
from vedette.accounts.second_factor import clean_code, use_code
from vedette.accounts.store import passkeys as passkey_rows
from vedette.accounts.store import users
from vedette.core.errors import Invalid
from vedette.plumbing.ports import ports

_POLICY = PasswordPolicy().get_help_text()
EXPIRIES = ((30, "in 30 days"), (90, "in 90 days"), (365, "in a year"), (0, "never"))
_SCOPE_WORDS = {
    Scope.READ: "Read everything your role sees",
    Scope.WRITE: "Read and change issues, projects, rules; send events",
    Scope.ADMIN: "Also users and tokens (administrators)",
}


def _password(label: str, *, new: bool = False) -> forms.CharField:
    kind = "new-password" if new else "current-password"
    widget = forms.PasswordInput(attrs={"autocomplete": kind, "maxlength": 256})
    return forms.CharField(label=label, widget=widget, strip=False, help_text=_POLICY if new else "")


def _code(label: str = "Code") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=24,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail and password; one message for whatever does not fit."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail"
        self.fields["login"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
        self.fields["password"] = _password("Password")


class ResetForm(ResetPasswordForm):  # type: ignore[misc]
    """The e-mail of whoever forgot the password."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail"
        self.fields["email"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})


class NewPasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password after a reset by mail, asked for once: one can be shown while typing."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.fields["password1"].label = "New password"
        self.fields["password1"].widget = forms.PasswordInput(
            attrs={"autocomplete": "new-password", "autofocus": True, "maxlength": 256}
        )
        self.fields["password1"].help_text = _POLICY


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """A code of the authenticator, or a recovery code; tries are throttled, a code counts once."""

    code = _code()

    def clean_code(self) -> str:
        """Return the code when it is right and was not used before; raises `Throttled` beyond the tries."""
        from allauth.core import context

        now, address = ports().clock.now(), address_of(context.request)
        account = f"two-factor {self.user.pk}"
        begin_try(account, address, now)
        self.cleaned_data["code"] = clean_code(self.cleaned_data["code"])
        code = str(super().clean_code())
        if not use_code(self.user.pk, code, now):
            raise forms.ValidationError("This code was used already; wait for the next one.")
        succeed_try(account, address, now)
        return code


def _answer() -> forms.CharField:
    """Return the hidden field into which the page's script puts what the browser answered (JSON)."""
    return forms.CharField(widget=forms.HiddenInput, max_length=credentials.LONGEST)


class PasskeyCodeForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as the second factor; tries are throttled together with codes."""

    credential = _answer()

    def clean_credential(self) -> object:
        """Return allauth's row of the passkey that was used; raises `Throttled` beyond the tries."""
        from allauth.core import context

        now, address = ports().clock.now(), address_of(context.request)
        account = f"two-factor {self.user.pk}"
        begin_try(account, address, now)
        try:
            used = passkey_rows.used(credentials.parse(self.cleaned_data["credential"]), self.user)
        except Invalid as error:
            raise forms.ValidationError(str(error)) from error
        succeed_try(account, address, now)
        return used


class PasskeySignInForm(forms.Form):
    """A passkey that signs in alone; `used` is allauth's row of it after a check that went well."""

    credential = _answer()
    used: object = None

    def clean_credential(self) -> str:
        """Verify what the browser answered."""
        given = str(self.cleaned_data["credential"])
        try:
            self.used = passkey_rows.used(credentials.parse(given))
        except Invalid as error:
            raise forms.ValidationError(str(error)) from error
        return given


class PasskeyNameForm(forms.Form):
    """The name of a passkey."""

    name = forms.CharField(
        label="Name",
        max_length=passkeys.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Where it lives, like “phone” or “blue security key”.",
    )


class PasskeyForm(PasskeyNameForm):
    """A new passkey: its name, and what the browser made."""

    credential = _answer()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields[
            "name"
        ].required = False  # the browser keeps the key already; a missing name must not lose it


class PersonForm(forms.Form):
    """One's own name."""

    name = forms.CharField(
        label="Name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )


class CheckedForm(forms.Form):
    """A form that asks for the present password, throttled like a sign-in."""

    current = _password("Current password")

    def __init__(self, *args: object, user: User, address: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.user, self.address = user, address

    def clean_current(self) -> str:
        """Return the password when it is right; raises `Throttled` beyond the tries."""
        now, given = ports().clock.now(), str(self.cleaned_data["current"])
        if not users.has_password(self.user.pk):
            raise forms.ValidationError(
                "You have no password here yet: sign out and set one by “Forgot the password?”."
            )
        begin_try(self.user.email, self.address, now)
        if not users.password_fits(self.user.pk, given):
            raise forms.ValidationError("This is not your current password.")
        succeed_try(self.user.email, self.address, now)
        return given


class EmailForm(CheckedForm):
    """Another e-mail for oneself."""

    email = forms.EmailField(label="New e-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    field_order = ["email", "current"]


class PasswordForm(CheckedForm):
    """Another password for oneself."""

    new = _password("New password", new=True)


class InviteForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label="Role", initial=Role.MEMBER.value)

    def __init__(self, *args: object, roles: tuple[Role, ...], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["role"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(role.value, role.value.capitalize()) for role in roles]


class JoinForm(forms.Form):
    """What an invited person tells: name and password."""

    name = forms.CharField(
        label="Your name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    password = _password("Password", new=True)


class TotpForm(forms.Form):
    """The first code of a new authenticator."""

    code = _code("Code of the app")


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(label="Name", max_length=80, help_text="Where it will be used, like “ci”.")
    scope = forms.ChoiceField(
        label="May",
        choices=[(scope.value, words) for scope, words in _SCOPE_WORDS.items()],
        initial=Scope.READ.value,
    )
    days = forms.TypedChoiceField(label="Ends", choices=EXPIRIES, coerce=int, initial=90)


class AuditFilter(forms.Form):
    """What to show of the audit log."""

    action = forms.CharField(required=False, max_length=64)
    actor = forms.CharField(required=False, max_length=120)
    subject = forms.CharField(required=False, max_length=255)
    days = forms.TypedChoiceField(
        required=False,
        choices=[(0, "all time"), (1, "24 h"), (7, "7 days"), (30, "30 days")],
        coerce=int,
        empty_value="0",
    )
