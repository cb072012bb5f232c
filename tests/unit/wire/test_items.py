import pytest

from vedette.wire import items

PROTOCOL = (
    "event transaction attachment session sessions feedback user_report client_report check_in log span "
    "profile profile_chunk replay_event replay_recording trace_metric statsd"
)


@pytest.mark.parametrize("name", PROTOCOL.split())
def test_every_item_type_of_the_protocol_is_known(name: str) -> None:
    assert items.canonical(name) == name
    assert items.category(name) != "default"


def test_limits_are_those_of_the_protocol() -> None:
    assert items.limit("event") == 1024 * 1024
    assert items.limit("attachment") == 200 * 1024 * 1024
    assert items.limit("check_in") == 100 * 1024
    assert items.limit("log") == 2 * 1024 * 1024


def test_aliases_and_strangers_have_a_name_a_category_and_a_limit() -> None:
    assert items.canonical("profile_chunk_ui") == "profile_chunk"
    assert items.category("novelty") == "default"
    assert items.limit("novelty") == 1024 * 1024
