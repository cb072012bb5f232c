"""The pages of errors."""

from django.urls import path

from vedette.errors.views import (
    acts,
    attachments,
    listing,
    merging,
    owners,
    page,
    privacy,
    reported,
    searches,
    whole,
)

urlpatterns = [
    path("reports/", reported.reports),
    path("settings/projects/<slug:slug>/owners/", owners.owners),
    path("settings/projects/<slug:slug>/owners/edit/", owners.edit),
    path("settings/privacy/", privacy.overview),
    path("settings/privacy/ask/", privacy.ask),
    path("settings/privacy/<str:erasure_id>/", privacy.erasure),
    path("settings/privacy/<str:erasure_id>/erase/", privacy.erase),
    path("settings/privacy/receipts/<str:receipt_id>/", privacy.receipt),
    path("settings/privacy/receipts/<str:receipt_id>.json", privacy.receipt_json),
    path("issues/", listing.issues),
    path("issues.json", listing.issues_json),
    path("issues/bulk/", acts.bulk),
    path("issues/all/", whole.whole),
    path("issues/all/act/", whole.act),
    path("issues/searches/", searches.save),
    path("issues/searches/<int:search_id>/", searches.edit),
    path("issues/searches/<int:search_id>/star/", searches.star),
    path("issues/searches/<int:search_id>/delete/", searches.delete),
    path("issues/undo/<str:token>/", acts.undo),
    path("issues/<str:short_id>.md", page.markdown),
    path("issues/<str:short_id>/", page.issue),
    path("issues/<str:short_id>/act/", acts.act),
    path("issues/<str:short_id>/comment/", acts.comment),
    path("issues/<str:short_id>/follow/", acts.follow),
    path("issues/<str:short_id>/merge/", merging.merge),
    path("issues/<str:short_id>/split/", merging.split),
    path("issues/<str:short_id>/groups/", merging.groups),
    path("issues/<str:short_id>/events/", page.events),
    path("issues/<str:short_id>/events.json", page.events_json),
    path("issues/<str:short_id>/events/<str:event_id>.md", page.event_markdown),
    path("issues/<str:short_id>/events/<str:event_id>/", page.event),
    path("issues/<str:short_id>/events/<str:event_id>/json/", page.event_json),
    path(
        "issues/<str:short_id>/events/<str:event_id>/attachments/<int:attachment_id>/", attachments.attachment
    ),
]
