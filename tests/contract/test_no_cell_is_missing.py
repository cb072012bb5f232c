"""The matrix of what must end red is whole: every failure on every engine and every source has a test that claims its cell."""

import importlib
from itertools import product

from tests.support.matrix import ENGINES, FAILURES, OF_A_SOURCE, SOURCES, claimed

from vedette.instruments.backup import registry

MODULES = ("test_no_false_greens", "test_no_false_greens_sources", "test_backups_killed")


def test_the_matrix_names_every_engine_and_every_source() -> None:
    assert tuple(registry.engines()) == ENGINES
    assert tuple(registry.sources()) == SOURCES


def test_every_cell_is_claimed_by_a_test() -> None:
    for module in MODULES:
        importlib.import_module(f"tests.deep.{module}")
    wanted = {*product(FAILURES, ENGINES), *product(OF_A_SOURCE, SOURCES)}
    assert not sorted(wanted - claimed)
    assert claimed <= wanted
