"""The form of an escalation policy: its name, its steps in their order, and how often all of it is done; without a script."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django import forms
from django.http import QueryDict

from vedette.core.errors import Invalid
from vedette.oncall import policy_fitness, spelling
from vedette.oncall.policies import LONGEST_SECRET
from vedette.oncall.reading_aloud import Called
from vedette.oncall.types import MOST_REPEATS, EscalationStep, PolicyDraft, StepKind

_WORD = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
LABELS = {
    StepKind.NOTIFY_SCHEDULE: "Page who is on call",
    StepKind.NOTIFY_USERS: "Page people",
    StepKind.NOTIFY_TEAM: "Page everybody of a role",
    StepKind.ROUND_ROBIN: "Page people in turn",
    StepKind.NOTIFY_CHANNEL: "Tell a channel",
    StepKind.WAIT: "Wait for an answer",
    StepKind.IF_TIME: "Only at certain times",
    StepKind.IF_MANY: "Only when many alerts come",
    StepKind.WEBHOOK: "Call a webhook",
    StepKind.DECLARE_INCIDENT: "Declare an incident",
}
_TAKEN = {
    StepKind.NOTIFY_USERS: ("users", "important"),
    StepKind.ROUND_ROBIN: ("users", "important"),
    StepKind.NOTIFY_TEAM: ("team", "important"),
    StepKind.NOTIFY_SCHEDULE: ("schedule", "important"),
    StepKind.NOTIFY_CHANNEL: ("channel",),
    StepKind.WAIT: ("minutes",),
    StepKind.IF_TIME: ("spans", "zone", "skips"),
    StepKind.IF_MANY: ("count", "minutes", "skips"),
    StepKind.WEBHOOK: ("url",),
    StepKind.DECLARE_INCIDENT: ("severity",),
}
_NUMBERS = {"minutes": 5, "count": 10, "skips": 1}


class HeadForm(forms.Form):
    """What a policy is called, how often it begins again, how long an answer holds, and what signs its webhooks."""

    name = forms.CharField(label="Name", max_length=80)
    repeats = forms.IntegerField(
        label="Begins again", min_value=0, max_value=MOST_REPEATS,
        help_text="How many times, when nobody answered at its end. 0 to 5.",
    )  # fmt: skip
    ack_minutes = forms.IntegerField(
        label="An acknowledgement holds, in minutes", min_value=0, max_value=policy_fitness.LONGEST_ACK,
        help_text="When it still fires after that, the policy begins again. 0: for good.",
    )  # fmt: skip
    secret = forms.CharField(
        label="Signing secret of its webhooks", max_length=LONGEST_SECRET, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Left empty, it stays as it is. X-Vedette-Signature is its HMAC; docs/escalation.md says how to check it.",
    )  # fmt: skip


class StepForm(forms.Form):
    """One step; of the fields it has those its kind takes."""

    kind = forms.ChoiceField(
        choices=[(kind.value, label) for kind, label in LABELS.items()], widget=forms.HiddenInput
    )
    users = forms.TypedMultipleChoiceField(
        label="People", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    team = forms.ChoiceField(
        label="Role", choices=[(role, f"{role.capitalize()} and above") for role in policy_fitness.ROLES]
    )
    schedule = forms.TypedChoiceField(label="Schedule", coerce=int, empty_value=None)
    channel = forms.TypedChoiceField(label="Channel", coerce=int, empty_value=None)
    important = forms.BooleanField(
        label="By their important rule", required=False,
        help_text="Push at once and SMS a minute later, unless they set it otherwise. Off: by their default rule.",
    )  # fmt: skip
    minutes = forms.IntegerField(label="Minutes", min_value=1, max_value=policy_fitness.LONGEST_WAIT)
    spans = forms.CharField(
        label="Goes on in these parts of the week", max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Mon-Fri 08:30-17:30", **_WORD}),
        help_text="One a line. An end that is not after its start is the next day's.",
    )  # fmt: skip
    zone = forms.CharField(label="Time zone", max_length=64, widget=forms.TextInput(attrs=_WORD))
    count = forms.IntegerField(
        label="Goes on when more alerts than this came", min_value=1, max_value=policy_fitness.MOST_ALERTS
    )
    skips = forms.IntegerField(
        label="Else leaves out so many steps", min_value=1, max_value=policy_fitness.MOST_STEPS
    )
    url = forms.CharField(
        label="URL",
        max_length=policy_fitness.LONGEST_URL,
        widget=forms.TextInput(attrs={"inputmode": "url", **_WORD}),
    )
    severity = forms.TypedChoiceField(
        label="Severity", required=False, coerce=int, empty_value=None,
        choices=[("", "As the matrix says"), *((n, f"Severity {n}") for n in range(1, 5))],
    )  # fmt: skip

    def __init__(
        self, called: Called, prefix: str, step: EscalationStep, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, prefix=prefix, initial=_initial(step))
        self.step_kind = step.kind
        for name in set(self.fields) - {"kind", *_TAKEN[step.kind]}:
            del self.fields[name]
        people = sorted(called.users.items(), key=lambda each: each[1].casefold())
        for name, choices in (
            ("users", people),
            ("schedule", called.schedules.items()),
            ("channel", called.channels.items()),
        ):
            field = self.fields.get(name)
            if isinstance(field, forms.ChoiceField):
                field.choices = [(str(key), label) for key, label in choices]

    @property
    def label(self) -> str:
        """Return what the step does in a few words."""
        return LABELS[self.step_kind]

    def step(self) -> EscalationStep:
        """Return the step that was filled in; raises `Invalid` for parts of the week that cannot be read."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "kind"}
        if "spans" in given:
            given["spans"] = spelling.read(given["spans"])
        if "users" in given:
            given["users"] = tuple(given["users"])
        return EscalationStep(kind=self.step_kind, **given)


