"""What the page of a flooded issue says, and which event it shows."""

import dataclasses

from django.test import Client
from tests.unit.errors_pages.conftest import Happen, an_error

from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts


def test_the_page_tells_how_many_are_kept_and_shows_one_that_is(
    house: MemoryPorts, happen: Happen, viewer: Client
) -> None:
    install(
        dataclasses.replace(house, settings=dataclasses.replace(house.settings, spike_events_per_minute=1))
    )
    for _ in range(25):
        issue = happen(an_error())
    page = viewer.get(f"/issues/{issue.short_id}/").content.decode()
    assert "10 of 25 kept with details" in page
    assert "shop/views.py" in page
    assert "Spike protection" not in page
