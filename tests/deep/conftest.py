"""Deep tests start real servers too."""

from tests.e2e.conftest import start_vedette, vedette_server

__all__ = ["start_vedette", "vedette_server"]
