"""The pages of alerts."""

from django.urls import URLPattern, path

from vedette.alerts import views
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
]
