"""The addresses of digests."""

from django.urls import path

from vedette.reports import views

urlpatterns = [
    path("digests/", views.digests, name="digests"),
    path("digests/mine/", views.mine, name="digests-mine"),
    path("digests/leave/<str:token>/", views.leave, name="digests-leave"),
    path("digests/<int:digest_id>/", views.digest, name="digest"),
]
