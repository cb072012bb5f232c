"""Scans by a real server: a report of a pipeline, a site that is due, and an end in the middle of a scan."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest
from tests.e2e.conftest import Start
from tests.support.findings import finding, report
from tests.support.server import Vedette

from vedette.wire.scan import Component


class Shop(BaseHTTPRequestHandler):
    """A site without any header that protects it; while `held` is not set it answers nobody."""

    held = threading.Event()

    def do_GET(self) -> None:
        self.held.wait(60)
        body = b"<!doctype html><title>Shop</title><p>Welcome.</p>"
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Shop.held.set()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Shop.held.set()
    server.shutdown()
    server.server_close()


def outcome(server: Vedette, number: int) -> str:
    return str(server.api("GET", f"/scans/targets/{number}")[1]["outcome"] or "")


def sent() -> dict[str, object]:
    parts = (Component(ecosystem="PyPI", name="joblib", version="1.2.0"),)
    told = msgspec.structs.replace(report(finding()), components=parts)
    return {"target": "shop", "release": "1.4.0", "report": msgspec.to_builtins(told)}


def test_a_pipeline_sends_a_report_and_a_site_is_scanned_by_itself(start_vedette: Start, shop: str) -> None:
    server = start_vedette()
    status, taken = server.api("POST", "/scans", sent())
    assert (status, taken["scan"]["new"], taken["scan"]["outcome"]) == (201, 1, "found")
    assert taken["page"].endswith("/findings/targets/1/")
    status, made = server.api("POST", "/scans/targets", {"scanner": "site", "target": shop})
    assert status == 201
    assert server.api("POST", f"/scans/targets/{made['id']}/run")[0] == 202
    server.wait(lambda: outcome(server, made["id"]), 40)
    found = server.api("GET", f"/findings?target={made['id']}")[1]["items"]
    assert any("csp" in one["check"].lower() or "policy" in one["title"].lower() for one in found), found
    assert server.api("GET", "/scans/targets/1/bills")[1]["items"][0]["release"] == "1.4.0"


@pytest.mark.deep
def test_a_server_that_is_killed_while_it_scans_loses_nothing(start_vedette: Start, shop: str) -> None:
    server = start_vedette()
    Shop.held.clear()
    status, made = server.api("POST", "/scans/targets", {"scanner": "site", "target": shop})
    assert status == 201, made
    server.api("POST", f"/scans/targets/{made['id']}/run")
    server.wait(lambda: server.api("GET", f"/scans/targets/{made['id']}")[1]["running"], 20)
    server.kill()
    Shop.held.set()
    server.start()
    server.wait(lambda: outcome(server, made["id"]) not in {"", "blind"}, 60)
    scans = server.api("GET", f"/scans/targets/{made['id']}/scans")[1]["items"]
    assert "ended while it ran" in scans[-1]["unknown"][0]["why"]
    assert scans[0]["outcome"] == "found"
