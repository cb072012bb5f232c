"""Every URL of the pages; each room brings its own."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []

handler400 = "vedette.ui.error_pages.bad_request"
handler403 = "vedette.ui.error_pages.forbidden"
handler404 = "vedette.ui.error_pages.not_found"
handler500 = "vedette.ui.error_pages.failed"
