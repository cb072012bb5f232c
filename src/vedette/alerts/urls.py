"""The pages of alerts."""

from django.urls import URLPattern, path

from vedette.alerts import views
from vedette.alerts.alertmanager import views as alertmanager
from vedette.alerts.answering import views as answering
from vedette.alerts.answering.chats import views as chats
from vedette.alerts.hooks import views as hooks
from vedette.alerts.inhibiting import views as inhibitions
from vedette.alerts.quieting import views as quieting
from vedette.alerts.routes import views as routes
from vedette.alerts.shown import views as shown

urlpatterns: list[URLPattern] = [
    path("a/<str:token>/", answering.answer, name="answer"),
    path("alerts/", shown.alerts, name="alerts"),
    path("alerts/<int:alert_id>/", shown.alert, name="alert"),
    path("alerts/<int:alert_id>/acknowledge/", shown.acknowledge, name="alert-acknowledge"),
    path("alerts/<int:alert_id>/unacknowledge/", shown.unacknowledge, name="alert-unacknowledge"),
    path("alerts/groups/<int:group_id>/acknowledge/", shown.acknowledge_group, name="group-acknowledge"),
    path(
        "alerts/groups/<int:group_id>/unacknowledge/<str:at>/",
        shown.unacknowledge_group,
        name="group-unacknowledge",
    ),
    path("alerts/escalations/<int:escalation_id>/take/", shown.take, name="escalation-take"),
    path("alerts/rules/", views.old_rules, name="alerts-rules"),
    path("alerts/silences/", quieting.silences, name="silences"),
    path("alerts/silences/new/", quieting.new_silence, name="silence-new"),
    path("alerts/silences/count/", quieting.count, name="silence-count"),
    path("alerts/silences/<str:silence_id>/", quieting.silence, name="silence"),
    path("alerts/silences/<str:silence_id>/end/", quieting.end_silence, name="silence-end"),
    path("alerts/patterns/", shown.patterns, name="alert-patterns"),
    path("alerts/routes/", routes.routes, name="routes"),
    path("alerts/routes/new/", routes.new_route, name="route-new"),
    path("alerts/routes/<str:place>/", routes.route, name="route"),
    path("alerts/routes/<str:place>/move/", routes.move_route, name="route-move"),
    path("alerts/routes/<str:place>/delete/", routes.delete_route, name="route-delete"),
    path("alerts/receivers/new/", routes.new_receiver, name="receiver-new"),
    path("alerts/receivers/<int:place>/", routes.receiver, name="receiver"),
    path("alerts/receivers/<int:place>/delete/", routes.delete_receiver, name="receiver-delete"),
    path("alerts/inhibitions/new/", inhibitions.new_inhibition, name="inhibition-new"),
    path("alerts/inhibitions/count/", inhibitions.count, name="inhibition-count"),
    path("alerts/inhibitions/<int:place>/", inhibitions.inhibition, name="inhibition"),
    path("alerts/inhibitions/<int:place>/delete/", inhibitions.delete_inhibition, name="inhibition-delete"),
    path("alerts/hooks/", hooks.hooks, name="alert-hooks"),
    path("alerts/hooks/new/", hooks.new_hook, name="alert-hook-new"),
    path("alerts/hooks/<slug:name>/", hooks.hook, name="alert-hook"),
    path("alerts/hooks/<slug:name>/secret/", hooks.make_secret, name="alert-hook-secret"),
    path("alerts/hooks/<slug:name>/delete/", hooks.delete_hook, name="alert-hook-delete"),
    path("settings/rules/", views.rules, name="rules"),
    path("settings/rules/new/", views.new_rule, name="rule-new"),
    path("settings/rules/<int:rule_id>/", views.rule, name="rule"),
    path("settings/rules/<int:rule_id>/switch/", views.switch_rule, name="rule-switch"),
    path("settings/rules/<int:rule_id>/delete/", views.delete_rule, name="rule-delete"),
    path("api/hooks/slack/<int:channel_id>", chats.slack, name="slack-press"),
    path("api/hooks/telegram/<int:bot>", chats.telegram, name="telegram-press"),
    path("api/v2/alerts", alertmanager.alerts),
    path("api/v2/alerts/groups", alertmanager.groups),
    path("api/v2/receivers", alertmanager.receivers),
    path("api/v2/status", alertmanager.status),
    path("api/v2/silences", alertmanager.silences),
    path("api/v2/silence/<str:silence_id>", alertmanager.silence),
]
