"""The form of a monitor: what its kind needs, and the rest under "More"."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django import forms
from django.forms import BoundField

from vedette.core.errors import Invalid
from vedette.instruments.probe.assertions import reading
from vedette.instruments.probe.journey.options import EXAMPLE
from vedette.instruments.probe.types import Family, Probe, Request
from vedette.monitors import requesting, spelling
from vedette.monitors.forms import options
from vedette.monitors.forms.locations import places_field, places_of
from vedette.monitors.locations.types import Location
from vedette.monitors.types import (
    HEARTBEAT,
    Config,
    Cron,
    Every,
    Monitor,
    MonitorDraft,
    Objective,
    OnCalendar,
    Rhythm,
    Schedule,
    Tolerance,
)
from vedette.projects.types import Project

_WORD = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
_TARGETS = {
    "http": "https://shop.example/health", "tcp": "tcp://db-1.example:5432", "tls": "tls://shop.example",
    "dns": "dns://shop.example?type=A", "icmp": "icmp://gw.example", "smtp": "smtp://mail.example", "imap": "imap://mail.example",
    "ssh": "ssh://host.example", "websocket": "wss://shop.example/live", "grpc": "grpcs://api.example",
    "postgres": "postgres://db.example/shop", "mysql": "mysql://db.example/shop", "redis": "rediss://cache.example/0",
    "rabbitmq": "amqps://queue.example/", "nats": "nats://post.example", "mongodb": "mongodb://db.example",
    "docker": "docker://engine.example:2376", "sqlite": "sqlite:///srv/shop.db", "multi": "multi://buy",
    "journey": "journey://buy",
}  # fmt: skip
_FIRST = {
    "http": ("method", "status"),
    "dns": ("type", "values", "match"),
    "tcp": ("banner",),
    "journey": ("script", "variables", "secrets"),
}
_BEGINS: Mapping[str, Mapping[str, object]] = {
    "journey": {"url": "journey://buy", "deadline": "30 s", options.SCRIPT: EXAMPLE}
}
_MORE = (
    "slow",
    "failures",
    "successes",
    "slow_after",
    "retry",
    "parents",
    "objective",
    "days",
    "locations",
    "agree",
    "canary",
)
_NAMED = {
    "rhythm": "schedule",
    "tolerance": "failures",
    "request": "url",
    "request.name_server": "name_server",
}
_SCHEDULES = [
    ("every", "Every so often"),
    ("cron", "Cron"),
    ("oncalendar", "OnCalendar, as systemd's timers"),
]


class MonitorForm(forms.Form):
    """A monitor of one kind. `before` is the one that is changed; `held` names the secrets that are kept for it."""

    name = forms.CharField(label="Name", max_length=120)
    tags = forms.CharField(
        label="Tags",
        required=False,
        max_length=700,
        widget=forms.TextInput(attrs=_WORD),
        help_text="Words, parted by spaces.",
    )
    slow = forms.FloatField(
        label="Slow from, in ms", required=False, help_text="What takes longer is slow, not down."
    )
    failures = forms.IntegerField(label="Down after so many failures in a row", required=False)
    successes = forms.IntegerField(label="Up after so many successes in a row", required=False)
    slow_after = forms.IntegerField(label="Slow after so many slow checks in a row", required=False)
    retry = forms.CharField(label="Checked again after a failure in", required=False, max_length=40)
    parents = forms.CharField(
        label="Depends on", required=False, max_length=700, widget=forms.TextInput(attrs=_WORD),
        help_text="Slugs or ids, parted by spaces. While one of them is down, nobody is told of this one.",
    )  # fmt: skip
    objective = forms.FloatField(
        label="Objective, in percent",
        required=False,
        help_text="99.9: what may be missed of it is its error budget.",
    )
    days = forms.IntegerField(label="of so many days", required=False)
    agree = forms.IntegerField(label="Locations that must find it down", required=False)
    canary = forms.BooleanField(
        label="It is there whenever the Internet is", required=False,
        help_text="When all monitors marked so fail, Vedette itself is offline, and no other failure counts.",
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        projects: Sequence[Project],
        before: Monitor | None = None,
        data: Mapping[str, Any] | None = None,
        held: Sequence[str] = (),
        *,
        parents: str = "",
        start: Mapping[str, object] | None = None,
        places: Sequence[Location] = (),
    ) -> None:
        self.kind, self.before, self.held = kind, before, held
        self.probe: Probe | None = None if kind == HEARTBEAT else requesting.probe_of(kind)
        config = before.config if before else Config(tags=())
        asked = self._asked(config)
        first = {**_initial(kind, before, config, asked), "parents": parents, **(start or {})}
        if self.probe is not None:
            first |= options.initial(self.probe.options, asked.options)
        if before is None:
            first |= {**_BEGINS.get(kind, {}), **(start or {})}
        super().__init__(data, initial=first)
        self._add(projects)
        if self.probe is not None and (places or config.locations):
            self.fields["locations"] = places_field(places, config)

    def _asked(self, config: Config) -> Request:
        if self.probe is None or self.before is None:
            return Request(url="")
        return requesting.read(config.request)

    def _add(self, projects: Sequence[Project]) -> None:
        """Add the fields of the kind."""
        made: dict[str, forms.Field] = {}
        if self.before is None:
            choices = [*((str(one.id), one.name) for one in projects), ("0", "None")]
            made["project"] = forms.ChoiceField(label="Project", choices=choices)
        made |= _heard_fields() if self.probe is None else _checked_fields(self.kind)
        if self.probe is not None:
            made |= options.fields_of(self.probe.options, self.probe.secrets, self.held)
        if self.held:
            made["forget"] = forms.BooleanField(label="Forget the secrets that are kept", required=False)
        self.fields.update(made)
        if options.SCRIPT in made:
            made[options.SCRIPT].required = True

    @property
    def first(self) -> list[BoundField]:
        """Return the fields that every monitor of the kind wants filled in."""
        named = [
            "name",
            "project",
            "url",
            *(options.PREFIX + name for name in _FIRST.get(self.kind, ())),
            "expect",
            "interval",
        ]
        return [self[name] for name in named if name in self.fields]

    @property
    def settings(self) -> list[BoundField]:
        """Return the other options of the probe, and how its target is reached."""
        taken = {options.PREFIX + name for name in _FIRST.get(self.kind, ())}
        own = [name for name in self.fields if name.startswith(options.PREFIX) and name not in taken]
        return [
            self[name]
            for name in (*own, "deadline", "family", "name_server", "forget")
            if name in self.fields
        ]

    @property
    def rhythm(self) -> list[BoundField]:
        """Return the fields of a heartbeat's schedule."""
        return [
            self[name]
            for name in ("schedule", "every", "expression", "zone", "grace", "longest")
            if name in self.fields
        ]

    @property
    def more(self) -> list[BoundField]:
        """Return what most monitors leave as it is."""
        left_out = {"slow", "slow_after", "retry", "canary"} if self.probe is None else set()
        if "locations" not in self.fields:
            left_out |= {"locations", "agree"}
        return [self["tags"], *(self[name] for name in _MORE if name not in left_out)]

    @property
    def opens(self) -> frozenset[str]:
        """Tell which folded parts hold something wrong, or something that is not as usual."""
        wrong = set(self.errors) if self.is_bound else set()
        parts = {"settings": self.settings, "more": self.more}
        return frozenset(
            part
            for part, fields in parts.items()
            if any(one.name in wrong or (self.before and _is_set(one)) for one in fields)
        )

    def clean_expect(self) -> tuple[str, ...]:
        """Return the assertions, one a line; what is wrong points at its line."""
        wrong, found = [], []
        for number, line in enumerate(self.cleaned_data["expect"].splitlines(), 1):
            if not line.strip():
                continue
            try:
                reading.read(line.strip())
            except Invalid as error:
                wrong.append(f"Line {number}: {error}")
            found.append(line.strip())
        if wrong:
            raise forms.ValidationError(wrong)
        return tuple(found)

    def clean(self) -> dict[str, Any]:
        """Read the lengths of time."""
        for name in ("interval", "deadline", "every", "grace", "longest", "retry"):
            text = self.cleaned_data.get(name)
            if not text or name in self.errors:
                continue
            found = spelling.seconds(str(text))
            if found is None:
                self.add_error(name, "Write a length of time like 30 s, 5 min, 1 h 30 min or 1 d.")
            self.cleaned_data[name] = found
        return self.cleaned_data

    def project(self) -> int:
        """Return the id of the project that was chosen, 0 for none."""
        return self.before.project if self.before else int(self.cleaned_data.get("project") or 0)

    def draft(self, parents: Sequence[int], secrets: Mapping[str, str]) -> MonitorDraft:
        """Return the monitor that was filled in; `secrets` are those that are kept. Raises `Invalid` naming wrong fields."""
        given = self.cleaned_data
        config = msgspec.structs.replace(
            self.before.config if self.before else Config(),
            tags=tuple(dict.fromkeys(given["tags"].lower().split())), parents=tuple(parents), slow=given["slow"],
            tolerance=self._tolerance(), objective=self._objective(), agree=given["agree"] or 1, canary=given["canary"],
            locations=places_of(given, self.before.config if self.before else Config()),
        )  # fmt: skip
        if self.probe is None:
            return MonitorDraft(
                name=given["name"],
                kind=self.kind,
                config=msgspec.structs.replace(config, rhythm=self._rhythm()),
            )
        asked = Request(
            url=given["url"].strip(), deadline=given["deadline"] or Request(url="").deadline, expect=given["expect"],
            family=Family(given["family"]), name_server=given["name_server"].strip(), pins=self._asked(config).pins,
            options=options.given(self.probe.options, given),
        )  # fmt: skip
        bare, fresh = requesting.split(self.kind, asked)
        self._same_host(bare, fresh)
        config = msgspec.structs.replace(
            config, request=requesting.written(bare), interval=given["interval"] or 60.0
        )
        return MonitorDraft(
            name=given["name"], kind=self.kind, config=config, secrets={**self._kept(secrets), **fresh}
        )

    def _same_host(self, request: Request, fresh: Mapping[str, str]) -> None:
        """Raise `Invalid` when secrets that are kept would go to another host than they were entered for."""
        if self.before and set(self.held) - set(fresh) and not self.cleaned_data.get("forget"):
            requesting.refuse_elsewhere(requesting.read(self.before.config.request), request)

    def _kept(self, secrets: Mapping[str, str]) -> Mapping[str, str]:
        return {} if self.cleaned_data.get("forget") else secrets

    def blame(self, error: Invalid) -> None:
        """Put what is wrong onto the fields it names, or above the form."""
        for name, text in error.fields.items() or [("", str(error))]:
            field = _NAMED.get(name, name.removeprefix("request.").replace("options.", options.PREFIX))
            said = text if " " in text else str(error)
            self.add_error(field if field in self.fields else None, said)

    def schedule_of(self) -> Schedule:
        """Return the schedule of a heartbeat as it is filled in."""
        given, kind = self.cleaned_data, self.cleaned_data.get("schedule")
        if kind == "every":
            return Every(seconds=given.get("every") or 0.0)
        zone = given.get("zone") or "UTC"
        made = Cron if kind == "cron" else OnCalendar
        return made(expression=(given.get("expression") or "").strip(), zone=zone)

    def _rhythm(self) -> Rhythm:
        given = self.cleaned_data
        return Rhythm(schedule=self.schedule_of(), grace=given["grace"], longest=given["longest"] or None)

    def _tolerance(self) -> Tolerance | None:
        """Return how much is borne; None where everything was left as it is usual."""
        given = self.cleaned_data
        named = {"failures": "failures", "successes": "successes", "slow": "slow_after", "retry": "retry"}
        filled = {
            name: given[field]
            for name, field in named.items()
            if given.get(field) is not None and given.get(field) != ""
        }
        if not filled:
            return None
        usual = _usual(self.kind)
        kept = self.before.config.tolerance if self.before else None
        return msgspec.structs.replace(usual, window=(kept or usual).window, **filled)

    def _objective(self) -> Objective | None:
        given = self.cleaned_data
        if given["objective"] is None:
            return None
        return Objective(target=round(given["objective"] / 100, 8), days=given["days"] or 30)


