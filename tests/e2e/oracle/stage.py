"""Plays scenarios to Alertmanager and Vedette at once, all of them together, and returns what each told.

Scenarios are told apart by a label of their name, which their routes, silences and inhibitions ask for.
"""

import datetime as dt
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
from tests.e2e.oracle.scenarios import NEVER, WAIT, Fire, Resolve, Scenario, Silence, Step
from tests.support.alertmanager import alertmanager, ask, install_routing, post
from tests.support.receiver import Receiver
from tests.support.server import Vedette

from vedette.alerts import matching
from vedette.alerts.alertmanager import config
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.matching import Matcher, Operator
from vedette.alerts.routing import DEFAULT_RECEIVER, Route
from vedette.alerts.types import Routing

Told = dict[tuple[str, str], list[Any]]  # by receiver and group, in order


class Stage:
    """A Vedette whose channels lead to a receiver of ours, and an Alertmanager beside it for each play."""

    def __init__(self, server: Vedette, folder: Path, beat: float) -> None:
        self.server, self.folder, self.beat = server, folder, beat
        self.ours, self.theirs = Receiver(), Receiver()
        self._plays = 0

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()

    def play(self, scenarios: Sequence[Scenario]) -> dict[str, tuple[Told, Told]]:
        """Play scenarios; return for each what Alertmanager told and what Vedette told."""
        text = self._prepare(scenarios)
        with alertmanager(self.folder / str(self._plays), text) as url:
            self._act(scenarios, url)
        return self._told(scenarios)

    def restart(self, each: Scenario, after: Step) -> tuple[Told, Told]:
        """Play a scenario, restart both on what they kept, take a step; return what each told after the restart."""
        text = self._prepare([each])
        folder = self.folder / str(self._plays)
        with alertmanager(folder, text) as url:
            self._act([each], url)
        self.server.stop()
        self._forget()
        self.server.start()
        with alertmanager(folder, text) as url:
            self._act([msgspec.structs.replace(each, steps=(after,))], url)
        return self._told([each])[each.name]

    def _prepare(self, scenarios: Sequence[Scenario]) -> str:
        """Put the routes of scenarios in force in Vedette; return them as Alertmanager's configuration."""
        self._plays += 1
        assert self.server.token, "made before the play: a command takes its second"
        assert self.server.project
        self._forget()
        table = routing(scenarios, self.beat)
        names = [name for name in config.receivers(table) if name != DEFAULT_RECEIVER]
        install_routing(self.server, table, dict.fromkeys(names, self.ours.url))
        return with_hooks(config.original(table), names, self.theirs.url)

    def _forget(self) -> None:
        self.ours.told.clear()
        self.theirs.told.clear()

    def _told(self, scenarios: Sequence[Scenario]) -> dict[str, tuple[Told, Told]]:
        theirs, ours = by_scenario(self.theirs), by_scenario(self.ours)
        return {each.name: (theirs.get(each.name, {}), ours.get(each.name, {})) for each in scenarios}

    def _act(self, scenarios: Sequence[Scenario], url: str) -> None:
        steps = sorted(
            ((step.at, each, step) for each in scenarios for step in each.steps), key=lambda s: s[0]
        )
        began = time.time()
        for at in sorted({at for at, _, _ in steps}):
            wait_until(began + at * self.beat)
            self._steps([(each, step) for when, each, step in steps if when == at], url)
            late = time.time() - began - at * self.beat
            assert late < 0.25 * self.beat, f"steps took {late:.2f} s: too long to say who looked before them"
        last = max(at for at, _, _ in steps)
        wait_until(began + (last + 2.9) * self.beat)

    def _steps(self, steps: Iterable[tuple[Scenario, Step]], url: str) -> None:
        now, alerts = time.time(), []
        for each, step in steps:
            if not isinstance(step, Silence):
                alerts += [self._alert(each, step, text, now) for text in step.alerts]
        if alerts:
            post(url, alerts)
            post(self.server.url, alerts, self.server.project.key)
        with ThreadPoolExecutor(4) as pool:
            silences = [(each, step) for each, step in steps if isinstance(step, Silence)]
            list(pool.map(lambda pair: self._silence(*pair, url), silences))

    def _alert(self, each: Scenario, step: Fire | Resolve, text: str, now: float) -> dict[str, Any]:
        labels, _, told = text.partition(";")
        body = {"labels": {**pairs(labels), "scenario": each.name}, "annotations": pairs(told)}
        if isinstance(step, Resolve):
            return {**body, "endsAt": iso(now - 0.01)}
        ends = {"endsAt": iso(now + step.lasts * self.beat)} if step.lasts < NEVER else {}
        return {**body, **ends, "startsAt": iso(now)}

    def _silence(self, each: Scenario, step: Silence, url: str) -> None:
        now = time.time()
        matchers = (*matching.parse(step.matchers), *of(each))
        body = {
            "matchers": [
                {"name": m.name, "value": m.value, "isRegex": "~" in m.op.value, "isEqual": "!" not in m.op.value}
                for m in matchers
            ],
            "startsAt": iso(now + step.after * self.beat),
            "endsAt": iso(now + (step.after + step.lasts) * self.beat),
            "createdBy": "the test",
            "comment": each.name,
        }  # fmt: skip
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.server.token}"}
        for to in (url, self.server.url):
            status, answer = ask(to, "POST", "/api/v2/silences", json.dumps(body).encode(), headers)
            assert status == 200, (to, answer)


