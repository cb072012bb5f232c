"""The pages of errors."""

from django.urls import path

from vedette.errors.views import acts, listing, merging, page

urlpatterns = [
    path("issues/", listing.issues),
    path("issues.json", listing.issues_json),
    path("issues/bulk/", acts.bulk),
    path("issues/undo/<str:token>/", acts.undo),
    path("issues/<str:short_id>/", page.issue),
    path("issues/<str:short_id>/act/", acts.act),
    path("issues/<str:short_id>/comment/", acts.comment),
    path("issues/<str:short_id>/merge/", merging.merge),
    path("issues/<str:short_id>/split/", merging.split),
    path("issues/<str:short_id>/groups/", merging.groups),
    path("issues/<str:short_id>/markdown/", page.markdown),
    path("issues/<str:short_id>/events/", page.events),
    path("issues/<str:short_id>/events.json", page.events_json),
    path("issues/<str:short_id>/events/<str:event_id>/", page.event),
    path("issues/<str:short_id>/events/<str:event_id>/json/", page.event_json),
]
