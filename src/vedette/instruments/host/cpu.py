"""Processors by mode, load, processes and open files. Source: proc(5), /proc/stat, /proc/loadavg."""

from collections.abc import Iterator

from vedette.instruments.host.rating import Rates, share
from vedette.instruments.host.reading import Files

Value = tuple[str, float | None]
_MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_NO_LIMIT = 1 << 62


def measured(files: Files, rates: Rates) -> Iterator[Value]:
    """Yield what the processors did since the round before, and what counts there are."""
    count = 0
    for line in files.text("/proc/stat").splitlines():
        name, _, rest = line.partition(" ")
        if name == "cpu":
            yield from _modes([int(text) for text in rest.split()], rates)
        elif name.startswith("cpu"):
            count += 1
        elif name == "ctxt":
            yield "cpu.switches.per_second", rates.rate(name, int(rest))
        elif name == "processes":
            yield "process.started.per_second", rates.rate(name, int(rest))
        elif name == "procs_blocked":
            yield "process.blocked", int(rest)
    yield "cpu.count", count or None


def _modes(ticks: list[int], rates: Rates) -> Iterator[Value]:
    """A guest's time is in that of `user` already. Time waiting for disks may run backwards (proc(5)): it counts as none."""
    known = dict(zip(_MODES, ticks, strict=False))
    grown = {mode: rates.grown(f"cpu.{mode}", value) for mode, value in known.items()}
    if grown.get("user") is None or grown.get("idle") is None:
        return
    spent = {mode: more or 0.0 for mode, more in grown.items()}
    whole = sum(spent.values())
    for mode, more in spent.items():
        yield f"cpu.{mode}.percent", share(more, whole)
    yield "cpu.used.percent", share(whole - spent["idle"] - spent.get("iowait", 0.0), whole)


def load(files: Files, _: Rates) -> Iterator[Value]:
    """Yield the load, and how many threads there are."""
    one, five, fifteen, counts, *_rest = files.text("/proc/loadavg").split()
    yield from (("load.1", float(one)), ("load.5", float(five)), ("load.15", float(fifteen)))
    running, _slash, there = counts.partition("/")
    yield from (("process.running", int(running)), ("process.count", int(there)))


def uptime(files: Files, _: Rates) -> Iterator[Value]:
    """Yield how long the host has been up."""
    yield "uptime.seconds", float(files.text("/proc/uptime").split()[0])


def open_files(files: Files, _: Rates) -> Iterator[Value]:
    """Yield how many files are open in the kernel."""
    used, _free, most = (int(text) for text in files.text("/proc/sys/fs/file-nr").split())
    yield "files.open", used
    yield "files.percent", share(used, most) if most < _NO_LIMIT else None
