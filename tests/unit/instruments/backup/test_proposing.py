"""What a host has that should be saved, found below a root folder."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from vedette.core.clock import ManualClock
from vedette.instruments.backup import proposing, registry
from vedette.instruments.backup.types import Tools
from vedette.wire.backup import What


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in (
        "etc/redis",
        "srv/shop/node_modules",
        "home",
        "opt/vedette/data",
        "var/lib/docker/volumes/shop/_data",
        "var/www",
    ):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/redis/redis.conf").write_text("port 6379")
    (tmp_path / "etc/mongod.conf").write_text("")
    (tmp_path / "srv/shop/index.html").write_bytes(b"x" * 3_000_000)
    (tmp_path / "srv/shop/node_modules/left-pad.js").write_bytes(b"x" * 9_000)
    (tmp_path / "srv/shop/no.db").write_text("text")
    for path in ("srv/shop/shop.sqlite3", "opt/vedette/data/core.db"):
        with sqlite3.connect(tmp_path / path) as made:
            made.execute("CREATE TABLE t (a)")
    (tmp_path / "var/lib/docker/volumes/shop/_data/file").write_text("hello")
    (tmp_path / "var/www/loop").symlink_to("loop")
    return tmp_path


def test_databases_come_first_and_every_proposal_is_a_plan(root: Path) -> None:
    tools = Tools(now=ManualClock(5.0).now, state=root)
    found = proposing.proposals(root, tools, engines={})
    kinds = [one.what.kind for one in found.found if one.what.kind not in {"postgres", "mysql"}]
    assert kinds == ["mongo", "redis", "sqlite", "volumes", "vedette", "paths", "paths", "paths"]
    for one in found.found:
        registry.settings_of(one.what)
    told = {registry.name_of(one.what): one for one in found.found}
    assert told["sqlite/shop"].what.settings == {"paths": ["/srv/shop/shop.sqlite3"]}
    assert told["paths/srv"].sentence == "/srv: what is served, 3 files, 2.9 MB."
    assert told["volumes/shop"].what == What(kind="volumes", name="shop", settings={"volumes": ["shop"]})
    assert found.at == 5.0


def test_an_empty_host_has_nothing(tmp_path: Path) -> None:
    assert proposing.proposals(tmp_path, Tools(now=ManualClock().now, state=tmp_path), engines={}).found == ()


def test_what_cannot_be_read_is_passed_over(root: Path) -> None:
    broken = registry.source_of("redis")

    def refused(root: Path) -> tuple[()]:
        raise PermissionError(13, "no")

    sources = {"redis": msgspec.structs.replace(broken, propose=refused)}
    assert (
        proposing.proposals(root, Tools(now=ManualClock().now, state=root), sources=sources, engines={}).found
        == ()
    )