def _checked_fields(kind: str) -> dict[str, forms.Field]:
    lines = forms.Textarea(attrs={"rows": 3, **_WORD})
    families = [
        (Family.ANY.value, "Whichever answers"),
        (Family.IPV4.value, "IPv4 alone"),
        (Family.IPV6.value, "IPv6 alone"),
    ]
    target = forms.TextInput(attrs={**_WORD, "placeholder": _TARGETS.get(kind, ""), "inputmode": "url"})
    return {
        "url": forms.CharField(label="Target", max_length=8_192, widget=target),
        "expect": forms.CharField(
            label="Expects", required=False, max_length=65_536, widget=lines, strip=False,
            help_text='Assertions, one a line: [STATUS] == 200, [BODY].status == "ok", [RESPONSE_TIME] < 500.',
        ),
        "interval": forms.CharField(label="Checked every", max_length=40),
        "deadline": forms.CharField(label="Must be done within", max_length=40),
        "family": forms.ChoiceField(label="Addresses", choices=families),
        "name_server": forms.CharField(label="Name server to ask", required=False, max_length=80, widget=forms.TextInput(attrs=_WORD),
                                       help_text="The system's, when left empty."),
    }  # fmt: skip


def _heard_fields() -> dict[str, forms.Field]:
    lines = forms.Textarea(attrs={"rows": 2, **_WORD})
    return {
        "schedule": forms.ChoiceField(label="It runs", choices=_SCHEDULES),
        "every": forms.CharField(label="Every", required=False, max_length=40, help_text="For “every so often”: 15 min, 1 h, 1 d."),
        "expression": forms.CharField(label="Expression", required=False, max_length=2_000, widget=lines,
                                      help_text="For cron and OnCalendar: 0 4 * * *, or Mon..Fri 04:00."),
        "zone": forms.CharField(label="Time zone", required=False, max_length=64, widget=forms.TextInput(attrs=_WORD)),
        "grace": forms.CharField(label="Grace", max_length=40, help_text="So much later it is missed."),
        "longest": forms.CharField(label="A run takes at most", required=False, max_length=40, help_text="The grace, when left empty."),
    }  # fmt: skip


