"""The table `[oidc]`: its keys are settings with a prefix, and half a configuration is refused."""

from pathlib import Path

import pytest

from vedette.core.errors import ConfigError
from vedette.core.settings import load


def written(folder: Path, text: str) -> Path:
    path = folder / "vedette.toml"
    path.write_text(text)
    return path


def test_the_table_stands_for_the_prefix(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        'port = 9000\n[oidc]\nissuer = "https://login.example.org"\nclient_id = "vedette"\nnew_users = true\n',
    )
    found = load({"VEDETTE_OIDC_CLIENT_SECRET": "hidden"}, file)
    assert (found.port, found.oidc_issuer, found.oidc_client_id) == (
        9000,
        "https://login.example.org",
        "vedette",
    )
    assert found.oidc_new_users is True
    assert found.oidc_client_secret == "hidden"
    assert "hidden" not in repr(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[oidc]\nissuer = "https://a.example"\n', "oidc_client_id is not"),
        ('[oidc]\nissuer = "http://a.example"\nclient_id = "v"\n', "starts with https://"),
        ('[oidc]\nissuer = "http://localhost.evil.example"\nclient_id = "v"\n', "starts with https://"),
        ('[oidc]\nrole = "owner"\n', "viewer, member, admin"),
        ('[oidc]\nisuer = "x"\n', r"vedette.toml:2: unknown setting oidc_isuer; did you mean oidc_issuer"),
        ("[oidc]\nclient_secret = 5\n", "takes a text, not a value"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load({}, written(tmp_path, text))
