"""The pages of backups, drills and restores."""

from django.urls import URLPattern, path

from vedette.backups.views import browsing, making, plans, restoring, runs, sheets

_ONE, _RUN, _COPY = (
    "backups/<int:number>/",
    "backups/runs/<slug:key>/",
    "backups/<int:number>/copies/<slug:name>/",
)

urlpatterns: list[URLPattern] = [
    path("backups/", plans.every, name="backups"),
    path("backups/new/", making.hosts, name="backup-new"),
    path("backups/new/<int:host>/", making.found, name="backup-found"),
    path("backups/new/<int:host>/plan/", making.new, name="backup-plan-new"),
    path("backups/restore/", restoring.choose, name="backup-restore-choose"),
    path("backups/runs/", runs.every, name="backup-runs"),
    path(_RUN, runs.one, name="backup-run"),
    path(f"{_RUN}report.html", runs.as_html, name="backup-report-html"),
    path(f"{_RUN}report.pdf", runs.as_pdf, name="backup-report-pdf"),
    path(_ONE, plans.one, name="backup-plan"),
    path(f"{_ONE}edit/", making.edit, name="backup-plan-edit"),
    path(f"{_ONE}act/", plans.act, name="backup-act"),
    path(f"{_ONE}switch/<str:state>/", plans.switch, name="backup-switch"),
    path(f"{_ONE}remove/", plans.remove, name="backup-remove"),
    path(f"{_ONE}restore/", restoring.restore, name="backup-restore"),
    path(f"{_ONE}looks/<slug:key>/", browsing.inside, name="backup-look"),
    path(_COPY, browsing.copy, name="backup-copy"),
    path(f"{_COPY}look/", browsing.look, name="backup-copy-look"),
    path(f"{_COPY}sheet/", sheets.sheet, name="backup-sheet"),
    path(f"{_COPY}secrets/", sheets.give, name="backup-secret"),
    path(f"{_COPY}forget/", sheets.forget, name="backup-forget"),
    path(f"{_COPY}rekey/", sheets.rekey, name="backup-rekey"),
]
