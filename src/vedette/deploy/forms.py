"""The forms of infrastructure: a project with its token, and another token."""

from django import forms

_LONGEST = 200


def _secret() -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"})


class TokenForm(forms.Form):
    """A token of Hetzner's API."""

    token = forms.CharField(
        label="API token", max_length=_LONGEST, widget=_secret(), help_text="64 letters and digits, as Hetzner showed it once."
    )  # fmt: skip


class ConnectForm(TokenForm):
    """A project that is to be watched: what it is called here and in its files, its token, and where the API is, if elsewhere."""

    name = forms.SlugField(
        label="What it is called",
        max_length=63,
        help_text="Letters a to z, digits and '-', as in project = \"shop\".",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )
    endpoint = forms.CharField(
        label="Address of the API",
        required=False,
        max_length=_LONGEST,
        help_text="Such as the fake's, to try things without harm; empty for Hetzner's own.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    field_order = ("name", "token", "endpoint")
