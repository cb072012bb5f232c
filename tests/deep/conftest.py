"""Deep tests start real servers too."""

from tests.e2e.conftest import migrated, start_for_all, start_vedette, template, vedette_server

__all__ = ["migrated", "start_for_all", "start_vedette", "template", "vedette_server"]
