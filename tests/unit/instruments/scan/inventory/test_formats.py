"""Every format reads what its tool wrote, and no hostile file of it brings a crash, or silence."""

import lzma
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import lockfiles, rpmdb

from vedette.instruments.scan.inventory import opening, reading, registry, telling
from vedette.instruments.scan.inventory.types import Broken, Format
from vedette.wire.scan import Component, Unknown

FORMATS = registry.all_formats()
INSTALLED = {"dist-info", "node-modules"}
MADE_HERE = {"rpm"}  # a database of SQLite, which tests make themselves


@pytest.mark.parametrize("folder", lockfiles.folders(), ids=lambda each: each.name)
def test_a_lock_file_says_what_it_says(folder: Path) -> None:
    found = reading.read(folder, installed=folder.name in INSTALLED)
    assert lockfiles.told(found) == lockfiles.expected(folder)


def test_every_format_has_a_file_and_an_expectation() -> None:
    shown = {kind.name for path in TEXTS if (kind := registry.format_of(str(path), installed=True))}
    assert set(FORMATS) - shown == MADE_HERE
    assert all((each / lockfiles.EXPECTED).read_text().strip() for each in lockfiles.folders())


def test_every_format_is_documented() -> None:
    docs = (Path(__file__).parents[5] / "docs/scans/dependencies.md").read_text()
    assert not [each.name for each in FORMATS.values() if f"| {each.label} |" not in docs]


PLACES = {
    "dpkg": "var/lib/dpkg/status",
    "apk": "lib/apk/db/installed",
    "rpm": "var/lib/rpm/rpmdb.sqlite",
    "rpm-list": "rpm-qa.txt",
}


def of(kind: Format, body: bytes, **beside: bytes) -> list[Component | Unknown]:
    """Return what a format makes of a file; what breaks is unknown, as it is where whole trees are read."""
    name = kind.names[0].replace("*", "x")
    name = PLACES.get(kind.name, name)
    files = {name: body, "etc/os-release": b"ID=debian\nVERSION_ID=12\n", **beside}
    return list(reading.read_opened([(name, kind)], files.get).components) + list(
        reading.read_opened([(name, kind)], files.get).unknown
    )


BOMBS = {
    "deep JSON": b'{"packages":' + b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000,
    "deep YAML": b"lockfileVersion: '9.0'\npackages: " + b"[" * 100_000,
    "YAML bomb": b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(20)
    ),
    "YAML cycle": b"lockfileVersion: '9.0'\npackages: &a {x: *a}\n",
    "XML bomb": b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><bom>&b;</bom>',
    "XML entity": b'<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]><bom><components>&a;</components></bom>',
    "deep XML": b"<bom>" + b"<components>" * 10_000,
    "deep TOML": b"package = " + b"[" * 50_000,
    "UTF-16": "packages".encode("utf-16"),
    "Latin-1": b'{"packages": {"caf\xe9": {}}}',
    "NUL": b"\0" * 1_000,
    "one long line": b"x" * 200_000,
    "a huge number": b'{"packages": {"a": {"version": ' + b"9" * 10_000 + b"}}}",
    "a wrong shape": b'{"packages": [1, null, {"name": 3}], "dependencies": "x", "bomFormat": "CycloneDX", "components": [1]}',
    "many escapes": b'{"packages": "' + b'\\"' * 100_000,
}  # fmt: skip


# What a format may take for a file of nothing, or passes over without reading it.
SILENT = {
    "go-sums": {"a go.mod beside"}, "requirements": {"NUL"}, "apk": set(), "node-modules": {*BOMBS} - {"NUL"},
}  # fmt: skip


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", [*FORMATS])
def test_a_hostile_file_is_unknown(name: str) -> None:
    for bomb, body in BOMBS.items():
        found = [each for each in of(FORMATS[name], body) if isinstance(each, Unknown)]
        assert found or bomb in SILENT.get(name, ()), f"{name} says nothing of {bomb}"
        assert all(each.why.isprintable() and each.subject.isprintable() for each in found)


