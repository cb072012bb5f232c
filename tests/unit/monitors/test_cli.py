"""`vedette monitors`: what it takes and says."""

import pytest

from vedette.cli import watching
from vedette.core.errors import ConfigError
from vedette.monitors.types import Config, Cron, Every, OnCalendar, Rhythm


def asked(**options: str) -> Config:
    told = {
        "every": "",
        "cron": "",
        "on_calendar": "",
        "zone": "UTC",
        "grace": "1h",
        "longest": "",
        **options,
    }
    return watching._heartbeat(**told)


@pytest.mark.parametrize(
    ("options", "rhythm"),
    [
        ({"every": "90s", "grace": "30"}, Rhythm(schedule=Every(seconds=90), grace=30)),
        ({"every": "1d", "longest": "2h"}, Rhythm(schedule=Every(seconds=86_400), grace=3_600, longest=7_200)),
        ({"cron": "0 4 * * *", "zone": "Europe/Berlin", "grace": "5 min"}, Rhythm(schedule=Cron(expression="0 4 * * *", zone="Europe/Berlin"), grace=300)),
        ({"on_calendar": "Mon 04:00"}, Rhythm(schedule=OnCalendar(expression="Mon 04:00"), grace=3_600)),
    ],
)  # fmt: skip
def test_the_options_of_a_heartbeat(options: dict[str, str], rhythm: Rhythm) -> None:
    assert asked(**options).rhythm == rhythm


@pytest.mark.parametrize(
    "options", [{}, {"every": "1h", "cron": "* * * * *"}, {"every": "soon"}, {"every": "1h", "grace": "-1"}]
)
def test_what_makes_no_heartbeat_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="--"):
        asked(**options)
