"""The URLs of the pages of hosts."""

from django.urls import path

from vedette.hosts.views import hosts

urlpatterns = [
    path("hosts/", hosts.hosts, name="hosts"),
    path("hosts/token/", hosts.token, name="host-token"),
    path("hosts/tokens/<str:key>/revoke/", hosts.withdraw, name="host-token-revoke"),
    path("hosts/<int:key>/", hosts.host, name="host"),
    path("hosts/<int:key>/rotate/", hosts.rotate, name="host-rotate"),
    path("hosts/<int:key>/revoke/", hosts.revoke, name="host-revoke"),
    path("hosts/<int:key>/remove/", hosts.remove, name="host-remove"),
]
