"""The addresses on which status pages are kept; what visitors ask for is answered by `door`."""

from django.urls import path

from vedette.status.views import pages, telling

_ONE = "status-pages/<slug:slug>/"

urlpatterns = [
    path("status-pages/", pages.listed, name="status-pages"),
    path("status-pages/tell/<int:number>/", telling.tell, name="status-pages-tell"),
    path("status-pages/new/", pages.new, name="status-page-new"),
    path(_ONE, pages.page, name="status-page"),
    path(f"{_ONE}edit/", pages.edit, name="status-page-edit"),
    path(f"{_ONE}delete/", pages.delete, name="status-page-delete"),
    path(f"{_ONE}preview/", pages.preview, name="status-page-preview"),
    path(f"{_ONE}announce/", pages.announce, name="status-page-announce"),
    path(f"{_ONE}incidents/<int:number>/", pages.incident, name="status-page-incident"),
    path(f"{_ONE}incidents/<int:number>/delete/", pages.delete_incident, name="status-page-incident-delete"),
    path(f"{_ONE}subscribers/", pages.subscribers, name="status-page-subscribers"),
    path(
        f"{_ONE}subscribers/<int:number>/remove/",
        pages.remove_subscriber,
        name="status-page-subscriber-remove",
    ),
]
