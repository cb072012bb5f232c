"""What is measured: exactly what made trees say, plausibly what this machine does, and nothing where nothing can be read."""

import os
import random
from pathlib import Path

import psutil
import pytest
from tests.support import hosts
from tools.metrics_page import PAGE, page

from vedette.core.clock import SystemClock
from vedette.instruments.host import series
from vedette.instruments.host.happenings import KINDS
from vedette.instruments.host.measuring import Meter

NOW = 1_764_000_000.0


def mute(*_: str, seconds: float = 0.0) -> str | None:
    return None


def sampled(root: Path, steps: int = 1) -> dict[str, float]:
    meter = Meter(root, ask=mute)
    for step in range(steps + 1):
        hosts.ordinary(root, step=step)
        found = meter.sample(NOW + 10 * step)
    return dict(found.values)


def test_counters_become_rates(tmp_path: Path) -> None:
    found = sampled(tmp_path)
    rates = {
        "cpu.user.percent": 50.0, "cpu.system.percent": 10.0, "cpu.idle.percent": 30.0, "cpu.iowait.percent": 10.0,
        "cpu.used.percent": 60.0, "cpu.steal.percent": 0.0, "cpu.switches.per_second": 100.0, "process.started.per_second": 2.0,
        "memory.faults.per_second": 3.0, "swap.in.bytes_per_second": 4096.0, "swap.out.bytes_per_second": 8192.0,
        "pressure.some.percent{cpu}": 20.0, "pressure.full.percent{cpu}": 0.0, "pressure.some.percent{io}": 5.0,
        "pressure.full.percent{io}": 1.0, "disk.read.bytes_per_second{vda}": 40_960.0, "disk.written.bytes_per_second{vda}": 20_480.0,
        "disk.reads.per_second{vda}": 10.0, "disk.writes.per_second{vda}": 5.0, "disk.latency.ms{vda}": 3.0,
        "disk.busy.percent{vda}": 25.0, "disk.queue{vda}": 0.5, "net.received.bytes_per_second{eth0}": 1000.0,
        "net.sent.bytes_per_second{eth0}": 200.0, "net.received.packets_per_second{eth0}": 10.0, "net.sent.packets_per_second{eth0}": 5.0,
        "net.errors.per_second{eth0}": 1.0, "net.drops.per_second{eth0}": 3.0, "tcp.opened.per_second": 5.0, "tcp.connected.per_second": 3.0,
        "tcp.retransmits.per_second": 2.0, "tcp.retransmits.percent": 5.0, "udp.drops.per_second": 1.0,
        "tcp.listen_overflows.per_second": 4.0, "tcp.listen_drops.per_second": 6.0,
    }  # fmt: skip
    assert {name: found.get(name) for name in rates} == rates


def test_what_stands_at_an_instant(tmp_path: Path) -> None:
    found = sampled(tmp_path, steps=0)
    present = {
        "load.1": 0.5, "load.5": 0.4, "load.15": 0.3, "process.running": 3.0, "process.count": 250.0, "process.blocked": 1.0, "cpu.count": 2.0,
        "uptime.seconds": 1000.0, "files.open": 1000.0, "files.percent": 1.0, "memory.size.bytes": 1_024_000.0, "memory.used.bytes": 614_400.0,
        "memory.used.percent": 60.0, "memory.cached.bytes": 204_800.0, "memory.dirty.bytes": 8192.0, "memory.slab.bytes": 16_384.0,
        "swap.used.percent": 25.0, "conntrack.used": 50.0, "conntrack.percent": 25.0, "tcp.connections{established}": 7.0,
        "tcp.connections{time_wait}": 4.0, "tcp.connections{listen}": 1.0, "tcp.connections{close_wait}": 1.0, "tcp.connections{syn_received}": 0.0,
        "disk.read_only{/}": 0.0, "disk.read_only{/srv/my shop}": 0.0,
    }  # fmt: skip
    assert {name: found.get(name) for name in present} == present
    assert not [name for name in found if "per_second" in name or name.startswith("cpu.u")], (
        "the first has no rates"
    )
    assert {name for name in found if name.startswith("disk.size")} == {f"disk.size.bytes{{{at}}}" for at in ("/", "/srv/my shop", "/dev/shm")}  # fmt: skip


def test_a_counter_that_fell_and_a_clock_that_stands_have_no_rate(tmp_path: Path) -> None:
    meter = Meter(tmp_path, ask=mute)
    for step in (5, 0):
        hosts.ordinary(tmp_path, step=step)
        hosts.put(tmp_path, {"/proc/uptime": f"{2000 - step}.00 0\n"})
        found = meter.sample(NOW)
    assert not [
        name for name in found.values if "per_second" in name and not name.startswith(("net", "disk"))
    ]
    assert "disk.latency.ms{vda}" not in found.values
    again = meter.sample(NOW + 10)  # the uptime is the same
    assert not [name for name in again.values if "per_second" in name]


def test_nothing_is_zero_that_cannot_be_read(tmp_path: Path) -> None:
    meter = Meter(tmp_path, ask=mute)
    assert [dict(meter.sample(NOW + n).values) for n in range(2)] == [{}, {}]
    assert meter.processes(NOW).top == ()


