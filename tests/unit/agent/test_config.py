"""What an agent is told, and what it answers to what is wrong."""

import re
from pathlib import Path

import pytest

from vedette.agent.config import Config, SetMode, Source, load, read
from vedette.core.errors import ConfigError

WHOLE = """
server = "https://vedette.example/"
name = "web-1"
state = "/srv/agent"
zone = "Europe/Berlin"
trusted_proxies = ["10.0.0.0/8", "2001:db8::1"]
allow = ["203.0.113.7"]
rules = "/etc/vedette/rules"
metrics = false

[sets]
ssh = "enforce"
web = "off"

[[sources]]
path = "/var/log/nginx/*.log"
parser = "nginx"
silent_after = "1d"

[[sources]]
journal = true
units = ["ssh.service"]
zone = "UTC"

[files]
paths = ["/srv"]
excludes = ["/srv/cache/*"]

[enforce.nginx]
path = "/etc/nginx/vedette.conf"
reload = ["nginx", "-s", "reload"]

[audit.waive]
some-check = { reason = "because" }
"""


def test_everything_that_can_be_told() -> None:
    found = read(WHOLE)
    assert found.server == "https://vedette.example"
    assert found.state == Path("/srv/agent")
    assert found.sets == {"ssh": SetMode.ENFORCE, "web": SetMode.OFF}
    assert found.sources == (
        Source(path="/var/log/nginx/*.log", parser="nginx", zone="Europe/Berlin", silent_after=86_400.0),
        Source(units=("ssh.service",), zone="UTC"),
    )
    assert found.enforce["nginx"]["path"] == "/etc/nginx/vedette.conf"
    assert (found.files.paths, found.files.excludes, found.files.usual) == (
        ("/srv",),
        ("/srv/cache/*",),
        True,
    )
    assert found.waive == {"some-check": {"reason": "because"}}
    assert not found.metrics


def test_nothing_need_be_told() -> None:
    assert read("").sources is None
    assert read("sources = []").sources == ()
    assert read('server = "https://a.example"') == Config(server="https://a.example")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('servr = "x"', r"agent.toml:1: A file has no `servr`; did you mean `server`\?"),
        ('\n[[sources]]\npth = "/x"', r"agent.toml:3: \[\[sources\]\] has no `pth`; did you mean `path`\?"),
        ('[[sources]]\npath = "/a"\n[[sources]]\npath = "var/log"', r"agent.toml:4: `path` is a whole path, not 'var/log'"),
        ('[[sources]]\npath = "/a"\njournal = true', r"either a `path` or `journal = true`"),
        ('[[sources]]\nparser = "sshd"', r"either a `path` or `journal = true`"),
        ('[[sources]]\npath = "/var/**/x.log"', r"no \*\*; name each folder"),
        ('[[sources]]\npath = "/a"\nunits = ["x"]', r"write `journal = true`"),
        ('[[sources]]\njournal = true\nunits = ["--file=/etc/shadow"]', r"'--file=/etc/shadow' is no unit"),
        ('[[sources]]\npath = "/a"\nstart = "beginnning"', r"did you mean beginning\?"),
        ('[[sources]]\npath = "/a"\nsilent_after = "soon"', r":3: `silent_after`: 'soon' is no length of time"),
        ('[[sources]]\npath = "/a"\nzone = "Europe/Berln"', r"is no time zone; did you mean Europe/Berlin\?"),
        ('allow = ["fe80::1/16"]', r":1: `allow`: 'fe80::1/16' is no address or network; fe80::/16 was meant\?"),
        ('allow = ["fe80/16"]', r"`allow`: 'fe80/16' is no address or network; write 203.0.113.7"),
        ('trusted_proxies = ["10.0.0.1/8"]', r"10.0.0.0/8 was meant\?"),
        ('[sets]\nssh = "enforced"', r":2: `ssh` is one of off, simulate, enforce, not 'enforced'. did you mean enforce\?"),
        ('state = "var"', r"`state` is a whole path"),
        ('server = "vedette.example"', r"`server` starts with https://"),
        ("metrics = 1", r":1: .*Expected `bool`, got `int`"),
        ('[files]\npaths = ["etc"]', r":2: `paths` holds whole paths"),
        ("a = = 1", r":1: This is no TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_what_was_meant(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(text)
    assert re.search(said, str(error.value)), str(error.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load(tmp_path / "agent.toml")
    (tmp_path / "agent.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="no text in UTF-8"):
        load(tmp_path / "agent.toml")
