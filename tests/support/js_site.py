"""The node packages of the tests, installed by their lock on first use, and pages bundled from them."""

import functools
import http.server
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

JS = Path(__file__).parents[1] / "js"
MODULES = JS / "node_modules"


def installed() -> Path:
    """Return the folder of node packages; the one asked for is the newest of the lock."""
    if not (MODULES / "@sentry/react").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=JS, check=True)
    return MODULES


@contextmanager
def served(folder: Path, app: str) -> Iterator[str]:
    """Bundle `<app>.js` and serve it in `<app>.html` from an origin of its own; give its address."""
    command = [
        installed() / ".bin/esbuild",
        f"{app}.js",
        "--bundle",
        "--format=iife",
        f"--outfile={folder / 'app.js'}",
    ]
    subprocess.run(command, cwd=JS, check=True, capture_output=True)
    (folder / "index.html").write_bytes((JS / f"{app}.html").read_bytes())
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that prints nothing."""

    def log_message(self, *_: object) -> None:
        """Print nothing."""
