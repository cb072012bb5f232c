"""A ban on a real server: by the API and by the command line, and a real guard refuses who is banned."""

from tests.support.server import Vedette
from vedette_guard import Decisions
from vedette_guard.bans.puller import Bans

ATTACKER, OTHER = "198.51.100.77", "2001:db8:77:1::5"


def place(server: Vedette) -> str:
    return f"/api/{server.project.dsn.rpartition('/')[2]}/decisions/"


def test_a_guard_refuses_who_is_banned_and_no_other(vedette_server: Vedette) -> None:
    server = vedette_server
    url = f"{server.url}{place(server)}?sentry_key={server.project.key}"
    bans = Bans(Decisions(url=url))
    bans.step()
    assert bans.refusal(ATTACKER) is None
    status, made = server.api("POST", "/bans", {"value": ATTACKER, "lasts": "1h", "reason": "spam"})
    assert (status, made["value"]) == (201, ATTACKER)
    added = server.cli("bans", "add", OTHER, "--for", "2h", "--reason", "also spam")
    assert added.returncode == 0, added.stderr
    server.wait(lambda: bans.step() and bans.refusal(ATTACKER) and bans.refusal(OTHER))
    assert bans.refusal("2001:db8:77:1::6") is not None, "an IPv6 client is its /64"
    assert bans.refusal("198.51.100.78") is None
    status, lifted = server.api("DELETE", f"/bans?value={ATTACKER}")
    assert (status, lifted["lifted"]) == (200, [ATTACKER])
    allowed = server.cli("allow", "add", "2001:db8:77::/48", "--note", "a partner")
    assert allowed.returncode == 0, allowed.stderr
    server.wait(lambda: bans.step() and bans.refusal(ATTACKER) is None and bans.refusal(OTHER) is None)


def test_a_wrong_key_reads_nothing(vedette_server: Vedette) -> None:
    server = vedette_server
    for query, status in (
        ("", 401),
        ("?sentry_key=" + "0" * 32, 401),
        (f"?sentry_key={server.project.key}&cursor=x", 200),
    ):
        found, _, body = server.request("GET", f"{place(server)}{query}")
        assert found == status, body
    assert server.request("GET", f"/api/99999/decisions/?sentry_key={server.project.key}")[0] == 403
    assert server.request("POST", f"{place(server)}?sentry_key={server.project.key}")[0] == 405
