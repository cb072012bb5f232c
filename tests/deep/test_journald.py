"""A real systemd-journald in a mount namespace of its own: what programs log there is read, also when it is restarted."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

JOURNALD = Path("/usr/lib/systemd/systemd-journald")
pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(
        os.geteuid() != 0 or not JOURNALD.exists() or not shutil.which("unshare"),
        reason="needs root and journald",
    ),
]
INSIDE = """
import os, signal, socket, subprocess, sys, threading, time
from pathlib import Path
from tests.support.followed import until
from vedette.core.clock import SystemClock
from vedette.instruments.logs.sources.journal import Journal
from vedette.instruments.logs.sources.ledger import Ledger
from vedette.instruments.logs.sources.types import JournalSource

folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
for name in ("/run/systemd/journal", "/run/log/journal/" + Path("/etc/machine-id").read_text().strip()):
    Path(name).mkdir(parents=True)

def journald():
    process = subprocess.Popen(["/usr/lib/systemd/systemd-journald"], stderr=subprocess.DEVNULL)
    until(Path("/run/systemd/journal/dev-log").exists)
    return process

def log(text):
    until(lambda: sent(text))

def sent(text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        try:
            out.connect("/run/systemd/journal/dev-log")
            out.send(b"<38>" + text.encode())
        except OSError:
            return False
    return True

chunks, notices = [], []
clock = SystemClock()

def ours():
    return [line.partition("sshd[77]: ")[2] for c in list(chunks) for line in c.data.decode().splitlines() if "sshd[77]: " in line]

def following():
    journal = Journal(JournalSource(), Ledger(folder, clock, notices.append), clock, chunks.append, notices.append)
    thread = threading.Thread(target=journal.run)
    thread.start()
    return journal, thread

server = journald()
journal, thread = following()
until(lambda: journal._child is not None)
time.sleep(1.0)
log("sshd[77]: one")
until(lambda: ours() == ["one"], lambda: (ours(), notices))
server.kill(); server.wait()
Path("/run/systemd/journal/dev-log").unlink()
server = journald()
log("sshd[77]: two")
until(lambda: ours() == ["one", "two"], lambda: (ours(), notices))
journal.stop(); thread.join(5)
log("sshd[77]: three")
journal, thread = following()
until(lambda: ours() == ["one", "two", "three"], lambda: (ours(), notices))
journal.stop(); thread.join(5)
server.kill(); server.wait()
print("all of it")
"""


def test_a_real_journal_is_followed_through_restarts(tmp_path: Path) -> None:
    command = ["unshare", "-m", "--propagation", "private", sys.executable, "-c", INSIDE, str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "all of it", done.stderr[-2000:]
