"""From a detection to a decision: whom it is about, how long it lasts, who is never banned."""

import contextlib
import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.agent.deciding.judging import Judge
from vedette.agent.deciding.standing import Standing
from vedette.core.errors import ConfigError, Invalid
from vedette.wire.agent.deciding import ladder, sparing, spelling, targets
from vedette.wire.agent.deciding.crowding import Crowd
from vedette.wire.agent.deciding.networks import Networks
from vedette.wire.agent.deciding.sparing import Shelter
from vedette.wire.agent.deciding.types import DAY, Left, Past, Response, Target
from vedette.wire.agent.types import Decision, Detection, Measure, Scope

NOW = 1_764_000_000.0
BAN = Response()


def detection(address: str = "198.51.100.7", **others: Any) -> Detection:
    others = {"simulated": False, "first_at": NOW - 40, **others}
    return Detection(
        id="d", at=NOW, rule="ssh-fast", reason="6 failed sign-ins", severity="high", service="ssh", address=address, **others
    )  # fmt: skip


def judge(standing: Standing | None = None, shelter: Shelter | None = None) -> Judge:
    return Judge(standing or Standing(), shelter or Shelter(), "web-1")


def decided(found: object) -> Decision:
    assert isinstance(found, Decision), found
    return found


@pytest.mark.parametrize(
    ("text", "scope", "value"),
    [
        ("198.51.100.7", Scope.ADDRESS, "198.51.100.7"),
        ("::ffff:61.4.83.52", Scope.ADDRESS, "61.4.83.52"),
        ("a:b:c:1287::1:1", Scope.ADDRESS, "a:b:c:1287::/64"),
        ("2001:DB8:1:2:3:4:5:6", Scope.ADDRESS, "2001:db8:1:2::/64"),
        ("[2001:db8::1]", Scope.ADDRESS, "2001:db8::/64"),
        ("64:ff9b::198.51.100.7", Scope.NETWORK, "64:ff9b::c633:6407/128"),
    ],
)
def test_an_address_has_one_form(text: str, scope: Scope, value: str) -> None:
    assert targets.of_address(text) == (scope, value)
    assert decided(judge().decide(detection(text), BAN, id="x", now=NOW)).value == value


def test_who_comes_through_a_translator_is_one_of_all_who_have_ipv4() -> None:
    one = targets.of_text("64:ff9b::198.51.100.7")
    assert targets.normal(one) == one == targets.normal(Target(Scope.ADDRESS, "64:ff9b::c633:6407"))
    assert targets.around("64:ff9b::198.51.100.7") == (Scope.NETWORK, "64:ff9b::c633:6400/120")
    shelter = Shelter(sparing.allowlist(["198.51.100.0/24"], "here"))
    for address, why in (("64:ff9b::198.51.100.9", "198.51.100.9 is in the allowlist (198.51.100.0/24)"), ("64:ff9b::10.1.2.3", "10.1.2.3 is private (10.0.0.0/8)")):  # fmt: skip
        assert judge(shelter=shelter).decide(detection(address), BAN, id="x", now=NOW) == Left(why)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("198.51.100.7", "address:198.51.100.7"),
        ("198.51.100.7/32", "address:198.51.100.7"),
        ("198.51.100.0/24", "network:198.51.100.0/24"),
        ("2001:db8::9", "address:2001:db8::/64"),
        ("2001:db8::/64", "address:2001:db8::/64"),
        ("2001:db8::9/128", "network:2001:db8::9/128"),
        ("2001:db8::/48", "network:2001:db8::/48"),
        ("::ffff:198.51.100.0/120", "network:198.51.100.0/24"),
    ],
)
def test_a_person_names_an_address_or_a_network(text: str, value: str) -> None:
    found = targets.of_text(text)
    assert f"{found.scope}:{found.value}" == value
    assert targets.normal(found) == found


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("fe80/16", "Did you mean fe80::/10?"),
        ("fe80::/16", "link-local addresses are fe80::/10"),
        ("fe80:/10", "Did you mean fe80::/10?"),
        ("10/8", "Did you mean 10.0.0.0/8?"),
        ("192.168.1", "Did you mean 192.168.1.0/24?"),
        ("203.0.113.9/24", "Did you mean 203.0.113.0/24?"),
        ("203.0.113.0-203.0.113.255", "Did you mean 203.0.113.0/24?"),
        ("2001:db8/32", "Did you mean 2001:db8::/32?"),
        ("0.0.0.0/0", "everybody"),
        ("::/0", "everybody"),
        ("office.example.org", "names are not looked up"),
        ("", "Nothing is no address"),
        ("\x1b[31m", "It is no address"),
        ("203.0.113.300", "is no address or network"),
    ],
)
def test_a_slip_is_refused_with_what_was_meant(text: str, meant: str) -> None:
    with pytest.raises(ConfigError, match=r"agent\.toml, allow: ") as caught:
        sparing.allowlist(["203.0.113.1", text], "agent.toml, allow")
    assert meant in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "zone", ["fe80::1%eth0; flush ruleset", "2001:db8::1%\nflush ruleset", "2001:db8::%x/64"]
)
def test_a_zone_never_stays_in_a_value(zone: str) -> None:
    with pytest.raises(Invalid):
        targets.network_of(zone)
    assert targets.network(Target(Scope.ADDRESS, zone)) is None
    found = targets.of_address(zone)
    assert found is None or "%" not in found.value


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_network(text: str) -> None:
    with contextlib.suppress(Invalid):
        found = targets.network_of(text)
        assert ipaddress.ip_network(str(found)) == found


