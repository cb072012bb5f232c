"""The verbs of on-call, gathered for whoever asks: each lives in the module of its idea."""

from vedette.oncall.calendars import add as add_calendar
from vedette.oncall.calendars import calendars
from vedette.oncall.calendars import refresh as refresh_calendars
from vedette.oncall.calendars import remove as remove_calendar
from vedette.oncall.covers import accept as accept_swap
from vedette.oncall.covers import ask as ask_swap
from vedette.oncall.covers import cover, covers
from vedette.oncall.covers import drop as drop_cover
from vedette.oncall.covers import drop_old as drop_old_covers
from vedette.oncall.covers import take as take_over
from vedette.oncall.feeds import drop as drop_feed
from vedette.oncall.feeds import feeds
from vedette.oncall.feeds import make as make_feed
from vedette.oncall.feeds import read as read_feed
from vedette.oncall.gaps import warn as warn_of_gaps
from vedette.oncall.load import load
from vedette.oncall.schedules import create as create_schedule
from vedette.oncall.schedules import remove as remove_schedule
from vedette.oncall.schedules import schedule, schedules
from vedette.oncall.schedules import update as update_schedule
from vedette.oncall.standing import (
    gaps,
    on_call,
    own_shifts,
    shadows,
    shifts,
    turns,
    who_is_next,
)

__all__ = [
    "accept_swap",
    "add_calendar",
    "ask_swap",
    "calendars",
    "cover",
    "covers",
    "create_schedule",
    "drop_cover",
    "drop_feed",
    "drop_old_covers",
    "feeds",
    "gaps",
    "load",
    "make_feed",
    "on_call",
    "own_shifts",
    "read_feed",
    "refresh_calendars",
    "remove_calendar",
    "remove_schedule",
    "schedule",
    "schedules",
    "shadows",
    "shifts",
    "take_over",
    "turns",
    "update_schedule",
    "warn_of_gaps",
    "who_is_next",
]
