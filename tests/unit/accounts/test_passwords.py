"""The password policy."""

import pytest

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


def test_a_leaked_password_is_refused_before_it_is_rated() -> None:
    assert problems("seven turquoise lanterns hum", leaked=True) == (LEAKED,)
    assert problems("short", leaked=True) != (LEAKED,), "it is too short in any case"
