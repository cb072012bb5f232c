"""Lines a second and memory of reading and detecting with all that is shipped, beside Debian's fail2ban-regex on the same files.

Everything is CPU time, the least of several rounds that alternate with fail2ban's, so a busy machine falsifies little. The agent's
process is a fresh one that reads all logs, one after the other, with one reader and one detector in the end loaded.
"""

import gc
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks import genlogs
from benchmarks.report import Figure, finish

BENCH = "detect"
LINES = 200_000
ROUNDS = 2
RIVAL_ROUNDS = 1  # of fail2ban-regex, which takes ten seconds for each
ENOUGH = 20  # lines of one attacker that must be noticed
_BY_JSON = r'^\{"time":"[^"]*","remote_addr":"<HOST>",.*"status":40[0134],'
RIVALS = {"auth.log": "sshd", "access.log": "nginx-botsearch", "access.json": _BY_JSON}


def measured(folder: Path) -> None:
    """Read and detect in this process; print what it cost as JSON."""
    from vedette.agent.detect.engine import Detector
    from vedette.agent.detect.rules import load
    from vedette.instruments.logs.reading import CHUNK, Reader
    from vedette.instruments.logs.registry import parsers

    rules, known = load(), parsers()
    gc.collect()
    gc.freeze()  # as the agent does once it has begun
    told = {}
    for name in RIVALS:
        detector = Detector(rules)
        reader = Reader(known, detector.wanted)
        found: Counter[str] = Counter()
        begun = time.process_time()
        now = time.time()
        with (folder / name).open("rb") as log:
            while chunk := log.read(CHUNK):
                for entry in reader.entries(chunk + log.readline(), name, now):
                    for detection in detector.pour(entry, now):
                        found[detection.address] += 1
        told[name] = {
            "cpu": time.process_time() - begun,
            "lines": reader.seen.lines,
            "entries": reader.seen.entries,
            "found": found,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    print(json.dumps(told))


def once(folder: Path) -> dict[str, dict[str, float]]:
    """Return what a fresh process measures."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.detect", str(folder)], check=True, capture_output=True, text=True
    )
    told: dict[str, dict[str, float]] = json.loads(done.stdout)
    return told


def rival(folder: Path, name: str) -> float:
    """Return the CPU seconds of fail2ban-regex for a log."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        ["fail2ban-regex", "--no-check-all", str(folder / name), RIVALS[name]],
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def figures(folder: Path) -> list[Figure]:
    truth = genlogs.write(folder, LINES, time.time())
    rounds, rivals = [once(folder)], dict.fromkeys(RIVALS, 0.0)
    for n in range(ROUNDS):
        rounds.append(once(folder))
        if n < RIVAL_ROUNDS and shutil.which("fail2ban-regex"):
            for name, least in rivals.items():
                took = rival(folder, name)
                rivals[name] = min(least or took, took)
    made = []
    for name, theirs in rivals.items():
        ours = min(each[name]["cpu"] for each in rounds)
        made.append(Figure(BENCH, f"{name}: all rules", LINES / ours, "lines/s", ">= 500000"))
        if theirs:
            made.append(Figure(BENCH, f"{name}: fail2ban-regex", LINES / theirs, "lines/s"))
            made.append(Figure(BENCH, f"{name}: as many times as fast", theirs / ours, "times", ">= 10"))
        made += noticed(name, truth[name], rounds[0][name])
    most = max(each["access.json"]["memory"] for each in rounds)
    return [*made, Figure(BENCH, "memory at its highest", most, "MiB", "<= 60")]


def noticed(name: str, truth: dict[str, int], told: dict) -> list[Figure]:  # type: ignore[type-arg]
    """Return whether all attackers were noticed, and who else was."""
    attackers = {who for who, lines in truth.items() if lines >= ENOUGH}
    found = told["found"].keys() - {""}  # rules about users and paths name no address
    return [
        Figure(BENCH, f"{name}: lines that become entries", 100 * told["entries"] / told["lines"], "%"),
        Figure(BENCH, f"{name}: detections", sum(told["found"].values()), "detections"),
        Figure(BENCH, f"{name}: attackers noticed", 100 * len(found & attackers) / len(attackers), "%", ">= 100"),
        Figure(BENCH, f"{name}: others noticed", len(found - truth.keys()), "addresses", "<= 5"),
    ]  # fmt: skip


def main() -> None:
    if len(sys.argv) > 1:
        measured(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        finish(figures(Path(folder)))


if __name__ == "__main__":
    main()
