"""What is told of a certificate: nothing while all is well, more the nearer its end."""

import msgspec
import pytest

from vedette.certificates import renewing, telling
from vedette.certificates.types import Certificate, Standing, Wanted
from vedette.core.settings import PUBLIC_ACME

NOW = 1_764_040_000.0
DAY = 86_400.0
WANTED = Wanted(("watch.example.com",), PUBLIC_ACME)


def certificate(age: float, **changed: object) -> Certificate:
    """Return one of 90 days that is `age` days old."""
    start = NOW - age * DAY
    made = Certificate(
        names=WANTED.names, directory=WANTED.directory, issuer="Let's Encrypt R13", serial="5a", start=start,
        end=start + 90 * DAY, installed_at=start,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changed)


def failing(failures: int) -> Standing:
    return Standing(
        wanted=WANTED, failures=failures, tried_at=NOW - 60, error="It is away.", next_at=NOW + 300
    )


@pytest.mark.parametrize(
    ("age", "failures", "severity"),
    [
        (1, 0, None),
        (61, 0, None),
        (61, 1, None),
        (61, 2, "high"),
        (70, 1, "high"),
        (82, 1, "critical"),
        (82, 9, "critical"),
        (91, 0, "critical"),
        (91, 3, "critical"),
    ],
)
def test_how_bad_it_is(age: float, failures: int, severity: str | None) -> None:
    found = telling.trouble(certificate(age), failing(failures), NOW)
    assert (found and found.severity) == severity


def test_a_failed_renewal_says_until_when_why_and_when_next() -> None:
    found = telling.trouble(certificate(70), failing(2), NOW)
    assert found
    assert found.text == (
        "The certificate for watch.example.com could not be renewed; it ends 2025-12-15 03:06 UTC."
        " It is away. It is tried again at 2025-11-25 03:11 UTC."
    )


@pytest.mark.parametrize("standing_in", [None, certificate(0, self_signed=True)])
def test_without_a_first_one_a_failure_is_critical(standing_in: Certificate | None) -> None:
    assert telling.trouble(standing_in, failing(0), NOW) is None
    found = telling.trouble(standing_in, failing(1), NOW)
    assert found
    assert found.severity == "critical"
    assert found.text.startswith("There is no certificate for watch.example.com. It is away.")


def test_a_renewal_nobody_tries_is_told() -> None:
    one = certificate(0)
    due = renewing.renew_at(one)
    standing = Standing(wanted=WANTED)
    assert telling.trouble(one, standing, due + 4 * DAY) is None
    found = telling.trouble(one, standing, due + 5 * DAY)
    assert found
    assert "nobody tried; restart Vedette" in found.text


def test_what_the_page_shows() -> None:
    good = telling.report(certificate(1), Standing(wanted=WANTED), NOW)
    assert (good.tone, good.trouble) == ("ok", None)
    assert dict(good.facts) | {"Renewed": ""} == {
        "Names": "watch.example.com", "Authority": "Let's Encrypt", "Signed by": "Let's Encrypt R13",
        "Valid until": "2026-02-22 03:06 UTC", "Renewed": "",
    }  # fmt: skip
    assert good.facts["Renewed"].startswith("from 2026-01-2")
    bad = telling.report(certificate(82), failing(3), NOW)
    assert (bad.tone, bad.facts["Next try"]) == ("crit", "2025-11-25 03:11 UTC")
    assert "It is away." in bad.sentence
    once = telling.report(certificate(61), failing(1), NOW)
    assert (once.tone, once.trouble) == ("ok", None)
    assert once.sentence.endswith(
        "The last try failed. It is away. It is tried again at 2025-11-25 03:11 UTC."
    )
    first = telling.report(None, Standing(wanted=WANTED), NOW)
    assert first.sentence == "The first certificate is on its way."


def test_many_names_are_told_as_one() -> None:
    def said(*names: str) -> str:
        found = telling.trouble(None, msgspec.structs.replace(failing(1), wanted=Wanted(names, "")), NOW)
        assert found
        return found.text

    assert said("a.example", "b.example").startswith("There is no certificate for a.example and b.example.")
    assert said("a.example", "b.example", "c.example").startswith(
        "There is no certificate for a.example and 2 more."
    )
