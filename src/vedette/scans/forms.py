"""The form of a target."""

from collections.abc import Iterable

from django import forms

from vedette.core.errors import Invalid
from vedette.instruments.scan.types import Scanner
from vedette.projects import service as projects
from vedette.scans.targets import DAY, HOUR
from vedette.scans.types import Target

EVERY = (
    (HOUR, "hour"), (6 * HOUR, "6 hours"), (DAY, "day"), (7 * DAY, "week"), (30 * DAY, "30 days"), (0.0, "never: by hand alone"),
)  # fmt: skip
_PLAIN = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}


class TargetForm(forms.Form):
    """What is scanned by which scanner, how often, for which project."""

    scanner = forms.ChoiceField(label="Scanner")
    target = forms.CharField(
        label="What", max_length=500, widget=forms.TextInput(attrs=_PLAIN),
        help_text="A site https://shop.example, TLS shop.example:443, a domain or a host shop.example.",
    )  # fmt: skip
    name = forms.CharField(
        label="Name",
        max_length=100,
        required=False,
        help_text="What people call it; without one, what is scanned.",
    )
    every = forms.TypedChoiceField(label="Scan every", choices=EVERY, coerce=float, initial=DAY)
    project = forms.TypedChoiceField(label="Project", coerce=int, required=False)
    location = forms.CharField(
        label="Scanned from", max_length=60, required=False, widget=forms.TextInput(attrs=_PLAIN),
        help_text="For ports, the slug of a location (Monitors, Locations): it looks at hosts with an agent. Empty: this server.",
    )  # fmt: skip
    options = forms.CharField(
        label="Options", required=False, widget=forms.Textarea(attrs={"rows": 3, **_PLAIN}), max_length=2_000,
        help_text="One a line, as in public=80,443. docs/scans names those of each scanner.",
    )  # fmt: skip
    enabled = forms.BooleanField(label="Scan it", required=False, initial=True)

    def __init__(self, data: object = None, *, offered: Iterable[Scanner], one: Target | None = None) -> None:
        super().__init__(data, initial=None if one is None else _initial(one))  # type: ignore[arg-type]  # a QueryDict, or None
        named = [(each.kind, each.label) for each in offered]
        self._choose("scanner", named)
        self._choose("project", [(0, "none"), *((each.id, each.name) for each in projects.projects())])
        if one is not None:
            for name in ("scanner", "target"):
                self.fields[name].disabled = True

    def _choose(self, name: str, choices: Iterable[tuple[object, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [*choices]

    def draft(self) -> Target:
        """Return what was written as a target; raises `Invalid` for an option that is none."""
        said = self.cleaned_data
        return Target(
            scanner=said["scanner"], target=said["target"], name=said["name"], project=said["project"] or 0, every=said["every"],
            enabled=said["enabled"], options=_options(said["options"]), location=said["location"],
        )  # fmt: skip

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the field it names, or above the form."""
        named = [name for name in error.fields if name in self.fields]
        self.add_error(named[0] if named else None, str(error))


def _initial(one: Target) -> dict[str, object]:
    options = "\n".join(f"{name}={value}" for name, value in one.options.items())
    return {
        "scanner": one.scanner, "target": one.target, "name": one.name, "every": one.every, "project": one.project,
        "enabled": one.enabled, "options": options, "location": one.location,
    }  # fmt: skip


def _options(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in filter(None, (each.strip() for each in text.splitlines())):
        name, sign, value = line.partition("=")
        if not sign:
            raise Invalid(f"{line[:40]!r} is no option; write name=value.", {"options": "unreadable"})
        found[name.strip()] = value.strip()
    return found