def _initial(kind: str, before: Monitor | None, config: Config, asked: Request) -> dict[str, object]:
    rules, aim = config.tolerance, config.objective
    found: dict[str, object] = {
        "name": before.name if before else "", "tags": " ".join(config.tags), "slow": config.slow,
        "objective": None if aim is None else round(aim.target * 100, 6), "days": aim.days if aim else None,
        "agree": config.agree if config.agree > 1 else None, "canary": config.canary,
    }  # fmt: skip
    if rules is not None:
        found |= {
            "failures": rules.failures,
            "successes": rules.successes,
            "slow_after": rules.slow,
            "retry": spelling.spelled(rules.retry),
        }
    return found | (_heard(config.rhythm) if kind == HEARTBEAT else {
        "url": asked.url, "expect": "\n".join(asked.expect), "interval": spelling.spelled(config.interval),
        "deadline": spelling.spelled(asked.deadline), "family": asked.family.value, "name_server": asked.name_server,
    })  # fmt: skip


def _heard(rules: Rhythm | None) -> dict[str, object]:
    if rules is None:
        return {"schedule": "every", "every": "1 d", "grace": "1 h"}
    found: dict[str, object] = {
        "grace": spelling.spelled(rules.grace),
        "longest": spelling.spelled(rules.longest) if rules.longest else "",
    }
    schedule = rules.schedule
    if isinstance(schedule, Every):
        return {**found, "schedule": "every", "every": spelling.spelled(schedule.seconds)}
    kind = "cron" if isinstance(schedule, Cron) else "oncalendar"
    return {**found, "schedule": kind, "expression": schedule.expression, "zone": schedule.zone}


def _usual(kind: str) -> Tolerance:
    return Tolerance(failures=1) if kind == HEARTBEAT else Tolerance()


def _is_set(one: BoundField) -> bool:
    return one.name in _MORE and bool(one.value())
