import pytest

from vedette.core.accepting import pick


@pytest.mark.parametrize(
    ("accepted", "chosen"), [("br, gzip", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("", "")]
)
def test_the_encoding_that_is_picked(accepted: str, chosen: str) -> None:
    assert pick({"": b"", "br": b"", "gzip": b""}, accepted) == chosen
