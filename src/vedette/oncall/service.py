"""The verbs of on-call, gathered for whoever asks: each lives in the module of its idea."""

from vedette.oncall.calendars import add as add_calendar
from vedette.oncall.calendars import calendars
from vedette.oncall.calendars import refresh as refresh_calendars
from vedette.oncall.calendars import remove as remove_calendar
from vedette.oncall.calling import deliver_one as deliver_webhook
from vedette.oncall.calling import next_due as next_webhook
from vedette.oncall.covers import accept as accept_swap
from vedette.oncall.covers import ask as ask_swap
from vedette.oncall.covers import cover, covers
from vedette.oncall.covers import drop as drop_cover
from vedette.oncall.covers import drop_old as drop_old_covers
from vedette.oncall.covers import take as take_over
from vedette.oncall.escalating import (
    KEEP_SECONDS,
    answered,
    begin,
    drop_before,
    escalation,
    escalations,
    expired,
    forget_project,
    lines,
    live,
    live_after,
    next_due,
    next_expiry,
    open_pages,
    pages,
    resume,
    stop,
    unanswered,
    wake,
    work,
)
from vedette.oncall.feeds import drop as drop_feed
from vedette.oncall.feeds import feeds
from vedette.oncall.feeds import make as make_feed
from vedette.oncall.feeds import read as read_feed
from vedette.oncall.gaps import warn as warn_of_gaps
from vedette.oncall.load import load
from vedette.oncall.policies import (
    create_policy,
    delete_policy,
    drop_policy,
    keep_policy,
    on_use,
    policies,
    policy,
    policy_named,
    policy_problems,
    update_policy,
)
from vedette.oncall.schedules import create as create_schedule
from vedette.oncall.schedules import remove as remove_schedule
from vedette.oncall.schedules import schedule, schedules
from vedette.oncall.schedules import update as update_schedule
from vedette.oncall.spelling import read as read_spans
from vedette.oncall.standing import (
    gaps,
    on_call,
    own_shifts,
    shadows,
    shifts,
    turns,
    who_is_next,
)
from vedette.projects import service as projects

__all__ = [
    "KEEP_SECONDS",
    "accept_swap",
    "add_calendar",
    "answered",
    "ask_swap",
    "begin",
    "calendars",
    "cover",
    "covers",
    "create_policy",
    "create_schedule",
    "delete_policy",
    "deliver_webhook",
    "drop_before",
    "drop_cover",
    "drop_feed",
    "drop_old_covers",
    "drop_policy",
    "escalation",
    "escalations",
    "expired",
    "feeds",
    "forget_project",
    "gaps",
    "keep_policy",
    "lines",
    "live",
    "live_after",
    "load",
    "make_feed",
    "next_due",
    "next_expiry",
    "next_webhook",
    "on_call",
    "on_use",
    "open_pages",
    "own_shifts",
    "pages",
    "policies",
    "policy",
    "policy_named",
    "policy_problems",
    "read_feed",
    "read_spans",
    "refresh_calendars",
    "remove_calendar",
    "remove_schedule",
    "resume",
    "schedule",
    "schedules",
    "shadows",
    "shifts",
    "stop",
    "take_over",
    "turns",
    "unanswered",
    "update_policy",
    "update_schedule",
    "wake",
    "warn_of_gaps",
    "who_is_next",
    "work",
]

projects.on_delete(forget_project)
