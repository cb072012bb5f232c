"""The pages of detections and bans; an address and the rules are pages of `web`, which join rooms."""

from django.urls import path

from vedette.intrusions.views import listing, lists

urlpatterns = [
    path("bans/", listing.bans, name="bans"),
    path("bans/new/", listing.add, name="ban_new"),
    path("bans/remove/", listing.remove, name="ban_remove"),
    path("bans/allowed/", lists.allowed, name="bans_allowed"),
    path("bans/allowed/remove/", lists.disallow, name="bans_disallow"),
    path("bans/lists/", lists.lists, name="bans_lists"),
    path("bans/lists/new/", lists.add, name="bans_list_new"),
    path("bans/lists/remove/", lists.remove, name="bans_list_remove"),
]
