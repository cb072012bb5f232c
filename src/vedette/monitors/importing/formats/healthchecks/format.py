"""Checks of healthchecks.io as its API lists them (`GET /api/v3/checks/`, versions 1 to 3).

https://healthchecks.io/docs/api/ describes the fields.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import ClassVar

from vedette.monitors import cron
from vedette.monitors.ascode.written import MonitorText
from vedette.monitors.importing.fields import NOTHING, RULES, Fields
from vedette.monitors.importing.phrasing import tag
from vedette.monitors.importing.port import Carried, Found, Given, Left

_SEEN = (
    "n_pings", "started", "last_ping", "next_ping", "last_duration", "unique_key", "update_url", "pause_url",
    "resume_url", "badge_url",
)  # fmt: skip
_WORDS = (
    "subject", "subject_fail", "start_kw", "success_kw", "failure_kw", "filter_subject", "filter_body",
    "filter_http_body", "filter_default_fail",
)  # fmt: skip
_DAYS_30 = 30 * 86_400.0


class HealthchecksFormat:
    """Implements `port.Format`. The UUID of a check stays, so that `/ping/<uuid>` changes its host alone."""

    name: ClassVar[str] = "healthchecks"
    label: ClassVar[str] = "healthchecks.io"

    def recognises(self, given: Given) -> bool:
        """Tell by checks that have a grace and a count of pings."""
        found = given.said.get("checks") if isinstance(given.said, Mapping) else None
        return isinstance(found, list) and all(
            isinstance(each, Mapping) and "grace" in each for each in found
        )

    def read(self, given: Sequence[Given], environment: Mapping[str, str]) -> Found:  # noqa: ARG002
        """Return a heartbeat for each check."""
        left: list[Left] = []
        carried = []
        for one in given:
            top = Fields.of(one, one.said, left)
            carried += [_check(check) for check in top.rows("checks")]
            top.done()
        return Found(tuple(carried), tuple(left))


def _check(check: Fields) -> Carried:
    grace = check.within("grace", check.number("grace", 3_600.0), 1, _DAYS_30)
    name, slug = check.text("name"), check.text("slug")
    schedule, zone = check.text("schedule"), check.text("tz", "UTC")
    period = check.number("timeout", 86_400.0)
    by_cron = bool(schedule) and not cron.problem(schedule, zone)
    tags = tuple(dict.fromkeys(made for word in check.text("tags").split() if (made := tag(word))))
    text = MonitorText(
        name=name or slug or "Unnamed", slug=slug, grace=grace, zone=zone, tags=tags, address=_address(check),
        every=None if schedule else period, cron=schedule if by_cron else "",
        on_calendar="" if by_cron else schedule, paused=check.text("status") == "paused" or None,
    )  # fmt: skip
    _report(check)
    return Carried(check.place(), text)


def _address(check: Fields) -> str:
    """Return the UUID of a check; a read-only key of the API does not tell it."""
    known, url = check.text("uuid"), check.text("ping_url")
    for text in (known, url.rstrip("/").rpartition("/")[2]):
        try:
            return str(uuid.UUID(text))
        except ValueError:
            continue
    check.leave("Its address is not told (a read-only key hides it): it has a new one; change the job.")
    return ""


def _report(check: Fields) -> None:
    check.skip(*_SEEN)
    check.lose("Vedette keeps no description; put it into the name, or beside the job.", "desc")
    check.lose("A heartbeat counts by whichever method it comes.", "methods")
    check.lose(
        "A monitor is resumed by hand or by `vedette apply`, never by a ping; this is as it was.",
        "manual_resume",
    )
    check.lose("A heartbeat is read by its address alone, not by words in its body or in mails.", *_WORDS)
    check.lose(RULES, "channels")
    check.done(NOTHING)


FORMAT = HealthchecksFormat()
