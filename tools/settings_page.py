"""Write docs/settings.md from `core.settings`; the test compares what is there with what this makes."""

import dataclasses
from pathlib import Path

from vedette.core.settings import HELP, Settings

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
HEAD = """# Settings

Every setting has a default, so none must be set. A value is taken from the first that names it: an environment variable, then
`vedette.toml` (in the folder Vedette is started in, or where `VEDETTE_CONFIG` points), then the default. A wrong value is
refused at the start with its file and line; `vedette check-config` looks without starting. This page is written by
`python -m tools.settings_page`.

| key in `vedette.toml` | variable | default | what it is |
|---|---|---|---|
"""
FOOT = """
Settings that begin with `oidc_` may stand in a table, without it:

```toml
[oidc]
issuer = "https://login.example.org/realms/team"
client_id = "vedette"
client_secret_file = "/etc/vedette/oidc-secret"
name = "Example login"
domains = "example.org"
new_users = true
role = "member"
```

Register `<base_url>/sign-in/oidc/back/` there as the redirect URI. The provider must put a verified e-mail address into the ID
token (scope `email`); it finds the account of the same address the first time, and the provider's own id for the person finds
it from then on. Keys are fetched anew for each sign-in, so a rotation needs nothing. A provider in a private network is
reached only with `allow_private_addresses`. A second factor that is set up here is asked for as well.

For how many days events are kept can also be chosen under Settings, Retention; what was chosen there counts.

```toml
# vedette.toml
base_url = "https://errors.example.org"
trusted_proxies = 1
smtp_host = "mail.example.org"
smtp_port = 587
```
"""


def page() -> str:
    """Return the page; raises `KeyError` for a setting without a word in `HELP`."""
    rows = [
        f"| `{field.name}` | `VEDETTE_{field.name.upper()}` | {_default(field.default)} | {HELP[field.name].replace('<', '&lt;')} |\n"
        for field in dataclasses.fields(Settings)
    ]
    return HEAD + "".join(rows) + FOOT


def _default(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value not in {""} else "–"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
