"""The sentence the page opens with."""

import pytest

from vedette.notify.types import ChannelRef, DeliveryState, Lag
from vedette.notify.verdict import failing, verdict

NOW = 1_764_000_000.0
CALM = Lag(0, None)


def channel(name: str = "Mail", **changes: object) -> ChannelRef:
    given = {
        "id": 1, "kind": "email", "name": name, "config": {}, "enabled": True, "default": True, "created_at": NOW,
    }  # fmt: skip
    return ChannelRef(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("channels", "counts", "lag", "tone", "title"),
    [
        ([], {}, CALM, "off", "Nobody is told of anything."),
        ([channel(enabled=False)], {}, CALM, "off", "Nobody is told of anything."),
        ([channel()], {}, CALM, "ok", "Mail is told when something happens."),
        ([channel(), channel("Hook")], {}, CALM, "ok", "Mail and Hook are told when something happens."),
        ([channel()] * 4, {}, CALM, "ok", "4 channels are told when something happens."),
        ([channel(failures=2)], {}, CALM, "ok", "Mail is told when something happens."),
        ([channel(failures=3)], {}, CALM, "crit", "Mail does not get through."),
        (
            [channel(refused=True), channel("B", failures=9)],
            {},
            CALM,
            "crit",
            "Mail and B do not get through.",
        ),
        (
            [channel(failures=3, enabled=False), channel("B")],
            {},
            CALM,
            "ok",
            "B is told when something happens.",
        ),
        ([channel()], {}, Lag(7, NOW - 301), "warn", "7 notices wait to go out."),
        ([channel()], {}, Lag(7, NOW - 300), "ok", "Mail is told when something happens."),
    ],
)
def test_worst_first(
    channels: list[ChannelRef], counts: dict[DeliveryState, int], lag: Lag, tone: str, title: str
) -> None:
    said = verdict(channels, counts, lag, NOW)
    assert (said.tone, said.title) == (tone, title)


def test_the_numbers_of_the_day() -> None:
    counts = {DeliveryState.SENT: 1, DeliveryState.FAILED: 2}
    assert verdict([channel()], counts, CALM, NOW).text == "1 notice arrived in the last 24 hours, 2 did not."
    assert verdict([channel()], {}, CALM, NOW).text == "Nothing was sent in the last 24 hours."


def test_a_channel_that_is_off_does_not_fail() -> None:
    assert not failing(channel(refused=True, enabled=False))
