"""The browser client at `/js/<key>.js`: who gets it, with what built in, and for how long it is kept."""

import gzip

import brotli
import pytest
from tests.support.door import OTHER_PUBLIC, PUBLIC, Door, Reply, dsn_of
from tools import browser_client

from vedette.intake.loading import FOLDER, KEEP_SECONDS, PARTS

SHOP = "https://shop.example"


def ask(door: Door, rest: str = ".js", method: str = "GET", key: str = PUBLIC, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return door.post(b"", path=f"/js/{key}{rest}", method=method, auth=None, headers=sent)


def test_the_script_of_a_key_begins_with_its_dsn(door: Door) -> None:
    for key, project in ((PUBLIC, 1), (OTHER_PUBLIC, 2)):
        reply = ask(door, key=key)
        assert (reply.status, reply.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        assert reply.body.decode().endswith(f'\nVedette.init({{dsn:"{dsn_of(key, project)}"}})\n')
        assert reply.body.startswith((FOLDER / "vedette.js").read_bytes())


@pytest.mark.parametrize("part", ["vitals", "feedback"])
def test_the_parts_loaded_later_are_the_same_for_all(door: Door, part: str) -> None:
    assert ask(door, f".{part}.js").body == (FOLDER / PARTS[part]).read_bytes()
    assert ask(door, f".{part}.js", key="0" * 32).status == 404


def test_it_is_packed_as_the_browser_takes_it(door: Door) -> None:
    plain = ask(door).body
    zipped = ask(door, accept_encoding="gzip, deflate")
    assert (zipped.headers["content-encoding"], gzip.decompress(zipped.body)) == ("gzip", plain)
    packed = ask(door, accept_encoding="gzip, deflate, br, zstd")
    assert (packed.headers["content-encoding"], brotli.decompress(packed.body)) == ("br", plain)
    assert len({reply.headers["etag"] for reply in (ask(door), zipped, packed)}) == 3


def test_it_is_kept_for_minutes_and_then_asked_about(door: Door) -> None:
    first = ask(door)
    assert first.headers["cache-control"] == f"public, max-age={KEEP_SECONDS}"
    again = ask(door, if_none_match=first.headers["etag"])
    assert (again.status, again.body, "content-length" in again.headers) == (304, b"", False)
    assert ask(door, if_none_match='"another"').status == 200


@pytest.mark.parametrize("is_known", [True, False])
def test_a_key_that_is_disabled_or_unknown_gets_none_and_nobody_remembers_that(is_known: bool) -> None:
    door = Door(active=False)
    etag = ask(Door()).headers["etag"]
    reply = ask(door, key=PUBLIC if is_known else "0" * 32, if_none_match=etag)
    assert (reply.status, reply.headers["cache-control"]) == (404, "no-store")
    assert "revoked" in reply.json["detail"]


def test_reading_is_all_there_is(door: Door) -> None:
    assert ask(door, method="POST").headers["allow"] == "GET, HEAD"
    head = ask(door, method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(ask(door).body)))


def test_any_origin_may_read_it_where_any_may_send(door: Door) -> None:
    assert ask(door).headers["access-control-allow-origin"] == "*"
    assert ask(door, origin=SHOP).headers["access-control-allow-origin"] == "*"


def test_only_the_origins_of_the_key_may_read_it() -> None:
    door = Door(origins=(SHOP,))
    allowed = ask(door, origin=SHOP)
    assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (200, SHOP)
    refused = ask(door, origin="https://elsewhere.example")
    assert (refused.status, "access-control-allow-origin" in refused.headers) == (403, False)
    plain = ask(door)  # a script tag tells no origin; what it sends later is refused elsewhere
    assert (plain.status, "access-control-allow-origin" in plain.headers) == (200, False)
    assert {reply.headers["vary"] for reply in (allowed, refused, plain)} == {
        "Origin"
    }  # beside Accept-Encoding


def test_the_built_files_are_those_of_the_sources() -> None:
    assert (FOLDER / "sources.txt").read_text().strip() == browser_client.sources(), "run tools/build-assets"


def test_nothing_is_larger_than_its_budget() -> None:
    assert browser_client.too_large() == []
    served = [browser_client.CLIENT / part for part in PARTS.values()]
    assert sum(map(browser_client.packed, [*served, browser_client.REACT / "index.js"])) <= 8 * 1024
