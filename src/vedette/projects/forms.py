"""What the project pages ask for."""

from collections.abc import Mapping

from django import forms

from vedette.projects.naming import keys_of
from vedette.projects.types import LABELS, DsnKey, ScrubRules

_PLATFORMS = [(platform.value, label) for platform, label in LABELS.items()]


class NewProjectForm(forms.Form):
    """A new project."""

    name = forms.CharField(
        label="Name", max_length=120, widget=forms.TextInput({"placeholder": "Shop", "autocomplete": "off"})
    )
    slug = forms.CharField(
        label="Slug",
        max_length=50,
        required=False,
        help_text="The name in links and issue keys; made from the name when empty. It stays.",
        widget=forms.TextInput({"placeholder": "shop", "autocomplete": "off", "spellcheck": "false"}),
    )
    platform = forms.ChoiceField(label="Runs on", choices=_PLATFORMS)


class ProjectForm(forms.Form):
    """What may change of a project."""

    name = forms.CharField(label="Name", max_length=120, widget=forms.TextInput({"autocomplete": "off"}))
    platform = forms.ChoiceField(label="Runs on", choices=_PLATFORMS)


class KeyForm(forms.Form):
    """A DSN key: its label, who may use it from a browser, how much it may send."""

    label = forms.CharField(label="Label", max_length=80, widget=forms.TextInput({"autocomplete": "off"}))
    origins = forms.CharField(
        label="Allowed origins",
        required=False,
        max_length=4000,
        help_text="One a line: https://shop.example, *.shop.example, or * for every site. Only browsers are asked.",
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
    )
    per_minute = forms.IntegerField(
        label="Events a minute, at most", required=False, min_value=1, max_value=1_000_000_000
    )
    per_day = forms.IntegerField(
        label="Events a day, at most", required=False, min_value=1, max_value=1_000_000_000
    )

    def values(self) -> dict[str, object]:
        """Return the arguments of `service.create_key`."""
        data = self.cleaned_data
        return {
            "label": data["label"],
            "origins": data["origins"].splitlines() or ["*"],
            "per_minute": data["per_minute"],
            "per_day": data["per_day"],
        }


class ScrubForm(forms.Form):
    """What is removed from events before they rest."""

    defaults = forms.BooleanField(
        label="Remove passwords, tokens, cookies, authorization and card numbers", required=False
    )
    mask_addresses = forms.BooleanField(label="Remove the client's address", required=False)
    extra_keys = forms.CharField(
        label="Further field names to remove",
        required=False,
        max_length=10_000,
        help_text="One a line. A value is removed when its name contains one of these.",
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
    )
    safe_keys = forms.CharField(
        label="Field names to keep",
        required=False,
        max_length=10_000,
        help_text="One a line. They stay although a rule above would remove them.",
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
    )

    def rules(self) -> ScrubRules:
        """Return the rules as the service takes them."""
        data = self.cleaned_data
        return ScrubRules(
            keys_of(data["extra_keys"]), keys_of(data["safe_keys"]), data["mask_addresses"], data["defaults"]
        )


class RetentionForm(forms.Form):
    """For how long events are kept."""

    days = forms.IntegerField(label="Days", min_value=1, max_value=3650)


def of_key(key: DsnKey, data: Mapping[str, str] | None = None) -> KeyForm:
    """Return the form of a key, its fields told apart from those of other keys on the page."""
    initial = {
        "label": key.label,
        "origins": "\n".join(key.origins),
        "per_minute": key.per_minute,
        "per_day": key.per_day,
    }
    return KeyForm(data, initial=initial, auto_id=f"key{key.id}_%s")


def of_rules(rules: ScrubRules) -> ScrubForm:
    """Return the form of scrub rules."""
    initial = {
        "defaults": rules.defaults,
        "mask_addresses": rules.mask_addresses,
        "extra_keys": "\n".join(rules.extra_keys),
        "safe_keys": "\n".join(rules.safe_keys),
    }
    return ScrubForm(initial=initial, auto_id="scrub_%s")


def blame(form: forms.Form, fields: Mapping[str, str], otherwise: str) -> None:
    """Show what the service refused beside the fields it named, or above the form."""
    for name, text in fields.items():
        form.add_error(name if name in form.fields else None, text)
    if not fields:
        form.add_error(None, otherwise)
