"""The form of an inhibition."""

from collections.abc import Mapping

from django import forms

from vedette.alerts import matching
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.matching import Matcher
from vedette.core.errors import Invalid

_AREA = {"rows": 2, "spellcheck": "false", "autocapitalize": "off"}


class InhibitionForm(forms.Form):
    """One rule of inhibition."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    source = forms.CharField(
        label="While this fires",
        max_length=10_000,
        widget=forms.Textarea(attrs=_AREA),
        help_text='Labels: alertname="database down". All of them must hold.',
    )
    target = forms.CharField(
        label="This is muted",
        max_length=10_000,
        widget=forms.Textarea(attrs=_AREA),
        help_text='Labels: team="shop", severity=~"low|high".',
    )
    equal = forms.CharField(
        label="Where these labels agree",
        required=False,
        max_length=1_000,
        help_text="Names parted by commas, as cluster, project. One that is missing counts as empty. Empty: everywhere.",
    )

    def __init__(
        self, version: int, before: Inhibition | None = None, data: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(data, initial={"version": version, **_initial(before)})

    def inhibition(self) -> Inhibition:
        """Return the rule that was filled in; raises `Invalid` naming the wrong fields."""
        return rule(*(self.cleaned_data[name] for name in ("source", "target", "equal")))


def rule(source: str, target: str, equal: str) -> Inhibition:
    """Return the rule these texts mean; raises `Invalid` naming the wrong fields."""
    wrong: dict[str, str] = {}
    made = Inhibition(
        source=_side("source", source, wrong), target=_side("target", target, wrong), equal=_names(equal)
    )
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)
    return made


def _side(field: str, text: str, wrong: dict[str, str]) -> tuple[Matcher, ...]:
    """Return the matchers of a side, which may be one a line."""
    lines = [line.strip().rstrip(",") for line in text.splitlines() if line.strip()]
    try:
        found = matching.parse(", ".join(lines))
    except Invalid as error:
        wrong[field] = str(error)
        return ()
    if not found:
        wrong[field] = "Say which alerts: at least one matcher."
    return found


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _initial(before: Inhibition | None) -> dict[str, str]:
    if before is None:
        return {}
    sides = {name: ",\n".join(map(str, getattr(before, name))) for name in ("source", "target")}
    return {**sides, "equal": ", ".join(before.equal)}
