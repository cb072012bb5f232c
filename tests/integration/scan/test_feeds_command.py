"""`vedette feeds` against a real server, and killed while it writes."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.support.osv import osv_record, osv_zip

from vedette.cli import feeding
from vedette.core.clock import SystemClock
from vedette.instruments.scan.advisories import open_feeds
from vedette.plumbing.net.port import NetError
from vedette.wire.scan import Component

PROGRAM = "from vedette.cli.main import main; main()"
ALPHA = Component(ecosystem="PyPI", name="alpha", version="1.0")
RECORD = osv_record("PYSEC-1", "PyPI/alpha", ["introduced 0, fixed 2.0"])


class _Bucket(SimpleHTTPRequestHandler):
    """Serves a folder with tags, as a bucket does; `cut` breaks off in the middle of what it promised."""

    folder: Path
    cut = False

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the library
        """Say nothing."""

    def do_GET(self) -> None:
        path = self.folder / self.path.lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        data, tag = path.read_bytes(), f'"{path.stat().st_mtime_ns}"'
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if self.cut else data)


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[tuple[Path, str, type[_Bucket]]]:
    served = tmp_path / "bucket"
    (served / "PyPI").mkdir(parents=True)
    handler = type("Bucket", (_Bucket,), {"folder": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield served, f"http://127.0.0.1:{server.server_address[1]}", handler
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_whole_life_of_a_feed(
    bucket: tuple[Path, str, type[_Bucket]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served, base, handler = bucket
    folder = tmp_path / "feeds"
    with pytest.raises(Exception, match="answered 404"):
        feeding.add(base, ecosystem=("PyPI",), folder=folder)
    osv_zip(served / "PyPI" / "all.zip", [RECORD])
    feeding.add(base, ecosystem=("PyPI",), folder=folder)
    assert "osv-PyPI" in capsys.readouterr().out
    feeding.update(folder=folder, json=True)
    (told,) = json.loads(capsys.readouterr().out)["feeds"]
    assert (told["records"], told["failed"], told["trouble"]) == (1, "", "")
    osv_zip(served / "PyPI" / "all.zip", [RECORD, osv_record("PYSEC-2", "PyPI/beta", ["introduced 0"])])
    handler.cut = True
    with pytest.raises(SystemExit) as ended:
        feeding.update(folder=folder)
    assert ended.value.code == 1
    assert "the last update failed, and what was there stands" in capsys.readouterr().out
    handler.cut = False
    feeding.update("osv-PyPI", folder=folder)
    assert "  2  " in capsys.readouterr().out
    with pytest.raises(SystemExit):
        feeding.status(max_feed_age=0, folder=folder)
    assert "days old, and 0 are allowed" in capsys.readouterr().out
    feeding.remove("osv-PyPI", folder=folder)
    feeding.status(folder=folder)
    assert "There are no feeds in" in capsys.readouterr().out


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NetError, match="cannot be reached"):
        feeding.add("http://127.0.0.1:9/all.zip", folder=tmp_path / "feeds")


@pytest.mark.deep
def test_killed_at_any_moment_the_old_feed_stands(tmp_path: Path) -> None:
    folder, source = tmp_path / "feeds", tmp_path / "all.zip"
    osv_zip(source, [RECORD])
    feeding.add(str(source), folder=folder, name="one")
    others = [
        osv_record(f"PYSEC-{number + 2}", f"PyPI/other-{number}", ["introduced 0"]) for number in range(8_000)
    ]
    osv_zip(source, [RECORD, *others])
    command = [
        sys.executable,
        "-c",
        PROGRAM,
        "feeds",
        "add",
        str(source),
        "--name",
        "one",
        "--folder",
        str(folder),
    ]
    chance = random.Random(9)
    seen = set()
    for _ in range(20):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0.3, 3.5))
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.wait()
        feeds = open_feeds(folder, SystemClock().now())
        assert len(feeds.match([ALPHA])) == 1
        assert feeds.unknown([ALPHA]) == ()
        seen.add(feeds.status()[0].records)
        feeds.close()
    assert seen <= {1, 8_001}
    assert subprocess.run(command, env=dict(os.environ), check=True, capture_output=True)
    assert open_feeds(folder, SystemClock().now()).status()[0].records == 8_001
