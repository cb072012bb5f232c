"""What stands beside: the right the unit has, the Caddyfile, how this machine asks its own server, sockets handed over."""

import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from vedette.app.listening import listen
from vedette.app.own_address import own_address, own_tls
from vedette.cli.proxying import written
from vedette.cli.unit import unit
from vedette.core.errors import ConfigError
from vedette.core.settings import Settings

PLACE = (Path("/srv/data"), Path("/srv"), Path("/srv/.venv/bin/vedette"), "vedette")


def test_a_unit_has_the_right_to_low_ports_only_where_it_needs_it() -> None:
    lines = unit(*PLACE).splitlines()
    assert {"CapabilityBoundingSet=", "AmbientCapabilities="} <= set(lines)
    lines = unit(*PLACE, binds=True).splitlines()
    assert {
        "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
        "AmbientCapabilities=CAP_NET_BIND_SERVICE",
    } <= set(lines)


def test_the_caddyfile_names_what_the_settings_name() -> None:
    plain = written(("watch.example.com",), "127.0.0.1:8700", Settings())
    assert plain.endswith("watch.example.com {\n\treverse_proxy 127.0.0.1:8700\n}\n")
    assert 'base_url = "https://watch.example.com"' in plain
    own = Settings(acme_email="ops@example.com", acme_staging=True)
    told = written(("a.example.com", "b.example.com"), "[::1]:9000", own)
    assert "a.example.com, b.example.com {\n\treverse_proxy [::1]:9000\n}" in told
    assert (
        "{\n\temail ops@example.com\n\tacme_ca https://acme-staging-v02.api.letsencrypt.org/directory\n}\n"
        in told
    )


def test_this_machine_asks_its_own_server_by_number() -> None:
    assert own_address(Settings(host="0.0.0.0"))[2] == "http://127.0.0.1:8700"
    assert own_tls(Settings()) is None
    secure = Settings(host="::", port=443, domains="watch.example.com")
    assert own_address(secure) == ("::1", 443, "https://[::1]:443")
    context = own_tls(secure)
    assert context
    assert context.verify_mode == ssl.CERT_NONE


def test_a_port_of_the_web_that_is_in_use_names_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"VEDETTE_HTTP_PORT={port + 1}"):
            listen("127.0.0.1", port, "http_port")


# In a process of its own: what it does to its descriptors cannot be undone.
_HANDED_OVER = """
import os, socket
from vedette.app.handing_over import take_no_more
listener = socket.create_server(("127.0.0.1", 0))
listener.setblocking(False)
successor, address = listener.dup(), listener.getsockname()
child = os.fork()
if not child:
    successor.setblocking(True)
    successor.accept()[0].sendall(b"successor")
    os._exit(0)
take_no_more(listener.fileno())
caller = socket.create_connection(address, 10)
try:
    listener.accept()
    print("the old one took it")
except BlockingIOError:
    print(caller.recv(20).decode())
os.waitpid(child, 0)
"""


def test_who_takes_no_more_leaves_connections_to_its_successor() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HANDED_OVER], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stdout == "successor\n", done.stderr
