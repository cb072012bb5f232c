"""The published schema takes what we take, refuses what we refuse, and is the one of this version."""

import json
import tomllib
from pathlib import Path

import jsonschema
import msgspec
import pytest
from tests.unit.deploy.test_desired import the_example
from tests.unit.deploy.test_exporting import RICH

from vedette.deploy.desired.schema import schema

PUBLISHED = Path(__file__).parents[3] / "docs/deploy/infra.schema.json"


def test_it_is_published_as_it_is() -> None:
    said = msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"
    assert PUBLISHED.read_text() == said, "write it: see docs/deploy/desired.md"


def test_it_takes_what_we_take_and_refuses_what_we_refuse() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text()))
    for text in (the_example(), RICH):
        assert [each.message for each in validator.iter_errors(tomllib.loads(text))] == []


@pytest.mark.parametrize(
    "text",
    ["[servers.web]\ntpye = 'cx23'", "[servers.web]\ntype = 'cx23'", "asert = []", "[networks.m]\nrange = 3",
     "[load_balancers.l]\ntype = 'lb11'\nservices = [{ listen = 70000, to = 80 }]"],
)  # fmt: skip
def test_it_refuses_what_no_file_may_say(text: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text()))
    assert not validator.is_valid(tomllib.loads(text))
