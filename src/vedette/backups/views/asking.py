"""The forms of the page that restores, and of whoever proves to be it."""

import datetime as dt
from collections.abc import Mapping

import msgspec
from django import forms

from vedette.backups.forms import lines, text
from vedette.backups.views import saying
from vedette.ui import words
from vedette.wire.backup import Aim, Plan

ALL = "all"


class Asked(msgspec.Struct, frozen=True):
    """What is to be restored, into which folder (empty: where it was), whether over live data, and the name that was typed for that."""

    aim: Aim
    into: str
    live: bool
    confirmed: str


class RestoreForm(forms.Form):
    """What is restored, as of when, and to where; point-in-time recovery asks for an instant or a transaction."""

    copy = forms.CharField(widget=forms.HiddenInput, max_length=60)
    snapshot = forms.CharField(required=False, max_length=200)
    before = text(
        "Just before",
        required=False,
        help_text="As in 2026-11-27 14:03:20, by your clock: what happened from then on is not in it.",
        most=40,
    )
    transaction = forms.IntegerField(
        label="Or before transaction",
        required=False,
        min_value=1,
        help_text="Its number, as pg_waldump tells it.",
    )
    what = forms.ChoiceField(label="Which of it", initial=ALL)
    path = lines(
        "Files and folders",
        help_text="Whole paths, one a line; empty is all. Look inside a backup to pick them.",
        rows=3,
    )
    where = forms.ChoiceField(
        label="Where to",
        choices=(("new", "Into a new folder"), ("live", "Where it was, over live data")),
        widget=forms.RadioSelect,
        initial="new",
    )
    into = text("Folder on the host")
    confirmed = text("Name", required=False, most=200)

    def __init__(
        self,
        data: object = None,
        *,
        plan: Plan,
        zone: str,
        into: str,
        pitr: bool,
        initial: Mapping[str, object],
    ) -> None:
        super().__init__(data, initial={"into": into, "where": "new", **initial})  # type: ignore[arg-type]  # a QueryDict, or None
        self._zone = zone
        chosen = self.fields["what"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = [
                (ALL, "all that was saved"),
                *((name, name) for name in (saying.source_name(one) for one in plan.what)),
            ]
        if not pitr:
            del self.fields["before"], self.fields["transaction"]

    def clean_before(self) -> float | None:
        """Return the instant in seconds since 1970."""
        text = str(self.cleaned_data["before"]).strip()
        if not text:
            return None
        try:
            at = dt.datetime.fromisoformat(text)
        except ValueError:
            raise forms.ValidationError("Write it as 2026-11-27 14:03:20.") from None
        return (at if at.tzinfo else at.replace(tzinfo=words.zone_of(self._zone))).timestamp()

    def clean(self) -> dict[str, object]:
        """Ask for a folder where it goes into one."""
        said = super().clean() or {}
        if said.get("where") == "new" and not str(said.get("into", "")).startswith("/"):
            self.add_error("into", "Name a folder on the host by its whole path.")
        return said

    def asked(self) -> Asked:
        """Return what is asked for."""
        said = self.cleaned_data
        live = said["where"] == "live"
        aim = Aim(
            snapshot=said["snapshot"], paths=tuple(line.strip("\r") for line in said["path"].split("\n") if line.strip()),
            what="" if said["what"] == ALL else said["what"], before=said.get("before"), transaction=said.get("transaction"),
        )  # fmt: skip
        return Asked(aim, "" if live else str(said["into"]), live, said["confirmed"].strip())


class ProofForm(forms.Form):
    """The password of who asks, before something that must not leak is shown."""

    current = forms.CharField(
        label="Your password", max_length=1_000, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
