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