nets = st.one_of(
    st.builds(lambda n, p: ipaddress.ip_network((n, p), strict=False), st.integers(0, 2**32 - 1), st.integers(1, 32)),
    st.builds(lambda n, p: ipaddress.ip_network((0xC6336400 | n, p), strict=False), st.integers(0, 255), st.integers(22, 32)),
    st.builds(lambda n, p: ipaddress.ip_network((n << 60, p), strict=False), st.integers(0, 2**68 - 1), st.integers(1, 128)),
)  # fmt: skip


@given(st.lists(nets, max_size=12), nets)
def test_networks_overlap_as_a_loop_over_all_says(held: list[Any], asked: Any) -> None:
    expected = {n for n in held if n.version == asked.version and n.overlaps(asked)}
    found = Networks((n, "here") for n in held).overlapping(asked)
    assert (found is None) == (not expected)
    assert found is None or found[0] in expected


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "127.0.0.1", "192.168.7.7", "172.20.0.1", "169.254.1.1", "100.64.0.9", "::1", "fe80::1%eth0", "fd00::9", "0.0.0.0",
     "::ffff:10.0.0.1"],
)  # fmt: skip
def test_who_comes_from_inside_is_never_banned(address: str) -> None:
    found = judge().decide(detection(address), BAN, id="x", now=NOW)
    assert isinstance(found, Left), found


def test_people_signed_in_the_server_and_proxies_are_never_banned() -> None:
    never = Networks(
        [
            *sparing.addresses(["203.0.113.9"], "signed in here"),
            *sparing.addresses(["192.0.2.1", "not an address"], "the server"),
            *sparing.addresses(["2001:db8:5::/48"], "a trusted proxy"),
        ]
    )
    judging = judge(shelter=Shelter(sparing.allowlist(["198.51.100.0/24"], "here"), never))
    reasons = {
        "203.0.113.9": "203.0.113.9 is signed in here",
        "192.0.2.1": "192.0.2.1 is the server",
        "2001:db8:5:1::4": "2001:db8:5:1::/64 is a trusted proxy (2001:db8:5::/48)",
        "198.51.100.77": "198.51.100.77 is in the allowlist (198.51.100.0/24)",
    }
    for address, reason in reasons.items():
        assert judging.decide(detection(address), BAN, id="x", now=NOW) == Left(reason)
    assert isinstance(judging.decide(detection("203.0.113.10"), BAN, id="x", now=NOW), Decision)


def test_a_network_that_holds_somebody_sheltered_is_not_banned() -> None:
    never = Networks(sparing.addresses(["203.0.113.9"], "signed in here"))
    wide = Response(scope=Scope.NETWORK)
    found = judge(shelter=Shelter(never=never)).decide(detection("203.0.113.200"), wide, id="x", now=NOW)
    assert found == Left("203.0.113.0/24 holds 203.0.113.9, which is signed in here")


def test_durations_grow_and_are_forgotten_in_quiet_weeks() -> None:
    past, now, lasted = Past(), NOW, []
    for _ in range(7):
        seconds = ladder.lasts(BAN, past, now)
        past = ladder.after(past, now + seconds, now)
        lasted.append(spelling.spelled(seconds))
        now += seconds + 60
    assert lasted == ["10 min", "40 min", "2 h 40 min", "10 h 40 min", "1 day 18 h", "7 days", "7 days"]
    ended = past.since
    assert ladder.counting(past, ended + 7 * DAY - 1) == 7
    assert ladder.counting(past, ended + 7 * DAY) == 6
    assert ladder.lasts(BAN, past, ended + 7 * 7 * DAY) == 600


