"""What a client writes into a line hides neither the line nor who sent it."""

import pytest

from vedette.instruments.logs import registry
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.wanting import EVERYTHING

NOW = 1_795_713_567.0
PARSERS = registry.parsers()
ACCESS = '10.0.0.1 - - [26/Nov/2026:17:19:27 +0000] "GET /login HTTP/1.1" 401 0 "-" "UA"'


def addresses(line: str) -> list[str]:
    reader = Reader(PARSERS, EVERYTHING, trusted_proxies=["10.0.0.0/8"], engine="re2")
    return [one.address for one in reader.entries(line.encode() + b"\n", "a.log", NOW)]


@pytest.mark.parametrize(
    "said", ["203.0.113.9", "x, 203.0.113.9", r"\x22, 203.0.113.9", "1.1.1.1, " * 60 + "203.0.113.9"]
)
def test_whatever_a_client_claims_to_be_forwarded_for_the_proxy_names_it(said: str) -> None:
    assert addresses(f'{ACCESS} "{said}"') == ["203.0.113.9"]


@pytest.mark.parametrize("said", ["cats", "s", "ms", "items", '"203.0.113.9" ms', "1s"])
def test_a_line_may_end_as_it_likes(said: str) -> None:
    assert len(addresses(f"{ACCESS} {said}")) == 1


@pytest.mark.parametrize("said", [", client: ", ", client: 203.0.113.9, server: _"])
def test_a_referrer_hides_no_failed_sign_in(said: str) -> None:
    line = '2026/11/26 17:19:27 [error] 1#1: *1 user "x": password mismatch, client: 198.51.100.5, server: _'
    more = f'request: "GET / HTTP/1.1", host: "a", referrer: "{said}"'
    assert addresses(f"{line}, {more}") == ["198.51.100.5"]
    unknown = line.replace(": password mismatch", ' was not found in "/etc/x"')
    assert addresses(f"{unknown}, {more}") == ["198.51.100.5"]


@pytest.mark.parametrize(
    ("user", "agent", "found"),
    [
        ("a", "ip_address: ", ["198.51.100.5"]),
        ("ip_address: ", "x", ["198.51.100.5"]),
        ('x", ip_address: "203.0.113.9", user_agent: "', "x", [""]),
    ],
)
def test_an_agent_hides_no_failed_sign_in_of_django(user: str, agent: str, found: list[str]) -> None:
    line = f'AXES: New login failure by {{username: "{user}", ip_address: "198.51.100.5", user_agent: "{agent}", path_info: "/"}}.'
    assert addresses(line) == found
    assert addresses(line.replace(f'username: "{user}", ', "")) == ["198.51.100.5"]


def test_a_quote_hides_no_line_of_json_that_nginx_wrote_without_escaping_for_it() -> None:
    line = r'{"remote_addr":"198.51.100.5","uri":"/?f=/etc/passwd","status":404,"http_user_agent":"a \x22 \x5C b"}'
    assert addresses(line) == ["198.51.100.5"]
    assert addresses(line.replace(r"\x22", r"\xZZ")) == []


@pytest.mark.parametrize(("host", "prefix", "found"), [("audit1", "DROP", 1), ("web1", "AUDIT", 0)])
def test_what_a_host_is_called_hides_no_packet(host: str, prefix: str, found: int) -> None:
    line = f"Nov 26 15:40:14 {host} kernel: {prefix}: IN=eth0 OUT= SRC=198.51.100.5 DST=10.0.0.2 LEN=40 PROTO=TCP SPT=4 DPT=23"
    assert len(addresses(line)) == found
