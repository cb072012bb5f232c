"""Package URLs of SBOMs, and the names of packages, in the form advisories know them by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.instruments.scan.inventory import naming, purls


@pytest.mark.parametrize(
    ("purl", "told"),
    [
        ("pkg:pypi/Ruamel_YAML@0.17.0", ("PyPI", "ruamel-yaml", "0.17.0", "")),
        ("pkg:npm/%40sindresorhus/is@4.6.0", ("npm", "@sindresorhus/is", "4.6.0", "")),
        ("pkg:npm/@sindresorhus/is@4.6.0", ("npm", "@sindresorhus/is", "4.6.0", "")),
        ("pkg:maven/org.example/core@1.0?type=jar#part", ("Maven", "org.example:core", "1.0", "")),
        ("pkg:golang/github.com/gin-gonic/gin@v1.9.0", ("Go", "github.com/gin-gonic/gin", "1.9.0", "")),
        ("pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&upstream=openssl%403.0&distro=debian-12", ("Debian:12", "libssl3", "3.0.11-1~deb12u2", "openssl")),
        ("pkg:deb/debian/curl@7.88?distro=bookworm", ("Debian:12", "curl", "7.88", "curl")),
        ("pkg:deb/ubuntu/curl@7.88?distro=ubuntu-22.04", ("Ubuntu:22.04:LTS", "curl", "7.88", "curl")),
        ("pkg:apk/alpine/libcrypto3@3.1.4-r5?distro=alpine-3.19.1&upstream=openssl", ("Alpine:v3.19", "libcrypto3", "3.1.4-r5", "openssl")),
        ("pkg:apk/wolfi/openssl@3.1", ("Wolfi", "openssl", "3.1", "openssl")),
        ("pkg:deb/debian/curl@7.88", None), ("pkg:deb/debian/curl@7.88?distro=sid", None), ("pkg:pypi/six", None),
        ("pkg:unheard/of@1", None), ("six@1.0", None), ("", None), ("pkg:", None), ("pkg:npm/@1", None),
    ],
)  # fmt: skip
def test_a_package_url_is_taken_apart(purl: str, told: tuple[str, ...] | None) -> None:
    found = purls.read(purl, "bom.json:1")
    assert told == (None if found is None else (found.ecosystem, found.name, found.version, found.source))


@given(st.text(), st.booleans())
def test_any_text_is_taken_apart_or_not_known(text: str, prefix: bool) -> None:
    purls.read(f"pkg:{text}" if prefix else text, "")


@given(
    ecosystem=st.sampled_from(["PyPI", "npm", "crates.io", "RubyGems", "Packagist", "NuGet", "Pub", "Hex"]),
    name=st.text("abcdefghij0123456789-", min_size=1, max_size=20),
    version=st.text("0123456789abc+~.:-", min_size=1, max_size=12),
)
def test_what_we_write_we_read(ecosystem: str, name: str, version: str) -> None:
    made = naming.component(ecosystem, name, version, "")
    found = purls.read(made.purl, "")
    assert found is not None
    assert (found.ecosystem, found.name, found.version) == (ecosystem, made.name, version)
