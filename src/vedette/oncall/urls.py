"""The URLs of the pages of on-call."""

from django.urls import path

from vedette.oncall.views import calendars, covers, overview, policies, schedules

_ONE = "on-call/schedules/<int:schedule_id>/"

urlpatterns = [
    path("on-call/", overview.page, name="oncall"),
    path("on-call/schedules/new/", schedules.new, name="oncall-schedule-new"),
    path(_ONE, schedules.one, name="oncall-schedule"),
    path(f"{_ONE}edit/", schedules.edit, name="oncall-schedule-edit"),
    path(f"{_ONE}delete/", schedules.delete, name="oncall-schedule-delete"),
    path(f"{_ONE}cover/", covers.cover, name="oncall-cover"),
    path(f"{_ONE}swap/", covers.swap, name="oncall-swap"),
    path("on-call/covers/<int:cover_id>/accept/", covers.accept, name="oncall-swap-accept"),
    path("on-call/covers/<int:cover_id>/drop/", covers.drop, name="oncall-cover-drop"),
    path("on-call/calendars/", calendars.calendars, name="oncall-calendars"),
    path("on-call/calendars/new/", calendars.new, name="oncall-calendar-new"),
    path("on-call/calendars/<int:calendar_id>/remove/", calendars.remove, name="oncall-calendar-remove"),
    path("on-call/feeds/", calendars.feeds, name="oncall-feeds"),
    path("on-call/feeds/<int:feed_id>/drop/", calendars.drop_feed, name="oncall-feed-drop"),
    path("on-call/feeds/<str:secret>.ics", calendars.feed, name="oncall-feed"),
    path("on-call/policies/", policies.listing, name="oncall-policies"),
    path("on-call/policies/new/", policies.new, name="oncall-policy-new"),
    path("on-call/policies/<int:policy_id>/", policies.one, name="oncall-policy"),
    path("on-call/policies/<int:policy_id>/delete/", policies.delete, name="oncall-policy-delete"),
    path("on-call/escalations/", policies.escalations, name="oncall-escalations"),
    path("on-call/escalations/<int:escalation_id>/", policies.escalation, name="oncall-escalation"),
]
