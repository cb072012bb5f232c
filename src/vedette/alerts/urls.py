"""The pages of alerts."""

from django.urls import URLPattern, path

from vedette.alerts import views
from vedette.alerts.alertmanager import views as alertmanager
from vedette.alerts.answering import views as answering
from vedette.alerts.answering.chats import views as chats
from vedette.alerts.quieting import views as quieting
from vedette.alerts.routes import views as routes
from vedette.alerts.shown import views as shown

urlpatterns: list[URLPattern] = [
    path("a/<str:token>/", answering.answer, name="answer"),
    path("alerts/", shown.alerts, name="alerts"),
    path("alerts/<int:alert_id>/", shown.alert, name="alert"),
    path("alerts/<int:alert_id>/acknowledge/", shown.acknowledge, name="alert-acknowledge"),
    path("alerts/<int:alert_id>/unacknowledge/", shown.unacknowledge, name="alert-unacknowledge"),
    path("alerts/rules/", views.old_rules, name="alerts-rules"),
    path("alerts/silences/", quieting.silences, name="silences"),
    path("alerts/silences/new/", quieting.new_silence, name="silence-new"),
    path("alerts/silences/count/", quieting.count, name="silence-count"),
    path("alerts/silences/<str:silence_id>/", quieting.silence, name="silence"),
    path("alerts/silences/<str:silence_id>/end/", quieting.end_silence, name="silence-end"),
    path("alerts/routes/", routes.routes, name="routes"),
    path("alerts/routes/new/", routes.new_route, name="route-new"),
    path("alerts/routes/<str:place>/", routes.route, name="route"),
    path("alerts/routes/<str:place>/move/", routes.move_route, name="route-move"),
    path("alerts/routes/<str:place>/delete/", routes.delete_route, name="route-delete"),
    path("alerts/receivers/new/", routes.new_receiver, name="receiver-new"),
    path("alerts/receivers/<int:place>/", routes.receiver, name="receiver"),
    path("alerts/receivers/<int:place>/delete/", routes.delete_receiver, name="receiver-delete"),
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