def routing(scenarios: Sequence[Scenario], beat: float) -> Routing:
    """Return one tree that holds those of all scenarios, its times in seconds."""
    root = Route(
        receiver=DEFAULT_RECEIVER,
        group_by=("alertname",),
        group_wait=WAIT * beat,
        group_interval=beat,
        repeat_interval=3_600.0,
        routes=tuple(_route(each.tree, beat, each.name, of(each)) for each in scenarios),
    )
    inhibitions = tuple(
        Inhibition(source=(*rule.source, *of(each)), target=(*rule.target, *of(each)), equal=rule.equal)
        for each in scenarios
        for rule in each.inhibitions
    )
    return Routing(tree=root, inhibitions=inhibitions, source="hand")


def of(scenario: Scenario) -> tuple[Matcher, ...]:
    """Return the condition that an alert is of a scenario."""
    return (Matcher("scenario", Operator.EQUAL, scenario.name),)


def _route(route: Route, beat: float, name: str, more: tuple[Matcher, ...] = ()) -> Route:
    """Return a route of a scenario: its receivers are its own, for a channel is told ten notices a minute one by one."""
    return msgspec.structs.replace(
        route,
        receiver=None if route.receiver is None else f"{route.receiver} {name}",
        matchers=(*route.matchers, *more),
        send_resolved=None if route.receiver is None else not route.receiver.startswith("q"),
        repeat_interval=None if route.repeat_interval is None else route.repeat_interval * beat,
        routes=tuple(_route(child, beat, name) for child in route.routes),
    )


def with_hooks(text: str, names: Iterable[str], url: str) -> str:
    """Return a configuration whose receivers lead to a webhook."""
    for name in names:
        resolved = "false" if name.startswith("q") else "true"
        hook = f"  webhook_configs: [{{url: {url}, send_resolved: {resolved}}}]"
        text = text.replace(f'- name: "{name}"\n', f'- name: "{name}"\n{hook}\n')
    return text


def by_scenario(receiver: Receiver) -> dict[str, Told]:
    """Return what was told, by scenario; a notice that came twice under its key counts once."""
    found: dict[str, Told] = {}
    seen = set()
    for key, body in [*receiver.told]:
        if key is not None and key in seen:
            continue
        seen.add(key)
        group = (body["receiver"], body["groupKey"])
        found.setdefault(body["alerts"][0]["labels"]["scenario"], {}).setdefault(group, []).append(said(body))
    return found


def said(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is compared of a webhook."""
    names = ("version", "status", "groupLabels", "commonLabels", "commonAnnotations", "truncatedAlerts")
    alerts = [(a["status"], a["labels"], a["annotations"], a["fingerprint"]) for a in body["alerts"]]
    return {**{name: body[name] for name in names}, "alerts": alerts}


def pairs(text: str) -> dict[str, str]:
    """Return `a=1,b=2` as a mapping."""
    return dict(part.split("=", 1) for part in text.split(",") if part)


def iso(instant: float) -> str:
    return dt.datetime.fromtimestamp(min(instant, 4e9), dt.UTC).isoformat()


def wait_until(instant: float) -> None:
    """Both servers act by the wall clock: a scenario happens in time, and there is nothing else to wait for."""
    time.sleep(max(0.0, instant - time.time()))
