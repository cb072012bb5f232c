"""The pages of the set-up."""

from django.urls import path

from vedette.web import setup, setup_account

urlpatterns = [
    path("setup/two-factor/", setup_account.two_factor),
    path("setup/two-factor/qr.svg", setup_account.qr),
    path("setup/project/", setup.project),
    path("setup/notify/", setup.notifications),
    path("setup/notify/<int:channel_id>/test/", setup.test_channel),
    path("setup/<str:slug>/snippet/", setup.snippet),
    path("setup/<str:slug>/test/", setup.send_test),
    path("setup/<str:token>/", setup_account.account),
]