@given(st.integers(0, 30), st.floats(0, 400 * DAY), st.floats(1, DAY), st.floats(1, 30 * DAY))
def test_a_duration_is_bounded_and_never_shorter_than_the_first(
    steps: int, quiet: float, first: float, longest: float
) -> None:
    response = Response(first=first, longest=longest)
    lasts = ladder.lasts(response, Past(steps, NOW - quiet), NOW)
    assert first <= lasts <= max(first, longest)
    assert ladder.lasts(response, Past(steps, NOW - quiet - 7 * DAY), NOW) <= lasts


def test_a_second_ban_lasts_longer_and_says_so() -> None:
    standing = Standing()
    first = decided(judge(standing).decide(detection(), BAN, id="1", now=NOW))
    standing.take(first, NOW)
    assert first.reason == "6 failed sign-ins: ban for 10 min"
    assert judge(standing).decide(detection(), BAN, id="2", now=NOW + 60) == Left(
        "198.51.100.7: ban stands for 9 min more"
    )
    second = decided(judge(standing).decide(detection(), BAN, id="2", now=first.until + 1))
    assert (second.until - second.at, second.reason) == (
        2400,
        "6 failed sign-ins: ban for 40 min (second time)",
    )


def test_a_simulated_detection_is_decided_beside_real_ones() -> None:
    standing = Standing()
    pretended = decided(judge(standing).decide(detection(simulated=True), BAN, id="1", now=NOW))
    change = standing.take(pretended, NOW)
    assert pretended.simulated
    assert change.put == ()
    assert standing.in_force(NOW) == []
    assert standing.listed(NOW) == [pretended]
    real = decided(judge(standing).decide(detection(), BAN, id="2", now=NOW + 1))
    assert real.until - real.at == 600, "what was only pretended counts for nothing"
    assert standing.take(real, NOW + 1).put == (real,)
    assert isinstance(judge(standing).decide(detection(simulated=True), BAN, id="3", now=NOW + 700), Decision)


def test_users_and_keys_are_decided_about_by_their_names() -> None:
    user = judge().decide(detection("", user="root"), Response(Measure.THROTTLE, Scope.USER), id="x", now=NOW)
    key = judge().decide(
        detection("", labels={"key": "k1"}), Response(Measure.CAPTCHA, Scope.KEY), id="x", now=NOW
    )
    assert (decided(user).value, decided(key).value) == ("root", "k1")
    for response in (BAN, Response(scope=Scope.USER), Response(scope=Scope.KEY)):
        assert judge().decide(detection("no address"), response, id="x", now=NOW) == Left(
            f"it names no {response.scope}"
        )


def test_a_crowd_of_one_network_is_banned_only_where_the_rule_asks() -> None:
    crowd, judging = Crowd(), judge()
    for n in range(1, 6):
        found = crowd.saw(f"198.51.100.{n}", NOW + n)
    assert found == (Target(Scope.NETWORK, "198.51.100.0/24"), 5)
    assert crowd.saw("198.51.100.5", NOW + 5) == found, "the same one again is no more"
    assert judging.crowded(*found, detection(), BAN, id="x", now=NOW) is None
    assert judging.crowded(*found, detection(), Response(crowd=6), id="x", now=NOW) is None
    wide = decided(judging.crowded(*found, detection("198.51.100.5"), Response(crowd=5), id="x", now=NOW))
    assert (wide.scope, wide.value) == (Scope.NETWORK, "198.51.100.0/24")
    assert wide.reason.startswith(
        "5 addresses of 198.51.100.0/24 within an hour, the last of them 198.51.100.5: ban for 10 min"
    )
    assert crowd.saw("198.51.100.9", NOW + 4000) == (Target(Scope.NETWORK, "198.51.100.0/24"), 1)


def test_a_crowd_of_everybody_is_bounded() -> None:
    crowd = Crowd(most=100)
    for n in range(300):
        crowd.saw(f"198.{n // 250}.{n % 250}.1", NOW)
    for n in range(400):
        found = crowd.saw(f"2001:db8:0:{n:x}::1", NOW + n)
    assert len(crowd._seen) == 100
    assert found is not None
    assert found[1] == 256


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30min", 1800), ("30m", 1800), ("4h", 14400), ("2d 12h", 216000), ("1w", 604800)])  # fmt: skip
def test_durations_are_read(text: str, seconds: float) -> None:
    assert spelling.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "4", "h", "4x", "-4h", "4h!", "0s", "99999d", "4h 3"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="is no duration"):
        spelling.duration(text)
