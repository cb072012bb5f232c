"""The password policy."""

import pytest

from vedette.accounts.devices import device
from vedette.accounts.passwords import LEAKED, problems


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("correcthors", "at least 12 characters; this has 11"),
        ("aaaaaaaaaaaaaaaa", "Repeats"),
        ("password12345", "similar to a commonly used password"),
        ("qwertyuiopas", "similar to a commonly used password"),
        ("x" * 257, "at most 256"),
    ],
)
def test_weak_ones_are_refused_in_words(password: str, says: str) -> None:
    (problem,) = problems(password)
    assert says.lower() in problem.lower()


@pytest.mark.parametrize(
    "password", ["seven turquoise lanterns hum", "kJ8#vQ2!mZ5x", "ordinateur vélo nuage 9"]
)
def test_good_ones_pass(password: str) -> None:
    assert problems(password, ("Ada Lovelace", "ada@example.org")) == ()


def test_the_persons_own_words_do_not_count() -> None:
    assert problems("lovelacevedette", ("Ada Lovelace", "ada@example.org"))
    assert problems("ada@example.org", ("Ada Lovelace", "ada@example.org"))


def test_a_long_one_costs_no_time() -> None:
    assert problems("ab" * 128) != ()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        ("curl/8.5.0", "curl"),
        ("", "Unknown device"),
    ],
)
def test_browsers_are_told_in_words(agent: str, words: str) -> None:
    assert device(agent) == words


def test_a_leaked_password_is_refused_before_it_is_rated() -> None:
    assert problems("seven turquoise lanterns hum", leaked=True) == (LEAKED,)
    assert problems("short", leaked=True) != (LEAKED,), "it is too short in any case"
