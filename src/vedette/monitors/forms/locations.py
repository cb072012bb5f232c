"""The form of a location, and the part of a monitor's form that asks where it is checked from."""

from collections.abc import Mapping, Sequence

from django import forms

from vedette.core.errors import Invalid
from vedette.monitors.locations.naming import MOST_SLUG
from vedette.monitors.locations.types import Location
from vedette.monitors.types import HERE, Config


class LocationForm(forms.Form):
    """A location that is to be added."""

    name = forms.CharField(label="Name", max_length=80, help_text="Where it is: Frankfurt, the office.")
    slug = forms.CharField(
        label="Short name", required=False, max_length=MOST_SLUG, help_text="For files and addresses; the name makes one when left empty.",
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}),
    )  # fmt: skip

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        for name, text in error.fields.items() or [("", str(error))]:
            self.add_error(name if name in self.fields else None, text if " " in text else str(error))


def places_field(locations: Sequence[Location], config: Config) -> forms.MultipleChoiceField:
    """Return the field of where a monitor is checked from; one that is gone stays among what can be chosen."""
    named = {HERE: "Here", **{one.slug: one.name for one in locations}}
    choices = {**named, **{slug: slug for slug in config.locations if slug not in named}}
    return forms.MultipleChoiceField(
        label="Checked from", required=False, widget=forms.CheckboxSelectMultiple, choices=list(choices.items()),
        initial=list(config.locations) or [HERE], help_text="From here alone, when none is chosen.",
    )  # fmt: skip


def places_of(given: Mapping[str, object], before: Config) -> tuple[str, ...]:
    """Return the locations that were chosen, none for here alone; those there were where the form does not ask."""
    chosen = given.get("locations")
    if not isinstance(chosen, list):
        return before.locations
    return () if chosen == [HERE] else tuple(chosen)
