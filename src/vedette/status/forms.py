"""The forms of status pages: a page and its components, and what is announced on it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid
from vedette.status import composing
from vedette.status.types import (
    Component,
    Impact,
    IncidentDraft,
    NoticeKind,
    PageIncident,
    Progress,
    StatusPage,
    StatusPageDraft,
)

MORE_ROWS = 4
MONITORS = "monitors"  # the id of the list a monitor is picked from
_PLAIN = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
_TYPE_AGAIN = "Type the password again: it is never put back here, and nothing is saved without it. Or take it away below."
_LATER = {"type": "datetime-local", "step": "60"}


class Blaming(forms.Form):
    """A form that puts what a service found wrong onto its fields."""

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        for name, text in error.fields.items():
            self.add_error(name if name in self.fields else None, text)
        if not error.fields:
            self.add_error(None, str(error))


class PageForm(Blaming):
    """A status page without its components.

    `domain` tells whether that may be chosen; else it stays as it is. `typed` remembers that a password was typed, which is never put back into the form: without it typed again, or
    taken away in so many words, nothing is saved.
    """

    title = forms.CharField(label="Title", max_length=100)
    slug = forms.SlugField(
        label="Short name", max_length=50, help_text="It stands in the address: /s/short-name/."
    )
    text = forms.CharField(
        label="Words", required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="They stand below the sentence the page opens with.",
    )  # fmt: skip
    domain = forms.CharField(
        label="Domain of its own", required=False, max_length=253, widget=forms.TextInput(attrs=_PLAIN),
        help_text="A host name that leads here, as status.example.com. Only this page is answered there.",
    )  # fmt: skip
    frames = forms.CharField(
        label="May be embedded by", required=False, max_length=1_000, widget=forms.TextInput(attrs=_PLAIN),
        help_text="Origins parted by spaces, as https://shop.example.com; * for every site. Empty: none.",
    )  # fmt: skip
    windows = forms.BooleanField(
        label="Show maintenance windows of its monitors",
        help_text="Also those of the next 14 days, with the public names of their components.",
        required=False,
    )
    enabled = forms.BooleanField(label="Visitors are answered", required=False)
    password = forms.CharField(
        label="Password", required=False, max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Only who knows it sees the page. Left empty, what was set stays.",
    )  # fmt: skip
    public = forms.BooleanField(label="Take the password away", required=False)
    typed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, initial: dict[str, object] | None = None, *, domain: bool = True
    ) -> None:
        if data is not None and data.get("password"):
            data = data.copy()
            data["typed"] = "on"
        super().__init__(data, initial=initial)
        if not domain:
            self.fields["domain"].disabled = True
            self.fields["domain"].help_text = "Only administrators choose it."

    def clean(self) -> dict[str, Any]:
        """Refuse a form from which the password that was typed before is gone."""
        given = self.cleaned_data
        if given.get("typed") and not given.get("public") and not given.get("password"):
            self.ask_again()
        return given

    def ask_again(self) -> None:
        """Say on the password that it must be typed again, if one was typed."""
        if self.data.get("typed") and "password" not in self.errors:
            self.add_error("password", _TYPE_AGAIN)

    def draft(self, components: Sequence[Component]) -> StatusPageDraft:
        """Return the page that was filled in."""
        given = self.cleaned_data
        password = "" if given["public"] else given["password"] or None
        return StatusPageDraft(
            slug=given["slug"], title=given["title"], text=given["text"], domain=given["domain"], frames=given["frames"],
            windows=given["windows"], enabled=given["enabled"], password=password, components=tuple(components),
        )  # fmt: skip


class ComponentForm(forms.Form):
    """One row of the components; without a monitor it is no component."""

    monitor = forms.CharField(
        label="Monitor",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={**_PLAIN, "list": MONITORS}),
    )
    name = forms.CharField(label="Public name", required=False, max_length=100)
    section = forms.CharField(label="Section", required=False, max_length=100)
    place = forms.IntegerField(label="Order", required=False, min_value=0, max_value=9_999)

    def clean(self) -> dict[str, Any]:
        """Refuse a monitor without a public name: its own name is nobody's but ours."""
        given = self.cleaned_data
        if given.get("monitor") and not given.get("name", "x"):
            self.add_error("name", "Say what visitors call it; they never see the monitor's own name.")
        return given


Rows = forms.formset_factory(ComponentForm, extra=MORE_ROWS, max_num=200, absolute_max=250)


class IncidentForm(Blaming):
    """An incident or a maintenance, and what is said of it now."""

    title = forms.CharField(label="Title", max_length=150)
    text = forms.CharField(
        label="What visitors should know", max_length=4_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    impact = forms.ChoiceField(
        label="Impact", required=False, choices=[(str(one), word) for one, word in composing.IMPACTS.items()],
        help_text="The components below are shown so while it goes on, whatever their monitors find.",
    )  # fmt: skip
    progress = forms.ChoiceField(
        label="Progress", choices=[(str(one), word) for one, word in composing.PROGRESS.items()]
    )
    starts = forms.CharField(
        label="Begins (UTC)", required=False, max_length=30, widget=forms.TextInput(attrs=_LATER)
    )
    ends = forms.CharField(
        label="Ends (UTC)", required=False, max_length=30, widget=forms.TextInput(attrs=_LATER)
    )
    components = forms.MultipleChoiceField(
        label="It is about", required=False, widget=forms.CheckboxSelectMultiple
    )
    tell = forms.BooleanField(label="Tell the subscribers", required=False, initial=True)

    def __init__(
        self,
        page: StatusPage,
        kind: NoticeKind,
        before: PageIncident | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(before))
        self.kind = kind
        about = self.fields["components"]
        about.choices = [(str(one.id), one.name) for one in page.components]  # type: ignore[attr-defined]
        if kind is NoticeKind.MAINTENANCE:
            over = [(str(Progress.IDENTIFIED), "Planned"), (str(Progress.RESOLVED), "Over")]
            self.fields["progress"].choices = over  # type: ignore[attr-defined]
            del self.fields["impact"]
        else:
            del self.fields["starts"], self.fields["ends"]

    def draft(self) -> IncidentDraft:
        """Return what was filled in; raises `Invalid` naming the wrong fields."""
        given = self.cleaned_data
        return IncidentDraft(
            kind=self.kind, title=given["title"], text=given["text"], impact=Impact(given.get("impact") or "none"),
            progress=Progress(given["progress"]), starts=_instant("starts", given), ends=_instant("ends", given),
            components=tuple(int(one) for one in given["components"]), tell=given["tell"],
        )  # fmt: skip


def _instant(name: str, given: Mapping[str, str]) -> float | None:
    text = given.get(name, "")
    try:
        return parse_iso(text) if text else None
    except (ValueError, OverflowError):
        raise Invalid("A time cannot be read.", {name: "Write it as 2026-11-24T22:00."}) from None


def _initial(before: PageIncident | None) -> dict[str, object]:
    if before is None:
        return {"progress": str(Progress.INVESTIGATING)}
    last = before.updates[0].progress if before.updates else Progress.INVESTIGATING
    return {
        "title": before.title, "impact": str(before.impact), "progress": str(last), "starts": iso(before.starts)[:16],
        "ends": iso(before.ends)[:16] if before.ends is not None else "",
        "components": [str(one) for one in before.components],
    }  # fmt: skip
