"""What is wrong with a page, an incident or a subscription as somebody asks for it? Pure: problems by field."""

import re
from collections.abc import Collection

from vedette.status.types import IncidentDraft, NoticeKind, StatusPageDraft, SubscriberKind

MOST_PAGES = 50
MOST_COMPONENTS = 200
MOST_SUBSCRIBERS = 5_000
SHORTEST_PASSWORD = 8
LONGEST_TEXT = 4_000
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_ORIGIN = re.compile(r"https?://[a-z0-9*][a-z0-9.-]{0,200}(?::\d{1,5})?")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_LAST = 4_102_444_800.0  # the year 2100: later ones are slips, and the last ones there are cannot be drawn


def page_problems(draft: StatusPageDraft, own: str, monitors: Collection[int]) -> dict[str, str]:
    """Return what is wrong with a page; `own` is the host of Vedette itself, `monitors` are those there are."""
    wrong: dict[str, str] = {}
    if not _SLUG.fullmatch(draft.slug) or draft.slug == "new":
        wrong["slug"] = "Small letters, digits and dashes, at most 50; not new."
    if not 1 <= len(draft.title.strip()) <= 100:
        wrong["title"] = "A title has from 1 to 100 characters."
    if len(draft.text) > LONGEST_TEXT:
        wrong["text"] = f"At most {LONGEST_TEXT} characters."
    if draft.domain and (not _DOMAIN.fullmatch(draft.domain) or len(draft.domain) > 253):
        wrong["domain"] = "A host name alone: status.example.com."
    elif draft.domain and draft.domain == own:
        wrong["domain"] = "This is the host of Vedette itself; the page needs another."
    if draft.frames not in {"", "*"} and not all(map(_ORIGIN.fullmatch, draft.frames.split())):
        wrong["frames"] = "Origins parted by spaces, as https://shop.example.com, or * for every site."
    elif len(draft.frames) > 1_000:
        wrong["frames"] = "At most 1,000 characters."
    if draft.password and not SHORTEST_PASSWORD <= len(draft.password) <= 200:
        wrong["password"] = f"A password has from {SHORTEST_PASSWORD} to 200 characters."
    return wrong | _component_problems(draft, monitors)


def incident_problems(draft: IncidentDraft, components: Collection[int]) -> dict[str, str]:
    """Return what is wrong with an incident or a maintenance of a page that has these components (ids)."""
    wrong: dict[str, str] = {}
    if not 1 <= len(draft.title.strip()) <= 150:
        wrong["title"] = "A title has from 1 to 150 characters."
    wrong |= text_problems(draft.text)
    if not set(draft.components) <= set(components):
        wrong["components"] = "One of these components is not on the page any more; choose again."
    return wrong | _instant_problems(draft)


def text_problems(text: str) -> dict[str, str]:
    """Return what is wrong with the text of an update."""
    fits = 1 <= len(text.strip()) <= LONGEST_TEXT
    return {} if fits else {"text": f"Say what visitors should know, in 1 to {LONGEST_TEXT} characters."}


def target_problem(kind: SubscriberKind, target: str) -> str:
    """Return what is wrong with where a subscriber wants to be told; empty when it can be used. URLs are judged further by `net`."""
    if kind is SubscriberKind.EMAIL:
        fits = len(target) <= 254 and _EMAIL.fullmatch(target)
        return "" if fits else "This is not an e-mail address."
    fits_url = len(target) <= 500 and target.startswith(("https://", "http://")) and target.isascii()
    return "" if fits_url else "This is not a web address: https://…"


def _instant_problems(draft: IncidentDraft) -> dict[str, str]:
    named = {"starts": draft.starts, "ends": draft.ends}
    wrong = {
        name: "A time lies between 1970 and 2100."
        for name, at in named.items()
        if at is not None and not 0 <= at <= _LAST
    }
    if draft.kind is NoticeKind.MAINTENANCE and not wrong:
        starts, ends = draft.starts, draft.ends
        if starts is None or ends is None or starts >= ends:
            wrong["ends"] = "A maintenance ends after it begins."
    return wrong


def _component_problems(draft: StatusPageDraft, monitors: Collection[int]) -> dict[str, str]:
    chosen = [one.monitor for one in draft.components]
    if len(chosen) > MOST_COMPONENTS:
        return {"components": f"A page shows at most {MOST_COMPONENTS} components."}
    if len(set(chosen)) < len(chosen):
        return {"components": "A monitor stands there twice."}
    if not set(chosen) <= set(monitors):
        return {"components": "One of these monitors does not exist; it may have been removed."}
    if any(not 1 <= len(one.name.strip()) <= 100 or len(one.section) > 100 for one in draft.components):
        return {"components": "A public name has from 1 to 100 characters, a section at most 100."}
    return {}
