"""Is a password good enough? Length, whether it was leaked, and zxcvbn's guess of how long guessing takes."""

from collections.abc import Iterable

SHORTEST = 12
LONGEST = 256
SCORE = 3
_LOOKED_AT = 72


LEAKED = "This password stands in a list of leaked passwords that attackers try first; choose another one."


def problems(password: str, about: Iterable[str] = (), *, leaked: bool = False) -> tuple[str, ...]:
    """Return what is wrong with a password, empty when nothing is; `about` are the person's name and e-mail.

    `leaked`: it is in the filter of leaked passwords.

    zxcvbn (Wheeler, USENIX Security 2016) sees the first 72 characters, for its time grows with the square.
    """
    if len(password) < SHORTEST:
        return (f"Use at least {SHORTEST} characters; this has {len(password)}.",)
    if len(password) > LONGEST:
        return (f"Use at most {LONGEST} characters.",)
    if leaked:
        return (LEAKED,)
    from zxcvbn import zxcvbn  # its word lists take 10 MB; most processes never judge a password

    found = zxcvbn(password[:_LOOKED_AT], user_inputs=_words(about))
    if found["score"] >= SCORE:
        return ()
    return (_why(found["feedback"]),)


def _why(feedback: dict[str, object]) -> str:
    warning = str(feedback.get("warning") or "It is too easy to guess.").rstrip(".") + "."
    return f"{warning} Try four or more words that do not belong together."


def _words(about: Iterable[str]) -> list[str]:
    words = {"vedette"}
    for text in about:
        lower = text.lower()
        words |= {lower, *lower.replace("@", " ").replace(".", " ").replace("-", " ").split()}
    return sorted(word for word in words if len(word) > 2)
