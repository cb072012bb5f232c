"""Debian's blackbox_exporter, asked about the same targets: the oracle of the probes."""

import contextlib
import http.client
import json
import re
import shutil
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.ports import free_port
from tests.support.targets import PATIENCE, Case, Targets

PROGRAM = shutil.which("prometheus-blackbox-exporter") or "prometheus-blackbox-exporter"
_CONTAINS = re.compile(r'\[BODY\] (?:contains "(?P<word>.+)"|== pat\(\*(?P<end>.+)\)|== (?P<whole>[\w ]+))')
_TALKS = {
    "smtp": [{"expect": "^220"}, {"send": "EHLO x"}, {"expect": "^250 STARTTLS"}, {"send": "STARTTLS"}, {"expect": "^220"}, {"starttls": True}],
    "imap": [{"expect": "OK"}, {"send": "a1 STARTTLS"}, {"expect": "OK"}, {"starttls": True}],
    "pop3": [{"expect": "OK"}, {"send": "STLS"}, {"expect": "OK"}, {"starttls": True}],
    "ftp": [{"expect": "^220 "}, {"send": "AUTH TLS"}, {"expect": "^234"}, {"starttls": True}],
}  # fmt: skip


def question(name: str, targets: Targets) -> tuple[str, dict[str, Any]] | None:
    """Return target and module that ask the same; None when blackbox_exporter has no words for it."""
    case = targets.cases[name]
    scheme = case.url.partition(":")[0]
    module: dict[str, Any] = {"timeout": f"{case.deadline if case.deadline == PATIENCE else 5}s"}
    if case.family == "ipv6" or "dual.test" in case.url:
        return None  # names are the system's there
    if scheme in {"http", "https"}:
        found = _http(case, module, targets)
        if found and "gzip" in name:
            found[1]["http"] |= {"compression": "gzip", "headers": {"Accept-Encoding": "gzip"}}
        return found
    if scheme in {"tcp", "tls"} or scheme.partition("+")[0] in _TALKS:
        return _tcp(case, module, targets)
    return _dns(case, module, targets) if scheme == "dns" else None


def _tls(case: Case, targets: Targets) -> dict[str, Any]:
    name = case.options.get("name") or ("shop.test" if "shop.test" in case.url else "")
    authority = targets.root
    if "authority" in case.options:
        authority = targets.folder / "other.pem"
        authority.write_text(str(case.options["authority"]))
    made: dict[str, Any] = {
        "ca_file": str(authority),
        "server_name": name,
        "insecure_skip_verify": case.options.get("verify") is False,
    }
    if "client_key" in case.options:
        for key, option in (("cert_file", "client_certificate"), ("key_file", "client_key")):
            path = targets.folder / f"{option}.pem"
            path.write_text(str(case.options[option]))
            made[key] = str(path)
    return made


def _http(case: Case, module: dict[str, Any], targets: Targets) -> tuple[str, dict[str, Any]] | None:
    http: dict[str, Any] = {
        "method": case.options.get("method", "GET"),
        "follow_redirects": case.options.get("follow", True),
        "tls_config": _tls(case, targets),
        "preferred_ip_protocol": "ip4",
        "body_size_limit": "4MB",
        "valid_status_codes": [int(s) for s in re.findall(r"\b\d{3}\b", str(case.options.get("status", "")))],
    }
    for text in case.expect:
        status, body = re.fullmatch(r"\[STATUS\] == (\d+)", text), _CONTAINS.fullmatch(text)
        if status:
            http["valid_status_codes"] = [int(status[1])]
        elif body:
            http["fail_if_body_not_matches_regexp"] = [
                re.escape(next(part for part in body.groups() if part))
            ]
        else:
            return None
    if set(case.options) - {
        "method",
        "follow",
        "status",
        "verify",
        "authority",
        "client_certificate",
        "client_key",
    }:
        return None
    return case.url.replace("shop.test", "127.0.0.1"), {**module, "prober": "http", "http": http}


def _tcp(case: Case, module: dict[str, Any], targets: Targets) -> tuple[str, dict[str, Any]] | None:
    scheme, _, place = case.url.partition("://")
    tcp: dict[str, Any] = {
        "preferred_ip_protocol": "ip4",
        "tls_config": _tls(case, targets),
        "tls": scheme == "tls",
    }
    if scheme.endswith("+starttls"):
        tcp["query_response"] = _TALKS[scheme.partition("+")[0]]
    if case.options.get("banner"):
        tcp["query_response"] = [{"expect": "^SSH-2.0-"}]
    elif case.expect and not scheme.endswith("+starttls"):
        return None
    return place.replace("shop.test", "127.0.0.1"), {**module, "prober": "tcp", "tcp": tcp}


def _dns(case: Case, module: dict[str, Any], targets: Targets) -> tuple[str, dict[str, Any]] | None:
    parts = urllib.parse.urlsplit(case.url)
    name, server = (
        (parts.path.strip("/"), parts.netloc) if parts.path.strip("/") else (parts.netloc, targets.names.at)
    )
    if set(case.options) - {"values", "match"} or case.options.get("match") == "exact":
        return None
    values, rcodes = case.options.get("values", ()), ["NOERROR"]
    if "[DNS_RCODE] == NXDOMAIN" in case.expect:
        rcodes = ["NXDOMAIN"]
    dns: dict[str, Any] = {
        "query_name": name, "query_type": urllib.parse.parse_qs(parts.query).get("type", ["A"])[0],
        "valid_rcodes": rcodes, "preferred_ip_protocol": "ip4",
        "validate_answer_rrs": {"fail_if_none_matches_regexp": [re.escape(str(values[0]))]} if values else {},  # type: ignore[index]
    }  # fmt: skip
    return server, {**module, "prober": "dns", "dns": dns}


@contextlib.contextmanager
def running(folder: Path, modules: dict[str, dict[str, Any]]) -> Iterator[int]:
    """Start it with these modules and yield its port."""
    config, port = folder / "blackbox.json", free_port()
    config.write_text(json.dumps({"modules": modules}))
    with (folder / "blackbox.log").open("wb") as log:
        words = [PROGRAM, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"]
        process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 15
        while True:
            try:
                _get(port, "/-/healthy")
                break
            except OSError:
                assert process.poll() is None, (folder / "blackbox.log").read_text()
                assert time.monotonic() < end, "it did not start"
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def success(port: int, target: str, module: str) -> bool:
    """Return its verdict on a target."""
    text = _get(port, "/probe?" + urllib.parse.urlencode({"target": target, "module": module}))
    return "\nprobe_success 1" in text


def _get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()
