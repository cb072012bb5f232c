"""A setting nobody documented fails the build, and so does a word about none."""

import dataclasses

from tools.settings_page import PAGE, page

from vedette.core.settings import HELP, Settings


def test_every_setting_is_explained_and_no_other() -> None:
    assert set(HELP) == {field.name for field in dataclasses.fields(Settings)}


def test_the_page_is_what_the_settings_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tools.settings_page`"
