"""The form of a hook: its mapping in fields, value maps and labels one a line."""

from collections.abc import Mapping

import msgspec
from django import forms

from vedette.alerts.hooks.types import AlertHookDraft
from vedette.core.errors import Invalid
from vedette.wire.hooks.filling import LONGEST_TEXT
from vedette.wire.hooks.mapping import A_DAY, LONGEST_LASTS, AlertMapping
from vedette.wire.hooks.picking import LONGEST_PATH

MOST_BODY = 200_000
_LINES = ("labels", "annotations", "states", "severities")
_PLAIN = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}


def _path(label: str, help_text: str) -> forms.CharField:
    text = forms.TextInput(attrs=_PLAIN)
    return forms.CharField(
        label=label, required=False, max_length=LONGEST_PATH, widget=text, help_text=help_text
    )


def _text(label: str, help_text: str = "") -> forms.CharField:
    text = forms.TextInput(attrs=_PLAIN)
    return forms.CharField(
        label=label, required=False, max_length=LONGEST_TEXT, widget=text, help_text=help_text
    )


def _lines(label: str, help_text: str, rows: int = 3) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, **_PLAIN})
    return forms.CharField(label=label, required=False, max_length=40_000, widget=area, help_text=help_text)


class HookForm(forms.Form):
    """A hook, and a body to try its mapping on, which is not kept."""

    name = forms.SlugField(
        label="Name", max_length=60, help_text="It stands in the address: small letters, digits, dashes."
    )
    enabled = forms.BooleanField(label="Takes what is sent", required=False)
    alerts = _path(
        "Where the alerts are",
        "The path of a list, as alerts or data.items. Empty: the whole body is one alert.",
    )
    labels_from = _path("Labels of the object at", "All its names and values become labels.")
    labels = _lines(
        "Labels",
        "One a line: name = text. An alert is known by its labels: they stay the same when it is over.",
    )
    annotations_from = _path("Annotations of the object at", "All its names and values become annotations.")
    annotations = _lines("Annotations", "One a line: name = text.", 2)
    title = _text("Title")
    text = _text("Text")
    link = _text("Link")
    state = _text("State", "Empty: whatever comes fires.")
    states = _lines(
        "Words of the state", "One a line: word = firing, resolved or ignore. * is every other word."
    )
    severity = _text("Severity", "Empty: high, or what the label severity says.")
    severities = _lines(
        "Words of the severity", "One a line: word = info, low, high or critical. * is every other word.", 2
    )
    starts = _text("Starts", "Empty: when it came. An instant as ISO 8601, or seconds since 1970.")
    ends = _text("Ends")
    lasts = forms.IntegerField(
        label="Goes on for, in minutes", min_value=1, max_value=LONGEST_LASTS, initial=A_DAY,
        help_text="When nobody says that it is over, nor tells of it again.",
    )  # fmt: skip
    body = forms.CharField(
        label="A body", required=False, max_length=MOST_BODY,
        widget=forms.Textarea(attrs={"rows": 8, **_PLAIN}), help_text="It is tried and not kept.",
    )  # fmt: skip

    def __init__(
        self,
        draft: AlertHookDraft,
        body: str,
        data: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial={**_initial(draft), "body": body})

    def draft(self) -> AlertHookDraft:
        """Return the hook that was filled in; raises `Invalid` naming the wrong fields."""
        given, wrong = self.cleaned_data, dict[str, str]()
        fields = {name: given[name] for name in AlertMapping.__struct_fields__}
        for name in _LINES:
            fields[name] = _pairs(name, given[name], wrong)
        if wrong:
            raise Invalid("The hook cannot be kept.", wrong)
        return AlertHookDraft(name=given["name"], mapping=AlertMapping(**fields), enabled=given["enabled"])

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        for name, text in error.fields.items():
            self.add_error(name if name in self.fields else None, text)
        if not error.fields:
            self.add_error(None, str(error))


def _pairs(field: str, text: str, wrong: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, value = line.partition("=")
        if not line.strip():
            continue
        if not equals or not name.strip():
            wrong[field] = f"Line {number}: write name = value."
        elif name.strip() in found:
            wrong[field] = f"Line {number}: {name.strip()[:60]} stands there twice."
        found[name.strip()] = value.strip()
    return found


def _initial(draft: AlertHookDraft) -> dict[str, object]:
    fields = msgspec.structs.asdict(draft.mapping)
    lines = {name: "\n".join(f"{key} = {text}" for key, text in fields[name].items()) for name in _LINES}
    return {"name": draft.name, "enabled": draft.enabled, **fields, **lines}
