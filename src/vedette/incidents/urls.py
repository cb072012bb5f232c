"""The addresses of incidents, and of their parts where these are there."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from vedette.incidents.views import acts, pages, rules

_ONE = "incidents/<int:number>/"
PARTS = ("runbooks", "postmortem", "metrics")

urlpatterns: list[URLPattern | URLResolver] = [
    path("incidents/", pages.incidents, name="incidents"),
    path("incidents/new/", pages.declare, name="incident-new"),
    path("incidents/rules/", rules.rules, name="incident-rules"),
    path("incidents/rules/new/", rules.new_rule, name="incident-rule-new"),
    path("incidents/rules/<int:number>/", rules.rule, name="incident-rule"),
    path("incidents/rules/<int:number>/switch/", rules.switch_rule, name="incident-rule-switch"),
    path("incidents/rules/<int:number>/delete/", rules.delete_rule, name="incident-rule-delete"),
    path(_ONE, pages.incident, name="incident"),
    path(f"{_ONE}act/", acts.act, name="incident-act"),
    path(f"{_ONE}reopen/", acts.reopen, name="incident-reopen"),
    path(f"{_ONE}severity/", acts.weigh, name="incident-severity"),
    path(f"{_ONE}rename/", acts.rename, name="incident-rename"),
    path(f"{_ONE}notes/", acts.note, name="incident-note"),
    path(f"{_ONE}entries/<int:line>/", acts.entry, name="incident-entry"),
    path(f"{_ONE}draft/", acts.draft, name="incident-draft"),
    path(f"{_ONE}responders/", acts.responders, name="incident-responders"),
    path(f"{_ONE}tasks/", acts.tasks, name="incident-tasks"),
    path(f"{_ONE}tasks/<int:task>/", acts.task, name="incident-task"),
    path(f"{_ONE}merge/", acts.merge, name="incident-merge"),
    path(f"{_ONE}split/", acts.split, name="incident-split"),
    path(f"{_ONE}links/", acts.links, name="incident-links"),
    *(
        path("", include(f"vedette.incidents.{part}.urls"))
        for part in PARTS
        if find_spec(f"vedette.incidents.{part}") and find_spec(f"vedette.incidents.{part}.urls")
    ),
]
