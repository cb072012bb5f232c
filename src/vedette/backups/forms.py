"""The forms of a plan: what is saved, where it is kept, when, how long, and how it is proven; each source and copy is a row."""

import shlex
from collections.abc import Iterable, Mapping, Sequence

from django import forms

from vedette.backups import fields
from vedette.backups.fields import Setting, Shape
from vedette.core.errors import Invalid
from vedette.instruments.backup.types import Engine, Source
from vedette.projects import service as projects
from vedette.wire.backup import Assertion, Copy, Drills, Goals, Hook, Keep, Limits, Plan, Schedule, What

PLAIN = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
HOUR, DAY, MEGA = 3_600.0, 86_400.0, 1_000_000
_SEEN = 2
AGES = ("last", "hourly", "daily", "weekly", "monthly", "yearly")
_COMPARES = [(one, one) for one in (">=", ">", "=", "!=", "<", "<=")]
_SNAPSHOTS = (("", "none: read what is there"), ("lvm", "LVM"), ("btrfs", "Btrfs"), ("zfs", "ZFS"))


def text(label: str, *, required: bool = True, help_text: str = "", most: int = 1_000) -> forms.CharField:
    """Return a field of one line."""
    one = forms.TextInput(attrs=PLAIN)
    return forms.CharField(label=label, required=required, max_length=most, help_text=help_text, widget=one)


def lines(label: str, *, required: bool = False, help_text: str = "", rows: int = 2) -> forms.CharField:
    """Return a field of several lines."""
    area = forms.Textarea(attrs={"rows": rows, **PLAIN})
    return forms.CharField(
        label=label, required=required, max_length=20_000, strip=False, help_text=help_text, widget=area
    )


def _number(label: str, least: float = 0, most: float = 1e9, help_text: str = "") -> forms.FloatField:
    any_step = forms.NumberInput(attrs={"step": "any"})
    return forms.FloatField(
        label=label, min_value=least, max_value=most, help_text=help_text, widget=any_step
    )


def _whole(label: str, most: int = 10_000, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=most, help_text=help_text)