# A lock file of each family with a name that could deceive whoever reads it on a terminal.
DECEIVING = {
    "uv": b'[[package]]\nname = "a\\u001b[2J"\nversion = "1"\nsource = {registry = "x"}\n',
    "npm": b'{"packages": {"": {}, "node_modules/a\\u001b[2J": {"version": "1.0.0"}}}',
    "pnpm": b"lockfileVersion: '9.0'\npackages:\n  \"a\\e[2J@1.0.0\": {}\n",
    "cyclonedx": b'{"bomFormat": "CycloneDX", "components": [{"purl": "pkg:pypi/a%1b%5b2J@1"}]}',
    "composer": b'{"packages": [{"name": "a/b\\u0000", "version": "1.0"}]}',
    "apk": b"P:a\x1b[2J\nV:1.0\n",
}


@pytest.mark.parametrize("name", DECEIVING)
def test_a_name_with_control_characters_is_told_and_written_out(name: str) -> None:
    (found,) = of(FORMATS[name], DECEIVING[name])
    assert isinstance(found, Unknown)
    assert found.why.isprintable()
    assert "which is no name" in found.why


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("npm", b'{"packages": [' + b"{}," * 3_000_001), ("npm", b"[" + b"1," * 3_000_001), ("uv", b"a=[\n" + b"[],\n" * 500_000),
        ("requirements", b"a\n" * 500_002),
    ],
)  # fmt: skip
def test_a_few_bytes_each_do_not_fill_the_memory(name: str, body: bytes) -> None:
    (found,) = of(FORMATS[name], body)
    assert isinstance(found, Unknown)
    assert "more than" in found.why


def test_folders_of_our_own_are_no_components() -> None:
    body = b'{"packages": {"": {"dependencies": {"own": "file:own"}}, "node_modules/own": {"version": "file:own"}}}'
    assert of(FORMATS["npm"], body) == []
    assert (
        of(
            FORMATS["pnpm"],
            b"lockfileVersion: '9.0'\npackages:\n  own@file:../own:\n    resolution: {directory: ../own}\n",
        )
        == []
    )


def test_an_error_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text('{\n  "packages": {\n    oops\n')
    (tmp_path / "uv.lock").write_text('version = 1\n\n[[package]\nname = "a"\n')
    (tmp_path / "pnpm-lock.yaml").write_text("lockfileVersion: '9.0'\npackages:\n  a: [\n")
    (tmp_path / "pom.xml").write_text("<project>\n<dependencies>\n</project>\n")
    (tmp_path / "go.mod").write_text("module a\n\nrequire b\n")
    assert [each.subject for each in reading.read(tmp_path).unknown] == [
        "go.mod:3", "package-lock.json:3", "pnpm-lock.yaml:4", "pom.xml:3", "uv.lock:3",
    ]  # fmt: skip


TEXTS = sorted(
    path for each in lockfiles.folders() for path in each.rglob("*")
    if path.is_file() and path.name != lockfiles.EXPECTED and registry.format_of(str(path), installed=True)
)  # fmt: skip


@given(path=st.sampled_from(TEXTS), data=st.data())
def test_a_damaged_file_never_crashes(path: Path, data: st.DataObject) -> None:
    """A real file, cut off or with some of its bytes replaced, is read, or told; nothing else happens."""
    body = path.read_bytes()
    at = data.draw(st.integers(0, len(body)))
    junk = data.draw(
        st.one_of(
            st.binary(max_size=20),
            st.sampled_from([b"\x1b[2J", b"[", b"{", b'"', b"\n\n", b": &a *a", b"null"]),
        )
    )
    keep = data.draw(st.integers(0, 40))
    kind = registry.format_of(str(path), installed=True)
    assert kind is not None
    found = of(kind, body[:at] + junk + body[at + keep :])
    texts = [
        text
        for each in found
        for text in ((each.why,) if isinstance(each, Unknown) else (each.name, each.version))
    ]
    assert all(text.isprintable() for text in texts)


@given(st.text())
def test_what_is_told_is_printable(text: str) -> None:
    assert telling.printable(text).isprintable()


