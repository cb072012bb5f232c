"""Names that certificates are asked for: what is one, and why not; and the settings that go with them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core import domains
from vedette.core.errors import ConfigError
from vedette.core.settings import PUBLIC_ACME, STAGING_ACME, Settings, load


def test_names_are_taken_as_people_write_them() -> None:
    found = domains.names(
        " Watch.Example.COM. , status.example.com,watch.example.com,, bücher.de", public=True
    )
    assert found == ("watch.example.com", "status.example.com", "xn--bcher-kva.de")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("203.0.113.9", "this is an address"),
        ("[2001:db8::1]", "this is an address"),
        ("*.example.com", "wildcards need a proof in DNS"),
        ("https://watch.example.com", "no scheme, port or path"),
        ("watch.example.com:443", "no scheme, port or path"),
        ("watch_it.example.com", "this is no domain name"),
        ("-a.example.com", "this is no domain name"),
        ("a..example.com", "this is no domain name"),
        ("a" * 64 + ".example.com", "this is no domain name"),
        ("localhost", "no public authority"),
        ("watch", "no public authority"),
        ("watch.local", "no public authority"),
        ("nas.home.arpa", "no public authority"),
    ],
)
def test_what_no_certificate_can_be_had_for_is_refused_with_the_reason(name: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        domains.names(f"good.example.com, {name}", public=True)
    assert str(caught.value).startswith(f"domains: {name}: ")


def test_an_authority_of_ones_own_may_vouch_for_names_of_ones_own() -> None:
    assert domains.names("watch, watch.internal", public=False) == ("watch", "watch.internal")


def test_a_certificate_holds_so_many_names() -> None:
    with pytest.raises(ConfigError, match="101 names"):
        domains.names(",".join(f"n{n}.example.com" for n in range(101)), public=True)


@given(st.text(max_size=80))
def test_any_text_is_names_or_refused(text: str) -> None:
    try:
        found = domains.names(text, public=True)
    except ConfigError:
        return
    assert all(domains.why_not(name, public=True) == "" and name.isascii() for name in found)


def settings(**values: str) -> Settings:
    return load({f"VEDETTE_{name.upper()}": text for name, text in values.items()})


def test_a_domain_brings_the_ports_of_the_web_and_its_address() -> None:
    found = settings(domains="watch.example.com, status.example.com")
    assert (found.host, found.port, found.http_port) == ("0.0.0.0", 443, 80)
    assert found.public_url == "https://watch.example.com"
    assert found.names == ("watch.example.com", "status.example.com")
    assert found.acme_url == PUBLIC_ACME
    assert settings(domains="watch.example.com", acme_staging="true").acme_url == STAGING_ACME


def test_what_is_set_is_kept() -> None:
    found = settings(domains="watch.example.com", host="192.0.2.1", port="8443")
    assert (found.host, found.port, found.public_url) == ("192.0.2.1", 8443, "https://watch.example.com:8443")
    assert Settings().names == ()
    assert (Settings().port, Settings().public_url) == (8700, "http://localhost:8700")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"domains": ","}, "holds no name"),
        ({"base_url": "http://watch.example.com"}, "base_url starts with https://"),
        ({"acme_directory": "http://ca.example.com/dir"}, "acme_directory starts with https://"),
        (
            {"acme_directory": "https://ca.example.com/dir", "acme_staging": "yes"},
            "acme_directory and acme_staging",
        ),
        ({"acme_ca_bundle": "/nowhere/ca.pem"}, "/nowhere/ca.pem: no such file"),
        ({"port": "80"}, "port and http_port are both 80"),
        ({"http_port": "70000"}, "http_port is a port"),
    ],
)
def test_what_does_not_go_with_a_domain_is_refused(values: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings(**{"domains": "watch.example.com", **values})


def test_a_wrong_name_in_the_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "vedette.toml"
    file.write_text('domains = "*.example.com"\n')
    with pytest.raises(ConfigError, match=r"list the names, as in example\.com"):
        load({}, file)
