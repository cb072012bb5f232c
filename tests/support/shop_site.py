"""The examples of `browser/examples` as sites of their own: the shop bundled as its users would, beside an API that fails."""

import functools
import http.server
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.js_site import installed

BROWSER = Path(__file__).parents[2] / "browser"
EXAMPLES = BROWSER / "examples"
SLOW_SECONDS = 0.5


def bundle(folder: Path) -> None:
    """Bundle the shop into `folder`, from the built packages and the React of the tests."""
    modules = installed()
    command = [
        modules / ".bin/esbuild", "shop.jsx", "--bundle", "--splitting", "--format=esm", "--jsx=automatic", f"--outdir={folder}",
        f"--alias:@vedette/browser={BROWSER / 'client/lib/index.js'}", f"--alias:@vedette/react={BROWSER / 'react/lib/index.js'}",
        '--define:process.env.NODE_ENV="production"',
    ]  # fmt: skip
    env = {**os.environ, "NODE_PATH": str(modules)}
    subprocess.run(command, cwd=EXAMPLES / "shop", check=True, capture_output=True, env=env)


def lay_out(folder: Path, vedette: str, key: str = "") -> None:
    """Write the pages into `folder`; they name a Vedette's address and a key of it."""
    for name in ("shop/index.html", "shop/shop.css", "plain.html", "plain.js"):
        text = (EXAMPLES / name).read_text().replace("VEDETTE", vedette).replace("KEY", key)
        (folder / Path(name).name).write_text(text)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve `folder` and the API that fails; give the address."""
    handler = functools.partial(_Shop, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.closing = threading.Event()  # type: ignore[attr-defined]  # what waits is let go with it
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.closing.set()  # type: ignore[attr-defined]
        server.shutdown()


class _Shop(http.server.SimpleHTTPRequestHandler):
    """Files, and below them what fails in every way a request can."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/"):
            self.send_error(503)
        elif path == "/cut":
            self.close_connection = True
        elif path == "/never":
            self.server.closing.wait(20)  # type: ignore[attr-defined]
        elif path == "/slow":
            time.sleep(SLOW_SECONDS)
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Print nothing."""
