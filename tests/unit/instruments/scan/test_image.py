"""An image is what its layers make of each other; whatever is damaged, hostile or empty is told."""

import gzip
import io
import tarfile
import zlib
from pathlib import Path

import pytest
from tests.support import images

from vedette.instruments.scan.image import archive, layers, scanner
from vedette.instruments.scan.image.forward import Forward
from vedette.instruments.scan.inventory.types import Broken
from vedette.instruments.scan.types import Asked, CannotKnow, silent
from vedette.wire.scan import ScanReport

STATUS = b"Package: openssl\nStatus: install ok installed\nVersion: 3.0.11-1\n"
NEWER = b"Package: openssl\nStatus: install ok installed\nVersion: 3.0.13-1\n"
DEBIAN = b"ID=debian\nVERSION_ID=12\n"
BASE = {
    "var/lib/dpkg/status": STATUS,
    "usr/lib/os-release": DEBIAN,
    "etc/os-release": "../usr/lib/os-release",
}


def look(path: Path) -> ScanReport:
    return scanner.SCANNER.scan(Asked(target=str(path), now=0.0, feeds=path.parent / "feeds"), silent)


def packages(path: Path) -> list[str]:
    return [f"{each.ecosystem} {each.name} {each.version}" for each in look(path).components]


@pytest.mark.parametrize("packed", images.PACKED)
@pytest.mark.parametrize("nested", [False, True])
def test_an_oci_layout_is_read(tmp_path: Path, packed: str, *, nested: bool) -> None:
    made = images.PACKED[packed](images.layer(BASE))
    path = images.laid_out(tmp_path / "i.tar", [made], nested=nested)
    assert packages(path) == ["Debian:12 openssl 3.0.11-1"]
    assert look(path).facts["platform"] == "linux/amd64"


def test_what_docker_saves_is_read_also_when_it_is_packed(tmp_path: Path) -> None:
    path = images.saved(
        tmp_path / "i.tar", images.layer(BASE), images.layer({"./var/lib/dpkg/status": NEWER})
    )
    assert packages(path) == ["Debian:12 openssl 3.0.13-1"]
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert packages(path) == ["Debian:12 openssl 3.0.13-1"]
    assert look(path).facts["platform"] == "linux/arm64"


def test_what_a_layer_takes_away_is_gone(tmp_path: Path) -> None:
    lower = images.layer({**BASE, "app/uv.lock": b'[[package]]\nname = "six"\nversion = "1"\nsource = {registry = "x"}\n',
                          "srv/go.mod": b"module a\nrequire b.org/c v1.0.0\n"})  # fmt: skip
    gone = images.layer({"app/.wh.uv.lock": b"", "srv/.wh..wh..opq": b""})
    assert packages(images.saved(tmp_path / "a.tar", lower)) == [
        "Debian:12 openssl 3.0.11-1", "Go b.org/c 1.0.0", "PyPI six 1",
    ]  # fmt: skip
    assert packages(images.saved(tmp_path / "b.tar", lower, gone)) == ["Debian:12 openssl 3.0.11-1"]
    folder = images.layer({".wh.var": b""})
    assert packages(images.saved(tmp_path / "c.tar", images.layer(BASE), folder)) == []


def test_installed_packages_are_read_and_the_systems_own_lock_files_are_not(tmp_path: Path) -> None:
    site = "usr/local/lib/python3.12/site-packages"
    made = images.layer({
        **BASE, f"{site}/six-1.16.0.dist-info/METADATA": b"Name: six\nVersion: 1.16.0\n\n",
        "app/node_modules/left/package.json": b'{"name": "left", "version": "1.0.0"}',
        "usr/share/doc/x/package-lock.json": b'{"packages": {"node_modules/b": {"version": "1.0.0"}}}',
    })  # fmt: skip
    assert packages(images.saved(tmp_path / "i.tar", made)) == [
        "Debian:12 openssl 3.0.11-1", "PyPI six 1.16.0", "npm left 1.0.0",
    ]  # fmt: skip


