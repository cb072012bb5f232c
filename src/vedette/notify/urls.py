"""The pages of notify."""

from django.urls import URLPattern, path

from vedette.notify import views

urlpatterns: list[URLPattern] = [
    path("settings/notifications/", views.notifications, name="notifications"),
    path("settings/notifications/new/<slug:kind>/", views.new_channel, name="channel-new"),
    path("settings/notifications/<int:channel_id>/", views.channel, name="channel"),
    path("settings/notifications/<int:channel_id>/test/", views.test_channel, name="channel-test"),
    path("settings/notifications/<int:channel_id>/delete/", views.delete_channel, name="channel-delete"),
]
