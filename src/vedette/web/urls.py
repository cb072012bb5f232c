"""The URLs of the pages that belong to no single room."""

from django.urls import path, register_converter

from vedette.web import ban_views, deploy_views, replay_views, setup_urls, views

register_converter(ban_views.AddressConverter, "address")

urlpatterns = [
    path("", views.show_overview, name="overview"),
    path("settings/", views.settings, name="settings"),
    path("settings/about/", views.about, name="about"),
    path("find/", views.find, name="find"),
    path("go/<str:key>/", views.go, name="go"),
    path("deploys/", deploy_views.deploys, name="deploys"),
    path("deploys/<path:version>/", deploy_views.deploy, name="deploy"),
    path("bans/rules/", ban_views.rules, name="ban_rules"),
    path("bans/rules/<str:name>/", ban_views.set_mode, name="ban_rule_mode"),
    path("bans/rules/<str:name>/replays/", replay_views.replay, name="ban_rule_replays"),
    path("bans/<address:value>/", ban_views.address, name="ban_address"),
    path("theme/", views.theme, name="theme"),
    path("robots.txt", views.robots, name="robots"),
    *setup_urls.urlpatterns,
]
