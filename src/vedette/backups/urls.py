"""The pages of backups, drills and restores."""

from django.urls import URLPattern, path

from vedette.backups.views import plans, runs

_ONE, _RUN = "backups/<int:number>/", "backups/runs/<slug:key>/"

urlpatterns: list[URLPattern] = [
    path("backups/", plans.every, name="backups"),
    path("backups/runs/", runs.every, name="backup-runs"),
    path(_RUN, runs.one, name="backup-run"),
    path(f"{_RUN}report.html", runs.as_html, name="backup-report-html"),
    path(f"{_RUN}report.pdf", runs.as_pdf, name="backup-report-pdf"),
    path(_ONE, plans.one, name="backup-plan"),
    path(f"{_ONE}act/", plans.act, name="backup-act"),
    path(f"{_ONE}switch/<str:state>/", plans.switch, name="backup-switch"),
    path(f"{_ONE}remove/", plans.remove, name="backup-remove"),
]