@pytest.mark.parametrize("seed", range(8))
def test_files_that_hold_anything_at_all_break_nothing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    hosts.ordinary(tmp_path)
    meter = Meter(tmp_path, ask=mute)
    for path in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        text = path.read_bytes()
        cut = chance.randrange(len(text) + 1)
        path.write_bytes(
            chance.choice([b"", b"\xff\x00\n" * 9, text[:cut], text.replace(b" ", b"  x"), text * 2])
        )
    for step in range(2):
        found = meter.sample(NOW + step)
        assert all(name.isprintable() and len(name) <= 200 for name in found.values)
    meter.processes(NOW)


def test_temperatures(tmp_path: Path) -> None:
    chip = "/sys/class/hwmon/hwmon0"
    hosts.put(
        tmp_path,
        {
            "/sys/class/thermal/thermal_zone0/type": "acpitz\n",
            "/sys/class/thermal/thermal_zone0/temp": "30500\n",
        },
    )
    assert Meter(tmp_path, ask=mute).sample(NOW).values == {"temperature.celsius{acpitz}": 30.5}
    hosts.put(tmp_path, {
        f"{chip}/name": "coretemp\n", f"{chip}/temp1_input": "51000\n", f"{chip}/temp1_label": "Package {id} 0\n",
        f"{chip}/temp2_input": "\n", f"{chip}/temp3_input": "-128000\n",
    })  # fmt: skip
    assert Meter(tmp_path, ask=mute).sample(NOW).values == {
        "temperature.celsius{coretemp Package _id_ 0}": 51.0
    }


def test_processes_by_what_they_used_and_never_their_command_lines(tmp_path: Path) -> None:
    hosts.put(tmp_path, {"/etc/passwd": f"me:x:{os.getuid()}:0::/:/bin/sh\n", "/proc/uptime": "1000.0 0\n"})
    hosts.process(tmp_path, 7, "evil) S 1 \x1b[31m", ticks=1000)
    hosts.process(tmp_path, 8, "idle", ticks=900_000, pages=5)
    meter = Meter(tmp_path, ask=mute)
    assert meter.processes(NOW).top == ()
    hosts.put(tmp_path, {"/proc/uptime": "1060.0 0\n"})
    tick = os.sysconf("SC_CLK_TCK")
    hosts.process(tmp_path, 7, "evil) S 1 \x1b[31m", ticks=1000 + 30 * tick)
    hosts.process(tmp_path, 9, "new", ticks=6 * tick, pages=1000)
    found = meter.processes(NOW + 60)
    assert [(one.pid, one.name, one.user, one.cpu) for one in found.top] == [
        (7, "evil) S 1 �[31m", "me", 50.0), (9, "new", "me", 10.0), (8, "idle", "me", 0.0),
    ]  # fmt: skip
    assert found.top[1].memory == 1000 * os.sysconf("SC_PAGE_SIZE")
    assert "planted" not in repr(found)


def test_ten_by_each_at_most(tmp_path: Path) -> None:
    hosts.put(tmp_path, {"/proc/uptime": "1000.0 0\n"})
    meter = Meter(tmp_path, ask=mute)
    meter.processes(NOW)
    hosts.put(tmp_path, {"/proc/uptime": "1060.0 0\n"})
    for pid in range(1, 60):
        hosts.process(tmp_path, pid, "x", ticks=pid, pages=100 - pid)
    assert {one.pid for one in meter.processes(NOW).top} == {*range(1, 11), *range(50, 60)}


def test_this_machine_as_psutil_sees_it() -> None:
    clock, meter = SystemClock(), Meter(ask=mute)
    meter.sample(clock.now())
    meter.processes(clock.now())
    sum(range(1_500_000))  # something to do, for longer than a tick of the clock
    found = meter.sample(clock.now()).values
    memory, disk = psutil.virtual_memory(), psutil.disk_usage("/")
    assert found["memory.size.bytes"] == memory.total
    assert found["memory.used.percent"] == pytest.approx(memory.percent, abs=10)
    assert found["disk.used.percent{/}"] == pytest.approx(disk.percent, abs=3)
    assert found["cpu.count"] == psutil.cpu_count()
    assert found["uptime.seconds"] == pytest.approx(clock.now() - psutil.boot_time(), abs=60)
    assert found["load.1"] == pytest.approx(psutil.getloadavg()[0], abs=5)
    modes = [
        found[f"cpu.{mode}.percent"]
        for mode in ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
    ]
    assert sum(modes) == pytest.approx(100, abs=0.1)
    assert all(0 <= value <= 100 for name, value in found.items() if series.name_of(name).endswith("percent"))
    ours = {one.pid: one for one in meter.processes(clock.now()).top}
    known = {one.pid: one for one in psutil.process_iter(["name", "username"])}
    both = [pid for pid in ours if pid in known]
    assert both
    assert any(
        ours[pid].name == known[pid].info["name"] and ours[pid].user == known[pid].info["username"]
        for pid in both
    )
    assert not set(map(series.name_of, found)) - set(series.BY_NAME)


def test_everything_a_sample_holds_is_in_the_table(tmp_path: Path) -> None:
    found = sampled(tmp_path)
    assert not set(map(series.name_of, found)) - set(series.BY_NAME)
    for name, value in found.items():
        assert ("{" in name) is bool(series.BY_NAME[series.name_of(name)].label), name
        assert isinstance(value, int | float)


def test_the_table_has_a_name_once_and_a_sentence_each() -> None:
    every = [one for family in series.FAMILIES for one in family.series]
    assert len(every) == len(series.BY_NAME)
    assert all(one.about.endswith(".") for one in every)
    assert all(one.about.endswith(".") for one in KINDS.values())


def test_the_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tools.metrics_page`"
