"""What the set-up asks for."""

from collections.abc import Mapping

from django import forms

from vedette.notify.types import Channel, Field
from vedette.web import snippets


class AdministratorForm(forms.Form):
    """The first person of an installation."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput({"autocomplete": "username"})
    )
    password = forms.CharField(
        label="Password",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password", "minlength": "12"}),
        help_text="12 characters at least, and hard to guess. Four unrelated words are good.",
    )


class CodeForm(forms.Form):
    """The six digits an authenticator shows."""

    code = forms.CharField(
        label="Code of your authenticator",
        max_length=12,
        widget=forms.TextInput(
            {
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "placeholder": "123456",
            }
        ),
    )

    def clean_code(self) -> str:
        """Return the digits without the spaces people put between them."""
        return "".join(str(self.cleaned_data["code"]).split())


class ProjectForm(forms.Form):
    """A new project: what it is called and what it runs on."""

    name = forms.CharField(
        label="Name", max_length=120, widget=forms.TextInput({"placeholder": "shop", "autocomplete": "off"})
    )
    platform = forms.ChoiceField(
        label="What does it run on?", choices=[(p.key, p.label) for p in snippets.PLATFORMS]
    )


class ChannelForm(forms.Form):
    """A channel of one kind, made from the fields the kind names."""

    def __init__(self, kind: Channel, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data, prefix=kind.kind)
        self.kind = kind
        self.fields["name"] = forms.CharField(label="Name", max_length=80, initial=f"{kind.label}")
        for field in kind.fields:
            self.fields[field.name] = _form_field(field)

    def config(self) -> dict[str, str]:
        """Return what was filled in, without the channel's name."""
        return {field.name: str(self.cleaned_data.get(field.name) or "") for field in self.kind.fields}


def _form_field(field: Field) -> forms.Field:
    attributes = {"autocomplete": "off"}
    widgets: dict[str, forms.Widget] = {
        "textarea": forms.Textarea({**attributes, "rows": "2"}),
        "url": forms.URLInput({**attributes, "placeholder": "https://"}),
        "email": forms.EmailInput(attributes),
    }
    widget = (
        forms.PasswordInput(attributes)
        if field.secret
        else widgets.get(field.kind, forms.TextInput(attributes))
    )
    return forms.CharField(label=field.label, required=field.required, help_text=field.help, widget=widget)


def blame(form: forms.Form, fields: Mapping[str, str], message: str) -> None:
    """Put what a service found wrong onto the fields it names, or above the form."""
    known = {name: text for name, text in fields.items() if name in form.fields}
    for name, text in known.items():
        form.add_error(name, text)
    if not known:
        form.add_error(None, message)
