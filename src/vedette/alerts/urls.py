"""The pages of alerts."""

from django.urls import URLPattern, path

from vedette.alerts import views
from vedette.alerts.alertmanager import views as alertmanager
from vedette.alerts.answering import views as answering

urlpatterns: list[URLPattern] = [
    path("a/<str:token>/", answering.answer, name="answer"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/rules/", views.old_rules, name="alerts-rules"),
    path("settings/rules/", views.rules, name="rules"),
    path("settings/rules/new/", views.new_rule, name="rule-new"),
    path("settings/rules/<int:rule_id>/", views.rule, name="rule"),
    path("settings/rules/<int:rule_id>/switch/", views.switch_rule, name="rule-switch"),
    path("settings/rules/<int:rule_id>/delete/", views.delete_rule, name="rule-delete"),
    path("api/v2/alerts", alertmanager.alerts),
    path("api/v2/alerts/groups", alertmanager.groups),
    path("api/v2/receivers", alertmanager.receivers),
    path("api/v2/status", alertmanager.status),
    path("api/v2/silences", alertmanager.silences),
    path("api/v2/silence/<str:silence_id>", alertmanager.silence),
]