class PolicyForm:
    """All of it: the head and one form for each step; a button that adds, moves or removes one changes the form alone."""

    def __init__(self, called: Called, draft: PolicyDraft, data: QueryDict | None = None) -> None:
        self._called = called
        act = data.get("act", "save") if data is not None else ""
        self.is_bound = data is not None and act in {"save", "preview"}
        shown = _typed(data) if data is not None else draft.steps
        self.head = HeadForm(
            data, initial={name: getattr(draft, name) for name in ("name", "repeats", "ack_minutes")}
        )
        self.problem = ""
        if data is not None and not self.is_bound:
            self.head = HeadForm(initial={name: data.get(name, "") for name in HeadForm.base_fields})
            shown = edited(shown, act, data.get("new_kind", ""))
        bound = data if self.is_bound else None
        self.steps = [StepForm(called, f"s{place}", step, bound) for place, step in enumerate(shown)]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """Return the kinds of steps there are, and how they are called."""
        return [(kind.value, label) for kind, label in LABELS.items()]

    def is_valid(self) -> bool:
        """Tell whether every field could be read; what is wrong stands at its field."""
        return all([self.head.is_valid(), *(each.is_valid() for each in self.steps)])

    def draft(self) -> PolicyDraft:
        """Return the policy that was filled in; raises `Invalid`."""
        steps = []
        for number, each in enumerate(self.steps, 1):
            try:
                steps.append(each.step())
            except Invalid as error:
                raise Invalid(str(error), {f"step {number}": str(error)}) from None
        given = self.head.cleaned_data
        return PolicyDraft(
            name=given["name"].strip(),
            steps=tuple(steps),
            repeats=given["repeats"],
            ack_minutes=given["ack_minutes"],
        )

    @property
    def secret(self) -> str | None:
        """Return the secret that was typed in, None when it is to stay."""
        return self.head.cleaned_data["secret"] or None

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields and steps it names, or above the form."""
        for name, text in error.fields.items() or [("", str(error))]:
            word, _, number = name.partition(" ")
            if name in self.head.fields:
                self.head.add_error(name, text)
            elif word == "step" and number.isdecimal() and int(number) <= len(self.steps):
                self.steps[int(number) - 1].add_error(None, text)
            else:
                self.problem = text


def edited(steps: Sequence[EscalationStep], act: str, kind: str) -> tuple[EscalationStep, ...]:
    """Return steps after `add` (one of a kind), `up-2`, `down-2` or `drop-2` (counted from 0); others change nothing."""
    word, _, place = act.partition("-")
    made = list(steps)
    if word == "add" and kind in set(StepKind) and len(made) < policy_fitness.MOST_STEPS:
        return (*made, _blank(StepKind(kind)))
    at = int(place) if place.isascii() and place.isdecimal() and len(place) < 4 else len(made)
    if at >= len(made):
        return tuple(made)
    step = made.pop(at)
    if word in {"up", "down"}:
        made.insert(max(0, at + (1 if word == "down" else -1)), step)
    return tuple(made) if word in {"up", "down", "drop"} else tuple(steps)


def _blank(kind: StepKind) -> EscalationStep:
    numbers = {name: value for name, value in _NUMBERS.items() if name in _TAKEN[kind]}
    return msgspec.convert({"kind": kind, **numbers}, EscalationStep)


def _typed(data: QueryDict) -> tuple[EscalationStep, ...]:
    """Return the steps as far as what was typed in can be read; what cannot is left as it is by default."""
    made = []
    for place in range(policy_fitness.MOST_STEPS):
        kind = data.get(f"s{place}-kind", "")
        if kind not in set(StepKind):
            break
        made.append(_step(StepKind(kind), f"s{place}-", data))
    return tuple(made)


def _step(kind: StepKind, prefix: str, data: QueryDict) -> EscalationStep:
    found: dict[str, Any] = {}
    for name in _TAKEN[kind]:
        text = data.get(prefix + name, "")
        if name == "users":
            found[name] = tuple(int(each) for each in data.getlist(prefix + name) if each.isdecimal())
        elif name == "important":
            found[name] = bool(text)
        elif name == "spans":
            found[name] = _spans(text)
        elif name in {"team", "zone", "url"}:
            found[name] = text
        elif text.isascii() and text.isdecimal():
            found[name] = int(text[:9])
    return EscalationStep(kind=kind, **found)


def _spans(text: str) -> tuple[object, ...]:
    try:
        return spelling.read(text)
    except Invalid:
        return ()


def _initial(step: EscalationStep) -> dict[str, object]:
    plain = {name: getattr(step, name) for name in EscalationStep.__struct_fields__}
    return {
        **plain,
        "kind": step.kind.value,
        "spans": spelling.written(step.spans),
        "users": [str(user) for user in step.users],
    }
