"""The addresses of deploys that are no page of the Overview's kind; those are in `web`."""

from django.urls import path

from vedette.deploys import views

_ONE = "settings/projects/<slug:slug>/deploys/"

urlpatterns = [
    path("hooks/deploys/<slug:slug>/", views.receive, name="deploy-hook"),
    path(_ONE, views.hook, name="deploys-told"),
    path(f"{_ONE}secret/", views.make_hook, name="deploy-hook-make"),
    path(f"{_ONE}drop/", views.drop_hook, name="deploy-hook-drop"),
]
