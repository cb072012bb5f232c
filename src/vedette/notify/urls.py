"""The pages of notify."""

from django.urls import URLPattern, path

from vedette.notify.views import channels, own, rules, wording, worker

urlpatterns: list[URLPattern] = [
    path("sw.js", worker.script, name="service-worker"),
    path("settings/notifications/", channels.notifications, name="notifications"),
    path("settings/notifications/templates/", wording.templates, name="templates"),
    path("settings/notifications/templates/<slug:kind>/", wording.template, name="template"),
    path("settings/notifications/new/<slug:kind>/", channels.new_channel, name="channel-new"),
    path("settings/notifications/<int:channel_id>/", channels.channel, name="channel"),
    path("settings/notifications/<int:channel_id>/test/", channels.test_channel, name="channel-test"),
    path("settings/notifications/<int:channel_id>/delete/", channels.delete_channel, name="channel-delete"),
    path("settings/my-notifications/", own.mine, name="my-notifications"),
    path("settings/my-notifications/rules/", rules.rules, name="own-rules"),
    path("settings/my-notifications/proof/", rules.proof, name="own-proof"),
    path("settings/my-notifications/proof/start/", rules.start_proof, name="own-proof-start"),
    path(
        "settings/my-notifications/proof/acknowledge/", rules.acknowledge_proof, name="own-proof-acknowledge"
    ),
    path("t/<str:token>/", rules.answer, name="proof-answer"),
    path("settings/my-notifications/new/<slug:kind>/", own.new_channel, name="own-channel-new"),
    path("settings/my-notifications/<int:channel_id>/", own.channel, name="own-channel"),
    path("settings/my-notifications/<int:channel_id>/test/", own.test_channel, name="own-channel-test"),
    path("settings/my-notifications/<int:channel_id>/delete/", own.delete_channel, name="own-channel-delete"),
]
