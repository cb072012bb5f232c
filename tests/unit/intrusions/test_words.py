"""What `vedette bans` and `vedette allow` do and say where a server's data lies."""

import pytest
from tests.support.rooms import NOW

from vedette.agent.desk import Answer, Asked
from vedette.cli import server_bans
from vedette.core.errors import Invalid, NotFound
from vedette.intrusions.service import Judges

pytestmark = pytest.mark.django_db(transaction=True)


def ask(verb: str, value: str = "", seconds: float = 0.0, note: str = "") -> Answer:
    return server_bans._VERBS[verb](Asked(verb=verb, value=value, seconds=seconds, note=note, by="root"), NOW)


def test_the_words_of_the_server(judges: Judges) -> None:
    assert judges
    made = ask("bans add", "2001:db8:1:2::5", 3600, "spam")
    assert made.text.startswith(
        "2001:db8:1:2::/64 is banned on every host and behind every guard for 1 h, until"
    )
    ask("bans add", "192.0.2.0/24", 3600)
    [first, second] = ask("bans list").rows
    assert {first["value"], second["value"]} == {"2001:db8:1:2::/64", "192.0.2.0/24"}
    assert first["left"] == "1 h"
    assert "192.0.2.0/24 around it stands until" in ask("bans remove", "192.0.2.9").text
    assert ask("bans remove", "192.0.2.0/24").text == "192.0.2.0/24 is free."
    lifted = ask("allow add", "2001:db8:1::/48", note="a partner").text
    assert "The ban of 2001:db8:1:2::/64 is lifted." in lifted
    [allowed, never] = ask("allow list").rows
    assert (allowed["network"], allowed["why"]) == ("2001:db8:1::/48", "vedette: a partner")
    assert never["network"] == "198.51.100.250"
    with pytest.raises(Invalid, match="allowlist"):
        ask("bans add", "2001:db8:1:2::5", 3600)
    assert ask("allow remove", "2001:db8:1::/48").text == "2001:db8:1::/48 is allowed no longer."
    with pytest.raises(NotFound):
        ask("allow remove", "2001:db8:1::/48")
    assert ask("bans list").rows == ()
