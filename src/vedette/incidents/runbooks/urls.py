"""The pages of runbooks."""

from django.urls import URLPattern, path

from vedette.incidents.runbooks import views

urlpatterns: list[URLPattern] = [
    path("incidents/runbooks/", views.runbooks, name="runbooks"),
    path("incidents/runbooks/new/", views.new, name="runbook-new"),
    path("incidents/runbooks/<slug:slug>/", views.runbook, name="runbook"),
    path("incidents/runbooks/<slug:slug>/edit/", views.edit, name="runbook-edit"),
    path("incidents/runbooks/<slug:slug>/delete/", views.delete, name="runbook-delete"),
    path("incidents/<int:number>/runbooks/attach/", views.attach, name="runbook-attach"),
    path("incidents/<int:number>/runbooks/<slug:slug>/detach/", views.detach, name="runbook-detach"),
    path("incidents/<int:number>/steps/<int:run_id>/tick/", views.tick, name="step-tick"),
    path("incidents/<int:number>/steps/<int:run_id>/untick/", views.untick, name="step-untick"),
    path("incidents/<int:number>/steps/<int:run_id>/run/", views.run, name="step-run"),
]
