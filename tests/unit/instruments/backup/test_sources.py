"""What every source keeps to, whatever it saves."""

from pathlib import Path

import pytest

from vedette.core.errors import Invalid
from vedette.instruments.backup import registry
from vedette.wire.backup import What

DOCS = Path(__file__).parents[4] / "docs" / "backups"
KINDS = sorted(registry.sources())


def test_all_of_them_are_found() -> None:
    assert {"command", "mongo", "paths", "redis", "sqlite", "vedette", "volumes"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_told_of_with_each_of_its_settings(kind: str) -> None:
    told = "".join(path.read_text() for path in DOCS.glob("*.md"))
    names = registry.source_of(kind).settings.__struct_fields__
    assert f"`{kind}`" in told or f'kind = "{kind}"' in told
    assert not [name for name in names if f"`{name}`" not in told and f"{name} =" not in told]


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_it_does_not_know_is_refused_by_name(kind: str) -> None:
    with pytest.raises(Invalid, match=r"unknown field `pathz`"):
        registry.settings_of(What(kind=kind, settings={"pathz": [], "paths": [], "run": []}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_host_without_anything_has_nothing_of_it(kind: str, tmp_path: Path) -> None:
    assert registry.source_of(kind).propose(tmp_path) == ()
