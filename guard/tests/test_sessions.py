"""Sessions: when they end, what requests side by side do to them, and the cookie."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.tests.clock import Clock
from vedette_guard.decisions.browsers import family
from vedette_guard.decisions.sessions import Ending, SessionRules, Times, judge, merge
from vedette_guard.sessions import Session, Sessions
from vedette_guard.stores import MemoryStore

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
NEWER = FIREFOX.replace("145", "146")
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"


class Browser:
    """A browser that keeps one cookie; each `look` is a request of its own."""

    def __init__(self, sessions: Sessions, agent: str = FIREFOX) -> None:
        self.sessions, self.agent, self.cookie = sessions, agent, ""

    def look(self) -> Session:
        return self.sessions.open(self.cookie, self.agent, "198.51.100.7")

    def end(self, session: Session) -> tuple[str, ...]:
        """Commit a request; return what was lost."""
        done = self.sessions.commit(session)
        if done.cookie is not None:
            pair = done.cookie.partition(";")[0]
            self.cookie = "" if pair.endswith("=") else pair
        return done.lost

    def sign_in(self, user: str) -> None:
        session = self.look()
        session.sign_in(user)
        self.end(session)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(MemoryStore(), SessionRules(idle="1h", longest="1d"), clock=clock)


@pytest.fixture
def browser(sessions: Sessions) -> Browser:
    return Browser(sessions)


def test_nothing_is_kept_and_no_cookie_set_for_who_changes_nothing(browser: Browser) -> None:
    session = browser.look()
    assert (dict(session), session.user, browser.end(session), browser.cookie) == ({}, "", (), "")
    assert len(browser.sessions.store) == 0  # type: ignore[arg-type]


def test_an_empty_value_is_deleted_like_any_other(browser: Browser) -> None:
    session = browser.look()
    session["cart"] = {}
    browser.end(session)
    session = browser.look()
    del session["cart"]
    assert session.changed() == ("cart",)
    browser.end(session)
    assert dict(browser.look()) == {}


def test_the_cookie_is_of_the_host_alone_and_the_store_does_not_know_it(sessions: Sessions) -> None:
    session = sessions.open("")
    session["cart"] = [1, 2]
    cookie = sessions.commit(session).cookie
    assert cookie is not None
    pair, *attributes = cookie.split("; ")
    name, _, token = pair.partition("=")
    assert (name, attributes) == ("__Host-session", ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"])
    assert len(token) == 43
    store = sessions.store
    assert isinstance(store, MemoryStore)
    assert token not in repr(store.__dict__)


def test_signing_in_makes_another_token_and_kills_the_old_one(browser: Browser) -> None:
    session = browser.look()
    session["cart"] = ["tea"]
    browser.end(session)
    planted = browser.cookie
    browser.sign_in("ann")
    assert browser.cookie != planted
    found = browser.look()
    assert (found.user, dict(found)) == ("ann", {"cart": ["tea"]})
    old = browser.sessions.open(planted, FIREFOX)
    assert (old.user, dict(old)) == ("", {})


def test_another_users_data_does_not_come_along(browser: Browser) -> None:
    browser.sign_in("ann")
    session = browser.look()
    session["orders"] = [7]
    browser.end(session)
    session = browser.look()
    session.sign_in("bob")
    session["seen"] = True
    browser.end(session)
    assert (browser.look().user, dict(browser.look())) == ("bob", {"seen": True})
    assert browser.sessions.of("ann") == []


def test_a_slow_request_overwrites_nothing_newer(browser: Browser) -> None:
    browser.sign_in("ann")
    slow, quick = browser.look(), browser.look()
    quick["theme"], quick["cart"] = "dark", [1]
    browser.end(quick)
    slow["page"], slow["theme"] = 3, "light"
    assert browser.end(slow) == ("theme",)
    assert dict(browser.look()) == {"theme": "dark", "cart": [1], "page": 3}


def test_a_slow_request_neither_wakes_a_session_nor_takes_the_new_cookie_away(browser: Browser) -> None:
    session = browser.look()
    session["cart"] = [1]
    browser.end(session)
    slow, late = browser.look(), browser.cookie
    browser.sign_in("ann")
    new = browser.cookie
    slow["page"] = 3
    assert browser.end(slow) == ("page",)
    began_before = browser.sessions.open(late, FIREFOX)
    began_before["page"] = 4
    assert browser.end(began_before) == ("page",)
    assert browser.cookie == new
    assert browser.look().user == "ann"


def test_after_a_minute_a_rotated_token_is_as_good_as_none(browser: Browser, clock: Clock) -> None:
    session = browser.look()
    session["cart"] = [1]
    browser.end(session)
    old = browser.cookie
    browser.sign_in("ann")
    clock.now += 61
    begun = browser.sessions.open(old, FIREFOX)
    begun["cart"] = [2]
    done = browser.sessions.commit(begun)
    assert done.cookie is not None
    assert len(browser.sessions.of("ann")) == 1


def test_signing_out_ends_it_also_for_requests_under_way(browser: Browser) -> None:
    browser.sign_in("ann")
    slow, cookie = browser.look(), browser.cookie
    session = browser.look()
    session.sign_out()
    browser.end(session)
    assert browser.cookie == ""
    slow["page"] = 3
    assert browser.end(slow) == ("page",)
    slow = browser.sessions.open(cookie, FIREFOX)
    assert (slow.user, dict(slow)) == ("", {})


def test_signing_out_follows_a_rotation_that_came_between(browser: Browser) -> None:
    browser.sign_in("ann")
    leaving, proving = browser.look(), browser.look()
    proving.rotate()
    browser.end(proving)
    leaving.sign_out()
    browser.end(leaving)
    assert browser.sessions.of("ann") == []


def test_a_word_after_signing_out_is_kept_in_a_session_of_its_own(browser: Browser) -> None:
    browser.sign_in("ann")
    session = browser.look()
    session["orders"] = [7]
    session.sign_out()
    session["flash"] = "see you soon"
    browser.end(session)
    assert (browser.look().user, dict(browser.look())) == ("", {"flash": "see you soon"})
    assert browser.sessions.of("ann") == []


def test_rotation_keeps_what_others_wrote_and_the_time_of_signing_in(browser: Browser, clock: Clock) -> None:
    browser.sign_in("ann")
    clock.now += 30
    rotating, quick = browser.look(), browser.look()
    quick["cart"] = [1]
    browser.end(quick)
    rotating["proved"] = True
    rotating.rotate()
    browser.end(rotating)
    assert dict(browser.look()) == {"cart": [1], "proved": True}
    assert browser.sessions.of("ann")[0].created_at == 1000.0


def test_a_rotation_does_not_wake_what_was_revoked_meanwhile(browser: Browser) -> None:
    browser.sign_in("ann")
    session = browser.look()
    browser.sessions.sign_out_everywhere("ann")
    session.rotate()
    browser.end(session)
    assert browser.sessions.of("ann") == []


def test_idle_and_absolute_ends(browser: Browser, clock: Clock) -> None:
    browser.sign_in("ann")
    for _ in range(47):  # in use, for 23.5 hours
        clock.now += 1800
        session = browser.look()
        assert session.user == "ann"
        browser.end(session)
    clock.now += 1800
    ended = browser.look()
    assert ended.user == ""
    browser.sign_in("ann")
    clock.now += 3600
    assert browser.look().user == ""


@pytest.mark.parametrize(
    ("created", "seen", "now", "shown_by", "ending"),
    [
        (0, 90_000, 90_001, "Firefox on Linux", Ending.OLD),
        (0, 100, 3_700, "Firefox on Linux", Ending.IDLE),
        (0, 100, 200, "Chrome on Windows", Ending.BROWSER),
        (0, 100, 200, "Firefox on Linux", Ending.NONE),
        (500, 500, 100, "Firefox on Linux", Ending.NONE),
    ],
)
def test_why_a_session_ends(created: float, seen: float, now: float, shown_by: str, ending: Ending) -> None:
    rules = SessionRules(idle="1h", longest="1d")
    verdict = judge(Times(created, seen), now, ("Firefox on Linux", shown_by), rules)
    assert (verdict.ending, verdict.alive) == (ending, ending is Ending.NONE)
    assert verdict.reason


def test_a_stolen_token_in_another_family_of_browsers_ends_the_session(sessions: Sessions) -> None:
    browser = Browser(sessions)
    browser.sign_in("ann")
    browser.agent = NEWER
    assert browser.look().user == "ann", "a browser may grow newer"
    thief = Browser(sessions, CHROME)
    thief.cookie = browser.cookie
    stolen = thief.look()
    assert stolen.user == ""
    assert stolen.verdict is not None
    assert stolen.verdict.reason == "Opened with Firefox on Linux, shown by Chrome on Windows; sign in again."
    assert browser.look().user == "", "nobody knows who of the two is whom"


def test_sessions_are_listed_and_revoked_one_by_one_and_all(sessions: Sessions, clock: Clock) -> None:
    laptop, phone, other = Browser(sessions), Browser(sessions, CHROME), Browser(sessions)
    for browser, user in ((laptop, "ann"), (phone, "ann"), (other, "bob")):
        clock.now += 10
        browser.sign_in(user)
    mine = laptop.look()
    shown = sessions.of("ann", mine)
    assert [(ref.device, ref.current, ref.address) for ref in shown] == [
        ("Firefox on Linux", True, "198.51.100.7"),
        ("Chrome on Windows", False, "198.51.100.7"),
    ]
    assert not sessions.revoke("bob", shown[1].id), "another's session is not one's own to end"
    assert sessions.revoke("ann", shown[1].id)
    assert not sessions.revoke("ann", shown[1].id)
    assert phone.look().user == ""
    phone.sign_in("ann")
    assert sessions.sign_out_everywhere("ann", but=laptop.look()) == 1
    assert (laptop.look().user, phone.look().user) == ("ann", "")
    assert sessions.sign_out_everywhere("ann") == 1
    assert (laptop.look().user, other.look().user) == ("", "bob")


def test_being_seen_is_written_once_a_minute(browser: Browser, clock: Clock) -> None:
    browser.sign_in("ann")
    seen = []
    for _ in range(6):
        clock.now += 25
        browser.end(browser.look())
        seen.append(browser.sessions.of("ann")[0].seen_at - 1000)
    assert seen == [0, 0, 75, 75, 75, 150]


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object(), "x" * 70_000])
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(browser: Browser, value: object) -> None:
    browser.sign_in("ann")
    session = browser.look()
    session["bad"] = value
    with pytest.raises(ValueError, match="a session keeps"):
        browser.end(session)
    assert dict(browser.look()) == {}


def test_after_the_headers_left_nothing_can_be_changed(browser: Browser) -> None:
    session = browser.look()
    browser.end(session)
    for change in (
        lambda: session.update(a=1),
        session.sign_out,
        session.rotate,
        lambda: session.sign_in("ann"),
    ):
        with pytest.raises(RuntimeError, match="after the headers left"):
            change()
    with pytest.raises(ValueError, match="the user is empty"):
        browser.look().sign_in("")


@pytest.mark.parametrize(
    "cookies",
    ["", "session={}", "__Host-session=short", "a=b; __Host-session=", "=;;;", "__Host-session={}é"],
)
def test_other_cookies_are_no_session(browser: Browser, cookies: str) -> None:
    browser.sign_in("ann")
    token = browser.cookie.partition("=")[2]
    assert browser.sessions.open(cookies.format(token), FIREFOX).user == ""
    assert browser.sessions.open(f'x=1; __Host-session="{token}"', FIREFOX).user == "ann"


def test_development_without_https_has_a_plain_name(clock: Clock) -> None:
    sessions = Sessions(MemoryStore(), SessionRules(secure=False, persistent=True, idle="0s"), clock=clock)
    session = sessions.open("")
    session["a"] = 1
    cookie = sessions.commit(session).cookie or ""
    assert cookie.startswith("session=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000")


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"idle": "soon"}, "SessionRules.idle: 'soon' is not a duration"),
        ({"same_site": "None"}, "neither Lax nor Strict"),
        ({"cookie": "a b"}, "is not a name"),
    ],
)
def test_rules_that_cannot_be_meant(said: dict[str, str], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        SessionRules(**said)  # type: ignore[arg-type]


JSON = st.dictionaries(
    st.sampled_from("abcd"), st.one_of(st.none(), st.integers(0, 2), st.lists(st.integers(0, 1), max_size=2))
)


@given(JSON, JSON, JSON)
@settings(max_examples=50, deadline=None)
def test_merging_keeps_theirs_and_adds_what_only_we_changed(
    base: dict[str, object], mine: dict[str, object], theirs: dict[str, object]
) -> None:
    merged = merge(base, mine, theirs)
    gone = object()
    for name in "abcd":
        before, ours, others = (view.get(name, gone) for view in (base, mine, theirs))
        expected = ours if others == before else others
        assert merged.data.get(name, gone) == expected
        assert (name in merged.lost) == (ours not in (before, others) and others != before)
    assert merge(base, mine, base).data == mine
    assert merge(base, base, theirs) == merge(theirs, theirs, theirs)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (CHROME, "Chrome on Windows"),
        (CHROME + " Edg/142.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        ("", "Unknown device"),
        ("curl/8.1", "curl"),
    ],
)
def test_families_of_browsers(agent: str, name: str) -> None:
    assert family(agent) == name