def test_links_lead_nowhere_but_to_what_was_kept(tmp_path: Path) -> None:
    made = images.layer(
        {**BASE, "app/uv.lock": "../../../../etc/shadow", "srv/poetry.lock": "/srv/poetry.lock"}
    )
    found = look(images.saved(tmp_path / "i.tar", made))
    assert [(each.subject, each.why) for each in found.unknown if "lock" in each.subject] == [
        ("app/uv.lock", "It is a link to a file that is not read, or is not there."),
        ("srv/poetry.lock", "Its links lead in a circle."),
    ]


def test_a_name_leads_no_further_than_to_the_root() -> None:
    assert layers.plain("../../etc/./os-release") == "etc/os-release"
    assert layers.plain("/a/../../b//c") == "b/c"


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda path: path.write_bytes(b""), "empty file"),
        (lambda path: path.write_bytes(b"\x1f\x8b" + b"x" * 600), "damaged"),
        (lambda path: path.write_bytes(b"not an archive" * 100), "no archive"),
        (lambda path: path.write_bytes(images.archive({"a": b"b"})), "neither an OCI layout"),
        (lambda path: images.laid_out(path, [images.layer(BASE)], damage=lambda body: body[:600]), "cut off"),
        (lambda path: images.laid_out(path, [images.layer(BASE)], damage=lambda body: body + b"\0" * 512), "not what its hash says"),
        (lambda path: images.laid_out(path, [gzip.compress(images.layer(BASE))], damage=lambda body: body[:-30]), "cut off"),
        (lambda path: path.write_bytes(images.archive({"manifest.json": b'[{"Layers": ["a"]}, {"Layers": ["b"]}]'})), "several images"),
        (lambda path: path.write_bytes(images.archive({"manifest.json": b'[{"Layers": ["gone.tar"]}]'})), "is not there"),
        (lambda path: path.write_bytes(images.archive({"index.json": b'{"manifests": []}'})), "names no image"),
        (lambda path: images.saved(path, images.layer(BASE)[:1024] + b"x" * 512 + images.layer(BASE)[1024:]), "has no end"),
        (lambda path: path.write_bytes(images.archive({"manifest.json": b"[]"})[:1024]), "has no end"),
        (lambda path: images.saved(path, b"\x28\xb5\x2f\xfd" + b"x" * 600), "cut off or damaged"),
    ],
    ids=["empty", "no gzip", "no archive", "no image", "cut", "changed", "cut gzip", "two", "missing", "none", "bad header", "no trailer", "no zstd"],
)  # fmt: skip
def test_what_is_no_image_or_damaged_cannot_be_known(tmp_path: Path, made: object, why: str) -> None:
    assert callable(made)
    made(tmp_path / "i.tar")
    with pytest.raises(CannotKnow, match=why):
        look(tmp_path / "i.tar")


def test_an_image_in_which_nothing_names_packages_is_unknown(tmp_path: Path) -> None:
    found = look(images.saved(tmp_path / "i.tar", images.layer({"bin/app": b"\x7fELF"})))
    assert "Nothing in the image names packages" in found.unknown[0].why


def test_a_header_that_claims_gigabytes_is_not_read() -> None:
    member = tarfile.TarInfo("./PaxHeaders/x")
    member.type, member.size = tarfile.XHDTYPE, 4 << 30
    with pytest.raises(Broken, match="far too large"):
        layers.read(io.BytesIO(member.tobuf() + b"\0" * 1024))


def test_what_unpacks_to_too_much_is_not_read_to_its_end() -> None:
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(8)) + packer.flush()
    with pytest.raises(Broken, match="unpacks to more"):
        Forward(gzip.GzipFile(fileobj=io.BytesIO(packed)), most=4 << 20).drain()


def test_progress_is_told_in_parts(tmp_path: Path) -> None:
    told: list[float | None] = []
    archive.read(images.saved(tmp_path / "i.tar", images.layer(BASE)), lambda _, done: told.append(done))
    assert told
    assert all(each is not None and 0 <= each <= 1 for each in told)
