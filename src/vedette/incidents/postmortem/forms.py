"""The forms of post-mortems: the text, an action item, and what an incident costs."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django import forms

from vedette.core.errors import Invalid
from vedette.incidents.postmortem.keeping import LONGEST
from vedette.incidents.postmortem.types import PostMortemRules


class _Blaming(forms.Form):
    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        for name, text in error.fields.items():
            self.add_error(name if name in self.fields else None, text)
        if not error.fields:
            self.add_error(None, str(error))


class PaperForm(_Blaming):
    """The text, and which version of it was read."""

    text = forms.CharField(
        label="Post-mortem", max_length=LONGEST, strip=False, widget=forms.Textarea(attrs={"rows": 16}),
        help_text="Markdown. What stands in italics asks you something; put the answer in its place.",
    )  # fmt: skip
    version = forms.FloatField(widget=forms.HiddenInput)


class ActionForm(_Blaming):
    """Something that follows from an incident: what, who, until when."""

    text = forms.CharField(label="What is to be done", max_length=500)
    assignee = forms.ChoiceField(label="Who", required=False)
    due_at = forms.DateField(
        label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Who has it is reminded on that day and each week after.",
    )  # fmt: skip

    def __init__(self, people: Sequence[tuple[int, str]], data: Mapping[str, object] | None = None) -> None:
        super().__init__(data)
        who = self.fields["assignee"]
        if isinstance(who, forms.ChoiceField):
            who.choices = [("", "Nobody yet"), *((str(number), name) for number, name in people)]

    def assigned(self) -> int | None:
        """Return whose it is (a user's id)."""
        return int(self.cleaned_data["assignee"]) if self.cleaned_data["assignee"] else None

    def due(self, zone: dt.tzinfo) -> float | None:
        """Return the instant from which it is due: nine in the morning of that day."""
        day = self.cleaned_data["due_at"]
        return None if day is None else dt.datetime.combine(day, dt.time(9), zone).timestamp()


class RulesForm(_Blaming):
    """What an incident costs here, and who reads what is written of it."""

    currency = forms.CharField(label="Currency", max_length=10)
    per_minute = forms.FloatField(
        label="A minute of an incident costs", min_value=0, help_text="0: no money is told."
    )
    per_request = forms.FloatField(label="A failed request costs", min_value=0)
    reviewed = forms.BooleanField(
        label="Somebody else than the author publishes", required=False, help_text="Where there is somebody else."
    )  # fmt: skip

    def made(self) -> PostMortemRules:
        """Return the rules that were filled in."""
        return PostMortemRules(**self.cleaned_data)
