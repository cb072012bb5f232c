"""A plan while it is written: its forms, rows that are added and left out without any script, and blame by place."""

from collections.abc import Iterable, Mapping, Sequence

from django import forms
from django.http import QueryDict

from vedette.backups.forms import AssertForm, CopyForm, PlanForm, SourceForm
from vedette.backups.planning import MOST_ASSERTS, MOST_COPIES, MOST_WHAT
from vedette.core.errors import Invalid
from vedette.instruments.backup.registry import engines, sources
from vedette.wire.backup import Assertion, Copy, Plan, What

WHAT, COPY, ASSERT = "what", "copy", "assert"
_MOST = {WHAT: MOST_WHAT, COPY: MOST_COPIES, ASSERT: MOST_ASSERTS}
_FIELDS = {
    "schedule.cron": "cron", "schedule.zone": "zone", "schedule.jitter": "jitter", "drills.cron": "drills", "drills": "whole_days", "drills.host": "host",
    "limits.seconds": "hours", "limits": "nice",
}  # fmt: skip


class Draft:
    """The forms of one plan."""

    def __init__(self, plan: Plan, project: int = 0, data: QueryDict | None = None) -> None:
        self.before = plan
        self.main = PlanForm(data, plan=plan, project=project)
        self.what = [
            _source(place, one, data)
            for place, one in enumerate(_posted_what(data) if data is not None else plan.what)
            if one.kind in sources()
        ]
        self.copies = [
            CopyForm(data, prefix=f"{COPY}-{place}", engines=engines(), one=one)
            for place, one in enumerate(_of_rows(data, COPY, plan.copies, Copy(name="", engine="", at="")))
        ]
        self.asserts = [
            AssertForm(data, prefix=f"{ASSERT}-{place}", one=one)
            for place, one in enumerate(_of_rows(data, ASSERT, plan.drills.asserts, Assertion(name="")))
        ]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return kinds of the plan that nobody knows here: a newer Vedette, or one with more parts, wrote them."""
        return tuple(one.kind for one in self.before.what if one.kind not in sources())

    @property
    def every(self) -> Sequence[forms.Form]:
        """Return all forms."""
        return (self.main, *self.what, *self.copies, *self.asserts)

    def is_valid(self) -> bool:
        """Tell whether each form can be read; all say what is wrong with them."""
        return not [form for form in self.every if not form.is_valid()]

    def plan(self) -> Plan:
        """Return what was written as a plan."""
        what, copies = [form.what() for form in self.what], [form.copy() for form in self.copies]
        return self.main.plan(what, copies, [form.assertion() for form in self.asserts], self.before.enabled)

    def secrets(self) -> list[tuple[str, str, str]]:
        """Return the secrets that were given: copy, name, value."""
        return [
            (form.cleaned_data["name"], name, text)
            for form in self.copies
            for name, text in form.secrets().items()
        ]

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the field it names (`copies.0.at`), else above the form it is in."""
        for place, text in (error.fields or {"": str(error)}).items():
            form, field = self._at(place)
            form.add_error(field if field in form.fields else None, text)

    def _at(self, place: str) -> tuple[forms.Form, str]:
        first, *rest = place.split(".")
        rows: Mapping[str, Sequence[forms.Form]] = {
            "what": self.what,
            "copies": self.copies,
            "asserts": self.asserts,
        }
        if first == "drills" and rest[:1] == ["asserts"]:
            first, rest = "asserts", rest[1:]
        if first in rows and rest and rest[0].isdecimal() and int(rest[0]) < len(rows[first]):
            return rows[first][int(rest[0])], _row_field(rest[1:])
        return self.main, _FIELDS.get(place) or (first if first in self.main.fields else (rest or [""])[0])


def changed(plan: Plan, data: QueryDict) -> Draft:
    """Return a draft in which a row was added (`add`) or left out (`drop`); nothing of it is judged yet."""
    sent = data.copy()
    kind, _, place = sent.get("drop", "").partition("-")
    if kind in _MOST and place.isdecimal():
        _drop(sent, kind, int(place))
    added = sent.get("add", "")
    if added in _MOST and rows(sent, added) < _MOST[added]:
        _add(sent, added)
    made = Draft(plan, 0, sent)
    for form in made.every:
        form.initial = {
            name: field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
            for name, field in form.fields.items()
        }
        form.is_bound = False
    return made


def rows(data: QueryDict, kind: str) -> int:
    """Return how many rows of a kind were sent, at most as many as a plan may have."""
    told = data.get(f"{kind}_n", "0")
    return min(int(told), _MOST[kind]) if told.isascii() and told.isdecimal() and len(told) < 6 else 0


def _add(sent: QueryDict, kind: str) -> None:
    place = rows(sent, kind)
    sent[f"{kind}_n"] = str(place + 1)
    if kind == WHAT:
        sent[f"{WHAT}-{place}-kind"] = sent.get("kind", "")
    if kind == COPY:
        sent[f"{COPY}-{place}-engine"] = next(iter(engines()), "")


def _drop(sent: QueryDict, kind: str, place: int) -> None:
    """Take a row out, and let those after it move up."""
    count = rows(sent, kind)
    for n in range(place, count):
        for key in [key for key in sent if key.startswith(f"{kind}-{n}-")]:
            del sent[key]
        for key in [key for key in sent if key.startswith(f"{kind}-{n + 1}-")]:
            sent.setlist(f"{kind}-{n}-{key.removeprefix(f'{kind}-{n + 1}-')}", sent.getlist(key))
    sent[f"{kind}_n"] = str(max(0, count - (place < count)))


def _posted_what(data: QueryDict) -> Iterable[What]:
    """Yield the kinds of the rows that were sent; their settings are in the data."""
    return (What(kind=data.get(f"{WHAT}-{place}-kind", "")[:40]) for place in range(rows(data, WHAT)))


def _source(place: int, one: What, data: QueryDict | None) -> SourceForm:
    return SourceForm(data, prefix=f"{WHAT}-{place}", source=sources()[one.kind], one=one)


def _of_rows(data: QueryDict | None, kind: str, known: Sequence[object], blank: object) -> list:  # type: ignore[type-arg]
    if data is None:
        return list(known)
    names = {getattr(one, "name", ""): one for one in known}
    return [names.get(_called(data, f"{kind}-{place}"), blank) for place in range(rows(data, kind))]


def _called(data: QueryDict, row: str) -> str:
    """Return what a row was called before, as far as it says."""
    return data.get(f"{row}-was", "") or data.get(f"{row}-name", "")


def _row_field(rest: Sequence[str]) -> str:
    if rest[:1] == ["settings"]:
        return f"s_{rest[1]}" if len(rest) > 1 else ""
    return {"is": "is_"}.get(rest[0], rest[0]) if rest else ""
