"""The pages of post-mortems and of what follows from them."""

from django.urls import URLPattern, path

from vedette.incidents.postmortem import views

urlpatterns: list[URLPattern] = [
    path("incidents/actions/", views.actions, name="actions"),
    path("incidents/post-mortems/", views.papers, name="post-mortems"),
    path("incidents/post-mortems/settings/", views.rules, name="post-mortem-settings"),
    path("incidents/<int:number>/post-mortem/", views.post_mortem, name="post-mortem"),
    path("incidents/<int:number>/post-mortem/edit/", views.edit, name="post-mortem-edit"),
    path("incidents/<int:number>/post-mortem/act/", views.act, name="post-mortem-act"),
    path("incidents/<int:number>/post-mortem.md", views.as_markdown, name="post-mortem-md"),
    path("incidents/<int:number>/post-mortem.html", views.as_html, name="post-mortem-html"),
    path("incidents/<int:number>/post-mortem.pdf", views.as_pdf, name="post-mortem-pdf"),
    path("incidents/<int:number>/actions/add/", views.add_action, name="action-add"),
    path("incidents/<int:number>/actions/<int:task>/finish/", views.finish_action, name="action-finish"),
]
