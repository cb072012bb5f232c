"""blackbox_exporter's modules together with the scrape jobs of Prometheus that ask them.

https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md and
https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config describe the fields.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from vedette.instruments.probe.types import MAX_DEADLINE
from vedette.monitors.ascode.written import MonitorText
from vedette.monitors.importing.fields import NOTHING, RULES, Fields
from vedette.monitors.importing.formats.blackbox import modules
from vedette.monitors.importing.formats.blackbox.modules import Asked
from vedette.monitors.importing.phrasing import tag
from vedette.monitors.importing.port import Carried, Found, Given, Left

_DAY, _MINUTE = 86_400.0, 60.0
_PROMETHEUS = "This is about Prometheus itself."
_DISCOVERY = "Not carried: targets that are discovered are not known here; list them."


class BlackboxFormat:
    """Implements `port.Format`. Both files are needed: modules say how, jobs say what."""

    name: ClassVar[str] = "blackbox"
    label: ClassVar[str] = "blackbox_exporter and Prometheus"

    def recognises(self, given: Given) -> bool:
        """Tell by modules with a prober, or scrape jobs."""
        said = given.said if isinstance(given.said, Mapping) else {}
        found = said.get("modules")
        probers = isinstance(found, Mapping) and any(
            isinstance(m, Mapping) and "prober" in m for m in found.values()
        )
        return probers or isinstance(said.get("scrape_configs"), list)

    def read(self, given: Sequence[Given], environment: Mapping[str, str]) -> Found:  # noqa: ARG002
        """Return a monitor for each target of each job that asks a module."""
        left: list[Left] = []
        tops = [Fields.of(one, one.said, left) for one in given]
        known: dict[str, Fields] = {}
        for top in tops:
            known |= dict(top.table("modules").entries())
        reader = _Reader(known, left)
        carried = [each for top in tops for each in reader.prometheus(top)]
        reader.rest()
        return Found(tuple(carried), tuple(left))


class _Reader:
    """Modules, each read once, however many jobs ask it."""

    def __init__(self, known: Mapping[str, Fields], left: list[Left]) -> None:
        self._known, self._left = known, left
        self._read: dict[str, Asked | None] = {}

    def prometheus(self, top: Fields) -> list[Carried]:
        usual = top.table("global")
        interval, timeout = usual.span("scrape_interval", _MINUTE), usual.span("scrape_timeout", 10.0)
        usual.done(_PROMETHEUS)
        found = [each for job in top.rows("scrape_configs") for each in self._job(job, interval, timeout)]
        top.lose(RULES, "alerting", "rule_files")
        top.done(_PROMETHEUS)
        return found

    def rest(self) -> None:
        """Report modules that no job asks."""
        for name, said in self._known.items():
            if name not in self._read:
                said.drop(
                    "Not carried: no job of Prometheus asks this module; import its configuration along."
                )

    def _job(self, job: Fields, interval: float, timeout: float) -> list[Carried]:
        name, params = job.text("job_name"), job.table("params")
        module = next(iter(params.texts("module")), "")
        if not module:
            job.drop("Not carried: this job asks no module, it collects figures.")
            return []
        asked = self._module(module, job)
        every = job.within("scrape_interval", job.span("scrape_interval", interval), 5, _DAY)
        deadline = min(
            job.span("scrape_timeout", timeout), asked.deadline if asked and asked.deadline else timeout
        )
        targets = [each for group in job.rows("static_configs") for each in self._targets(group, name)]
        self._report(job, params)
        if asked is None:
            return []
        return [one for each in targets if (one := _monitor(each, asked, every, min(deadline, MAX_DEADLINE)))]

    def _module(self, name: str, job: Fields) -> Asked | None:
        if name not in self._read:
            known = self._known.get(name)
            if known is None:
                job.leave(
                    f"Not carried: there is no module {name[:60]} in these files; import blackbox.yml along.",
                    "params",
                )
            self._read[name] = None if known is None else modules.read(known)
        return self._read[name]

    def _targets(self, group: Fields, job: str) -> list["_Target"]:
        labels = {"job": job, **group.words("labels")}
        tags = tuple(
            dict.fromkeys(
                made
                for key, value in labels.items()
                if (made := tag(value if key == "job" else f"{key}:{value}"))
            )
        )
        found = group.texts("targets")
        group.done()
        return [_Target(group, n, target, tags) for n, target in enumerate(found)]

    def _report(self, job: Fields, params: Fields) -> None:
        for rule in job.rows("relabel_configs"):
            source, target = rule.texts("source_labels"), rule.text("target_label")
            own = target == "__address__" or source in (["__address__"], ["__param_target"])
            if own and not rule.peek("regex"):
                rule.skip("replacement", "action", "separator")
                rule.done()
            else:
                rule.drop("Not carried: labels are not rewritten; tags are.")
        job.skip("metrics_path", "scheme")
        params.lose("Set `headers = { Host = … }`, or `pins`, by hand.", "hostname")
        params.lose(NOTHING, "debug")
        params.done()
        for key in job.names():
            job.lose(_DISCOVERY if key.endswith("_sd_configs") else _PROMETHEUS, key)


class _Target:
    """One target of a job."""

    def __init__(self, group: Fields, n: int, text: str, tags: tuple[str, ...]) -> None:
        self.group, self.n, self.text, self.tags = group, n, text, tags


def _monitor(target: _Target, asked: Asked, interval: float, timeout: float) -> Carried | None:
    url = asked.url(target.text)
    if not url:
        target.group.leave("Not carried: its module has no check here.", "targets", target.n)
        return None
    text = MonitorText(
        name=target.text.removeprefix("https://").removeprefix("http://").rstrip("/") or target.text, url=url,
        interval=interval, timeout=timeout, expect=asked.expect, options=asked.options, family=asked.family.value,
        tags=target.tags,
    )  # fmt: skip
    return Carried(target.group.place("targets", target.n), text)


FORMAT = BlackboxFormat()
