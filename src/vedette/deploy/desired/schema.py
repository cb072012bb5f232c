"""The JSON Schema of a file of infrastructure, for editors. Pure."""

import msgspec

from vedette.deploy.desired.written import InfraFile

ADDRESS = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, object]:
    """Return the schema (2020-12) of `infra/*.toml`, and so of the section `[infra]` of `vedette.toml`."""
    (_,), defs = msgspec.json.schema_components((InfraFile,), ref_template="#/$defs/{name}")
    top = defs.pop(InfraFile.__name__)
    return {
        "$schema": ADDRESS,
        "title": "Vedette: infrastructure at Hetzner",
        **_told(top),
        "$defs": {k: _told(v) for k, v in defs.items()},
    }


def _told(found: dict[str, object]) -> dict[str, object]:
    """Return a schema without the name of our type, which says nothing to people."""
    return {key: value for key, value in found.items() if key != "title"}
