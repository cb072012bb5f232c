"""The table [files] of agent.toml."""

import re

import pytest

from vedette.core.errors import ConfigError
from vedette.instruments.files.setting import file_set
from vedette.instruments.files.types import DEFAULT_EXCLUDES, DEFAULT_PATHS


def test_paths_are_beside_the_usual_ones_or_instead() -> None:
    assert file_set({}).paths == DEFAULT_PATHS
    assert file_set({"paths": ["/srv/www/", "/etc"]}).paths == (*DEFAULT_PATHS, "/srv/www")
    assert file_set({"paths": ["/srv/www"], "usual": False}).paths == ("/srv/www",)
    assert file_set({"excludes": ["/srv/www/cache/*"]}).excludes == (*DEFAULT_EXCLUDES, "/srv/www/cache/*")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([], "[files]: it is a table"),
        ({"path": ["/x"]}, "did you mean paths?"),
        ({"paths": ["srv"]}, "[files] paths: it is a list of absolute paths"),
        ({"paths": "/srv"}, "[files] paths: it is a list of absolute paths"),
        ({"usual": "no"}, "[files] usual: it is true or false."),
        ({"usual": False}, "name at least one"),
    ],
)
def test_what_is_wrong_is_named(table: object, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        file_set(table)
