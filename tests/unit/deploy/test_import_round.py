"""A project that was applied, imported and planned again is as it should be: there is nothing to do."""

from pathlib import Path

import pytest
from tests.support.deploying import place
from tests.unit.deploy.test_desired import the_example
from tests.unit.deploy.test_exporting import RICH

from vedette.deploy.desired.catalogue import SHIPPED
from vedette.deploy.desired.exporting.writing import exported
from vedette.deploy.desired.reading import File, desired


@pytest.mark.parametrize("text", [the_example(), RICH])
def test_an_imported_file_changes_nothing(text: str, tmp_path: Path) -> None:
    first = desired([File("infra/shop.toml", text)])
    with place(tmp_path) as cloud:
        cloud.fake.pace = 0
        assert not cloud.apply(first).problems
        live = cloud.live()
        found = exported(live, "shop", first.groups)
        again = desired([File("infra/shop.toml", found.text)], catalogue=SHIPPED.with_live(live))
        assert not found.left
        assert cloud.plan(again).changes == cloud.plan(first).changes == ()
