"""Would a journey run here? The browser is started once, as the journey's user, and nothing is opened with it."""

import asyncio
import os
from typing import NamedTuple

from vedette.instruments.probe.journey import ability, telling
from vedette.instruments.probe.journey.proxying import Proxy
from vedette.instruments.probe.journey.undertaking import Course, Plan, undertake
from vedette.instruments.probe.types import Cause, Failed, JourneyRules, Request, Standpoint

_SECONDS = 30.0


class Tried(NamedTuple):
    """What runs: the browser's version, whether it has its own sandbox, whether the journey has namespaces and a user of its own."""

    version: str
    sandbox: bool
    apart: bool
    same_user: bool


def tried(rules: JourneyRules) -> Tried:
    """Start the browser and end it; raises `Failed` that says what is missing."""
    return asyncio.run(_tried(rules))


async def _tried(rules: JourneyRules) -> Tried:
    able = ability.able(rules)
    plan = Plan({"chromium": able.chromium, "trial": True}, able, rules)
    course, proxy = Course(), Proxy(Request(url="journey://trial"), Standpoint())
    try:
        async with asyncio.timeout(_SECONDS):
            await undertake(plan, proxy, course, lambda: None)
    except TimeoutError:
        raise Failed(Cause.NO_ROOM, f"The browser did not start within {_SECONDS:g} s.") from None
    if not course.report.version:
        raise telling.broken(course.report, course.ending, course.text)
    return Tried(course.report.version, bool(course.report.sandbox), course.apart, able.uid == os.getuid())
