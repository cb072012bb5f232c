"""The form of a channel, made from the fields its kind names."""

from collections.abc import Mapping

from django import forms

from vedette.core.errors import Invalid
from vedette.notify.types import Channel, ChannelRef, Field


class ChannelForm(forms.Form):
    """Name, the kind's own fields, and whom it serves; a secret is never sent back to the browser."""

    def __init__(
        self, kind: Channel, before: ChannelRef | None = None, data: Mapping[str, object] | None = None
    ) -> None:
        initial = _initial(kind, before)
        super().__init__(data, initial=initial)
        self.kind = kind
        self.fields["name"] = forms.CharField(label="Name", max_length=80)
        for field in kind.fields:
            self.fields[field.name] = _field(field, kept=bool(before and before.config.get(field.name)))
        self.fields["default"] = forms.BooleanField(
            label="Told by every rule that names no channel", required=False
        )
        self.fields["enabled"] = forms.BooleanField(label="Switched on", required=False)

    def config(self) -> dict[str, str]:
        """Return what was filled in for the kind's own fields."""
        return {field.name: str(self.cleaned_data.get(field.name) or "") for field in self.kind.fields}

    def blame(self, error: Invalid) -> None:
        """Put what the service found wrong onto the fields it names, or above the form."""
        known = {name: text for name, text in error.fields.items() if name in self.fields}
        for name, text in known.items():
            self.add_error(name, text)
        if not known:
            self.add_error(None, str(error))


def _initial(kind: Channel, before: ChannelRef | None) -> dict[str, object]:
    if before is None:
        return {"name": kind.label, "enabled": True, "default": True}
    shown = {f.name: before.config.get(f.name, "") for f in kind.fields if not f.secret}
    return {**shown, "name": before.name, "enabled": before.enabled, "default": before.default}


def _field(field: Field, *, kept: bool) -> forms.Field:
    attributes = {"autocomplete": "off"}
    widgets: dict[str, forms.Widget] = {
        "textarea": forms.Textarea({**attributes, "rows": "2"}),
        "url": forms.TextInput({**attributes, "inputmode": "url", "placeholder": "https://"}),
        "text": forms.TextInput(attributes),
    }
    help_text = field.help
    if field.secret:
        dots = {"placeholder": "••••••••"} if kept else {}
        widgets["text"] = forms.PasswordInput({"autocomplete": "new-password", **dots})
        help_text = f"{help_text} Leave it blank to keep the one there is.".strip() if kept else help_text
    required = field.required and not (field.secret and kept)
    return forms.CharField(
        label=field.label, required=required, help_text=help_text, widget=widgets[field.kind]
    )