class PlanForm(forms.Form):
    """A plan but for its sources, copies and assertions."""

    name = text("Name", help_text="Small letters, digits and -: shop, mail-archive.", most=60)
    project = forms.TypedChoiceField(label="Project", coerce=int, required=False)
    cron = text("Backups, as cron", help_text="17 2 * * * is each night at 02:17.", most=100)
    zone = text("Time zone", help_text="As in Europe/Berlin.", most=64)
    jitter = _number("Spread by up to, minutes", most=1_440)
    catch_up = forms.BooleanField(label="Catch up what was missed while the host was down", required=False)
    last = _whole("Last")
    hourly = _whole("Hourly")
    daily = _whole("Daily")
    weekly = _whole("Weekly")
    monthly = _whole("Monthly")
    yearly = _whole("Yearly")
    drills = text(
        "Drills, as cron",
        required=False,
        help_text="43 4 * * 0 is each Sunday at 04:43; one follows each change of the plan, too.",
        most=100,
    )
    sample = _number("Restore at most, MB a drill", help_text="0 is all of it.")
    whole_days = _whole("All of it within, days", 366)
    rpo = _number("Lose at most, hours", 0.01, 8_784)
    rto = _number("Be back within, minutes", 0.01, 527_040)
    proven = _number("Proven no longer ago than, days", 0.01, 366)
    shrink = _number("Fails when smaller by more than, %", 0.1, 100)
    upload = _number("Upload at most, MB a second", help_text="0 is no limit.")
    nice = _whole("Priority", 19, "0 is as any program, 19 gives way to all.")
    idle_io = forms.BooleanField(label="Use the disk only while nobody else does", required=False)
    hours = _number("Ends after, hours", 0.01, 168)
    snapshot = forms.ChoiceField(label="Snapshot first", choices=_SNAPSHOTS, required=False)
    before = lines(
        "Run before",
        help_text="Whole paths of programs with their words, one a line. Its host must allow them: agent.toml, [backup] programs.",
    )
    after = lines("Run after", help_text="These run whatever happened.")
    host = text(
        "Prove it on",
        required=False,
        help_text="The name of another host, which is told the passwords of copies it can reach; empty is the same host.",
        most=255,
    )

    groups = (
        ("When", ("cron", "zone"), False),
        ("How many are kept of each age", AGES, False),
        ("What you promise yourselves", ("rpo", "rto", "proven"), False),
        ("How it is proven", ("drills", "sample", "whole_days", "host", "shrink"), True),
        ("What a run may use", ("upload", "nice", "hours", "jitter", "idle_io", "catch_up"), True),
        ("Around it", ("snapshot", "before", "after"), True),
    )

    def __init__(self, data: object = None, *, plan: Plan, project: int = 0) -> None:
        super().__init__(data, initial=_initial(plan, project))  # type: ignore[arg-type]  # a QueryDict, or None
        self._hooks = {hook.run: hook for hook in (*plan.before, *plan.after)}
        chosen = self.fields["project"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = [(0, "none"), *((each.id, each.name) for each in projects.projects())]

    def clean_before(self) -> tuple[Hook, ...]:
        """Return the programs that run before."""
        return self._programs("before")

    def clean_after(self) -> tuple[Hook, ...]:
        """Return the programs that run after."""
        return self._programs("after")

    def _programs(self, name: str) -> tuple[Hook, ...]:
        """Return programs, one a line; one that was there keeps its time-out."""
        runs = [_words(line) for line in self.cleaned_data[name].splitlines() if line.strip()]
        return tuple(self._hooks.get(run, Hook(run=run)) for run in runs)

    def grouped(self) -> Iterable[tuple[str, list[forms.BoundField], bool, bool]]:
        """Yield the fields under their headings, whether they are folded, and whether they are open because one is wrong."""
        for title, names, folded in self.groups:
            found = [self[name] for name in names]
            yield title, found, folded, self.is_bound and any(field.errors for field in found)

    def plan(
        self, what: Sequence[What], copies: Sequence[Copy], asserts: Sequence[Assertion], enabled: bool
    ) -> Plan:
        """Return what was written as a plan; units of the wire are seconds and bytes."""
        said = self.cleaned_data
        return Plan(
            name=said["name"], what=tuple(what), copies=tuple(copies), enabled=enabled, snapshot=said["snapshot"], shrink=said["shrink"] / 100,
            schedule=Schedule(cron=said["cron"], zone=said["zone"], jitter=said["jitter"] * 60, catch_up=said["catch_up"]),
            keep=Keep(**{age: said[age] for age in AGES}), before=said["before"], after=said["after"],
            limits=Limits(upload=round(said["upload"] * MEGA), nice=said["nice"], idle_io=said["idle_io"], seconds=said["hours"] * HOUR),
            drills=Drills(cron=said["drills"], sample=round(said["sample"] * MEGA), whole_days=said["whole_days"], host=said["host"], asserts=tuple(asserts)),
            goals=Goals(rpo=said["rpo"] * HOUR, rto=said["rto"] * 60, proven=said["proven"] * DAY),
        )  # fmt: skip


class SourceForm(forms.Form):
    """One thing that is saved; its settings are those that its source declares."""

    kind = forms.CharField(widget=forms.HiddenInput, max_length=40)
    name = text("Name", required=False, help_text="Tells two of one kind apart.", most=60)

    def __init__(self, data: object = None, *, prefix: str, source: Source, one: What) -> None:
        self.source, self.settings = source, fields.of(source.settings)
        initial: dict[str, object] = {"kind": source.kind, "name": one.name}
        initial |= {
            f"s_{each.name}": fields.written(each, one.settings.get(each.name, each.without))
            for each in self.settings
        }
        super().__init__(data, prefix=prefix, initial=initial)  # type: ignore[arg-type]  # a QueryDict, or None
        for each in self.settings:
            self.fields[f"s_{each.name}"] = _field(each)

    @property
    def first(self) -> list[forms.BoundField]:
        """Return the fields that are always seen: those that must be there, and the first two."""
        seen = [
            f"s_{each.name}" for place, each in enumerate(self.settings) if each.required or place < _SEEN
        ]
        return [self[name] for name in ("name", *seen)]

    @property
    def rest(self) -> list[forms.BoundField]:
        """Return the other fields."""
        names = {field.name for field in self.first}
        return [field for field in self.visible_fields() if field.name not in names]

    @property
    def is_open(self) -> bool:
        """Tell whether one of the other fields wants to be seen: it is wrong."""
        return self.is_bound and any(field.errors for field in self.rest)

    def clean(self) -> dict[str, object]:
        """Read the settings."""
        said = super().clean() or {}
        for each in self.settings:
            try:
                said[f"s_{each.name}"] = fields.read(each, said.get(f"s_{each.name}"))
            except Invalid as error:
                self.add_error(f"s_{each.name}", str(error))
        return said

    def what(self) -> What:
        """Return what was written."""
        said = self.cleaned_data
        values = {each.name: said[f"s_{each.name}"] for each in self.settings}
        return What(kind=self.source.kind, name=said["name"], settings=fields.changed(self.settings, values))


class CopyForm(forms.Form):
    """One place where it is kept; secrets are taken and never shown again."""

    was = forms.CharField(
        widget=forms.HiddenInput, required=False, max_length=60
    )  # its name before: that of its secrets
    engine = forms.ChoiceField(label="Engine")
    name = text("Name", help_text="What you call this place: disk, box.", most=60)
    at = text("Where", help_text="A whole path, or an address as the engine takes it.")
    offsite = forms.BooleanField(label="It is in another place than the host", required=False)

    def __init__(self, data: object = None, *, prefix: str, engines: Mapping[str, Engine], one: Copy) -> None:
        posted = data.get(f"{prefix}-engine") if isinstance(data, Mapping) else None
        self.kept_by = engines.get(str(posted or one.engine))
        initial: dict[str, object] = {
            "was": one.name,
            "engine": one.engine,
            "name": one.name,
            "at": one.at,
            "offsite": one.offsite,
        }
        initial |= {f"s_{name}": _shown(value) for name, value in one.settings.items()}
        super().__init__(data, prefix=prefix, initial=initial)  # type: ignore[arg-type]  # a QueryDict, or None
        self.known = frozenset(one.secrets)
        self._offer(engines)

    def _take_password(self) -> None:
        self.fields["k_password"] = forms.CharField(
            label="Password of a repository that exists", required=False, max_length=4_000, strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), help_text="Empty: one is made, and sealed here.",
        )  # fmt: skip

    def _offer(self, engines: Mapping[str, Engine]) -> None:
        chosen = self.fields["engine"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = [(each.kind, each.label) for each in engines.values()]
        self._take_password()
        if self.kept_by is None:
            return
        for name, sentence in self.kept_by.settings.items():
            self.fields[f"s_{name}"] = text(_label(name), required=False, help_text=sentence)
        for name, sentence in self.kept_by.secrets.items():
            kept = " Leave it empty to keep the one there is." if name in self.known else ""
            given = forms.PasswordInput(attrs={"autocomplete": "new-password"})
            self.fields[f"k_{name}"] = forms.CharField(
                label=_label(name),
                required=False,
                max_length=4_000,
                help_text=f"{sentence}{kept}",
                widget=given,
                strip=False,
            )

    @property
    def first(self) -> list[forms.BoundField]:
        """Return the fields that are always seen."""
        return [self[name] for name in ("engine", "name", "at", "offsite")]

    @property
    def rest(self) -> list[forms.BoundField]:
        """Return what the engine needs besides: its secrets and settings."""
        return [field for field in self.visible_fields() if field.name.startswith(("k_", "s_"))]

    @property
    def is_open(self) -> bool:
        """Tell whether one of the other fields wants to be seen: it is wrong."""
        return self.is_bound and any(field.errors for field in self.rest)

    def copy(self) -> Copy:
        """Return what was written, without the values of secrets."""
        said = self.cleaned_data
        settings = {
            name: _value(text)
            for name in (self.kept_by.settings if self.kept_by else ())
            if (text := said.get(f"s_{name}", ""))
        }
        named = sorted(self.known | set(self.secrets())) if self.kept_by else ()
        return Copy(
            name=said["name"], engine=said["engine"], at=said["at"], offsite=said["offsite"], settings=settings,
            secrets=tuple(name for name in named if self.kept_by and name in self.kept_by.secrets),
        )  # fmt: skip

    def secrets(self) -> dict[str, str]:
        """Return the secrets that were given, by name."""
        names = ("password", *(self.kept_by.secrets if self.kept_by else ()))
        return {name: text for name in names if (text := self.cleaned_data.get(f"k_{name}", ""))}


class AssertForm(forms.Form):
    """Something a drill asks of what came back: SQL with one value, or a program."""

    name = text("What it shows", help_text="As in: the orders of yesterday are there.", most=100)
    sql = lines("SQL with one value", help_text="As in: select count(*) from orders")
    database = text("Database", required=False, most=100)
    is_ = forms.ChoiceField(label="Is", choices=_COMPARES)
    value = text("Value", required=False, most=200)
    run = text(
        "Or a program",
        required=False,
        help_text="Its whole path with its words; it passes when it ends with 0.",
    )

    def __init__(self, data: object = None, *, prefix: str, one: Assertion) -> None:
        initial = {
            "name": one.name,
            "sql": one.sql,
            "database": one.database,
            "is_": one.is_,
            "value": one.value,
            "run": shlex.join(one.run),
        }
        super().__init__(data, prefix=prefix, initial=initial)  # type: ignore[arg-type]  # a QueryDict, or None

    def clean_run(self) -> tuple[str, ...]:
        """Return the program as its words."""
        return _words(self.cleaned_data["run"])

    def assertion(self) -> Assertion:
        """Return what was written."""
        said = self.cleaned_data
        return Assertion(
            name=said["name"], sql=said["sql"].strip(), database=said["database"], is_=said["is_"], value=said["value"], run=said["run"],
        )  # fmt: skip


def _initial(plan: Plan, project: int) -> dict[str, object]:
    drills, goals, limits, schedule = plan.drills, plan.goals, plan.limits, plan.schedule
    return {
        "name": plan.name, "project": project, "cron": schedule.cron, "zone": schedule.zone, "jitter": _neat(schedule.jitter / 60),
        "catch_up": schedule.catch_up, **{age: getattr(plan.keep, age) for age in AGES}, "drills": drills.cron, "sample": _neat(drills.sample / MEGA),
        "whole_days": drills.whole_days, "host": drills.host, "rpo": _neat(goals.rpo / HOUR), "rto": _neat(goals.rto / 60),
        "proven": _neat(goals.proven / DAY), "shrink": _neat(plan.shrink * 100), "upload": _neat(limits.upload / MEGA), "nice": limits.nice,
        "idle_io": limits.idle_io, "hours": _neat(limits.seconds / HOUR), "snapshot": plan.snapshot, "before": _written(plan.before), "after": _written(plan.after),
    }  # fmt: skip


def _field(setting: Setting) -> forms.Field:
    if setting.shape is Shape.SWITCH:
        return forms.BooleanField(label=setting.label, required=False)
    if setting.shape is Shape.CHOICE:
        return forms.ChoiceField(
            label=setting.label, choices=[(one, one) for one in setting.choices], required=setting.required
        )
    if setting.shape is Shape.LINES:
        return lines(setting.label, required=setting.required, help_text="One a line.")
    return text(setting.label, required=setting.required)


def _words(line: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(line))
    except ValueError:
        raise forms.ValidationError(f"{line[:60]!r} has a quote that does not end.") from None


def _written(hooks: Iterable[Hook]) -> str:
    return "\n".join(shlex.join(hook.run) for hook in hooks)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _neat(value: float) -> float | int:
    return int(value) if float(value).is_integer() else round(value, 4)


def _shown(value: object) -> str:
    return "yes" if value is True else "no" if value is False else str(value)


def _value(text: str) -> object:
    if text.lower() in {"yes", "true", "no", "false"}:
        return text.lower() in {"yes", "true"}
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else text
