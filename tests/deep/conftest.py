"""Deep tests start real servers too."""

from tests.e2e.conftest import migrated, start_vedette, vedette_server

__all__ = ["migrated", "start_vedette", "vedette_server"]
