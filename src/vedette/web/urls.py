"""The URLs of the pages that belong to no single room."""

from django.urls import path

from vedette.web import deploy_views, setup_urls, views

urlpatterns = [
    path("", views.show_overview, name="overview"),
    path("settings/", views.settings, name="settings"),
    path("settings/about/", views.about, name="about"),
    path("find/", views.find, name="find"),
    path("go/<str:key>/", views.go, name="go"),
    path("deploys/", deploy_views.deploys, name="deploys"),
    path("deploys/<path:version>/", deploy_views.deploy, name="deploy"),
    path("theme/", views.theme, name="theme"),
    path("robots.txt", views.robots, name="robots"),
    *setup_urls.urlpatterns,
]