def test_a_database_of_rpm_is_read_from_its_headers() -> None:
    body = rpmdb.database(
        rpmdb.header(name="openssl-libs", version="3.0.7", release="24.el9", epoch=1, source="openssl-3.0.7-24.el9.src.rpm"),
        rpmdb.header(name="bash", version="5.1.8", release="6.el9", source="bash-5.1.8-6.el9.src.rpm"),
        rpmdb.header(name="gpg-pubkey", version="350d275d", release="6279464b"),
    )  # fmt: skip
    files = {"var/lib/rpm/rpmdb.sqlite": body, "etc/os-release": b'ID="almalinux"\nVERSION_ID="9.3"\n'}
    found = reading.read_opened([("var/lib/rpm/rpmdb.sqlite", FORMATS["rpm"])], files.get)
    assert not found.unknown
    assert [(each.ecosystem, each.name, each.version, each.source) for each in found.components] == [
        ("AlmaLinux:9", "bash", "5.1.8-6.el9", "bash"),
        ("AlmaLinux:9", "openssl-libs", "1:3.0.7-24.el9", "openssl"),
    ]


def test_a_database_that_rpm_wrote_is_read() -> None:
    body = lzma.decompress((lockfiles.FOLDER.parent / "rpmdb.sqlite.xz").read_bytes())
    (found,) = of(FORMATS["rpm"], body)
    assert isinstance(found, Component)
    assert (found.name, found.version, found.source) == ("shop-libs", "2:1.2.3-4.el9", "shop-libs")


@pytest.mark.parametrize(
    "damage",
    [
        lambda body: body[:1500],
        lambda body: body[:4096] + b"\xff" * 100 + body[4196:],
        lambda _: rpmdb.database(b"\0\0"),
        lambda _: rpmdb.database(
            struct.pack(">II", 1, 4) + struct.pack(">IIII", 1000, 6, 10_000_000, 1) + b"abcd"
        ),
        lambda _: rpmdb.endless(),
    ],
    ids=["cut", "overwritten", "no header", "offset beyond", "a view without end"],
)
def test_a_damaged_database_of_rpm_is_unknown(damage: object) -> None:
    assert callable(damage)
    body = damage(rpmdb.database(rpmdb.header(name="bash", version="1", release="1")))
    found = of(FORMATS["rpm"], body)
    assert any(isinstance(each, Unknown) for each in found)


def test_links_do_not_lead_out_and_folders_do_not_wait(tmp_path: Path) -> None:
    outside, tree = tmp_path / "outside", tmp_path / "tree"
    outside.mkdir(), tree.mkdir()
    (outside / "uv.lock").write_text("version = 1\n")
    (tree / "uv.lock").symlink_to(outside / "uv.lock")
    (tree / "linked").symlink_to(outside)
    opener = opening.below(tree)
    with pytest.raises(Broken, match="leads out"):
        opener("uv.lock")
    assert opener("nothing") is None
    assert [each.why for each in reading.read(tree).unknown] == [
        "It is a link that leads out of what is scanned, and is not followed."
    ]


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "Cargo.lock")
    assert [each.why for each in reading.read(tmp_path).unknown] == ["It is no file."]


def test_a_manifest_without_a_lock_file_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    (tmp_path / "a/package.json").write_text('{"dependencies": {"left": "^1"}}')
    (tmp_path / "b/package.json").write_text('{"name": "asks for nothing", "dependencies": {}}')
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = [\n  "django",\n]\n')
    found = reading.read(tmp_path)
    assert [each.subject for each in found.unknown] == ["a/package.json", "pyproject.toml"] or [
        each.subject for each in found.unknown
    ] == ["pyproject.toml", "a/package.json"]


def test_trees_of_installed_packages_are_read_when_asked(tmp_path: Path) -> None:
    folder = tmp_path / ".venv/lib/python3.11/site-packages/six-1.16.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n\n")
    assert not reading.read(tmp_path).components
    assert [each.name for each in reading.read(tmp_path, installed=True).components] == ["six"]


def test_a_file_of_any_name_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "what-we-ship.json").write_bytes((lockfiles.FOLDER / "spdx/shop.spdx.json").read_bytes())
    assert [each.name for each in reading.read(tmp_path / "what-we-ship.json").components] == ["six"]
    (tmp_path / "notes").write_text("nothing")
    assert reading.read(tmp_path / "notes").unknown[0].why == "It is of no format that is known."
