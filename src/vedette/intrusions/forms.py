"""The forms of bans: ban, allow, add a list, say what is done with a set of rules."""

from django import forms

from vedette.core.errors import Invalid
from vedette.intrusions.types import DAY, HOUR

_PLAIN = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
LASTS = (
    (HOUR, "an hour"), (4 * HOUR, "4 hours"), (DAY, "a day"), (7 * DAY, "7 days"), (30 * DAY, "30 days"), (365 * DAY, "a year"),
)  # fmt: skip
EVERY = ((HOUR, "hour"), (6 * HOUR, "6 hours"), (DAY, "day"))
COUNTS = ((DAY, "a day"), (3 * DAY, "3 days"), (7 * DAY, "7 days"), (30 * DAY, "30 days"))


class Blaming(forms.Form):
    """A form that puts what a service refuses onto its fields."""

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the field it names, or above the form."""
        named = [name for name in error.fields if name in self.fields]
        self.add_error(named[0] if named else None, str(error))


def _address() -> forms.CharField:
    return forms.CharField(
        label="Address or network", max_length=60, widget=forms.TextInput(attrs=_PLAIN),
        help_text="203.0.113.7, 203.0.113.0/24, 2001:db8:1:2::/64",
    )  # fmt: skip


class BanForm(Blaming):
    """Whom to ban, for how long and why."""

    value = _address()
    lasts = forms.TypedChoiceField(label="For", choices=LASTS, coerce=float, initial=DAY)
    reason = forms.CharField(label="Why", max_length=200, help_text="For those who read the list.")
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)


class AllowForm(Blaming):
    """Whom never to ban, and who that is."""

    value = _address()
    note = forms.CharField(label="Who is that", max_length=200)


class ListForm(Blaming):
    """A list of others."""

    name = forms.CharField(label="Name", max_length=40, widget=forms.TextInput(attrs=_PLAIN))
    source = forms.CharField(
        label="URL or file", max_length=500, widget=forms.TextInput(attrs=_PLAIN),
        help_text="One address or network a line; # and ; begin comments. A file lies in a folder of the setting check_folders.",
    )  # fmt: skip
    every = forms.TypedChoiceField(label="Read every", choices=EVERY, coerce=float, initial=HOUR)
    lasts = forms.TypedChoiceField(
        label="What it names is banned for", choices=COUNTS, coerce=float, initial=DAY,
        help_text="From its last reading on: so long a list that cannot be read still counts.",
    )  # fmt: skip
