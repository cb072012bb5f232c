"""The pages of findings and of what is scanned."""

from django.urls import URLPattern, path

from vedette.scans.views import bills, feeds, findings, targets

urlpatterns: list[URLPattern] = [
    path("findings/", findings.findings, name="findings"),
    path("findings/act/", findings.act, name="findings-act"),
    path("findings/reopen/<str:ids>/", findings.reopen, name="findings-reopen"),
    path("findings/<int:number>/", findings.finding, name="finding"),
    path("findings/<int:number>/note/", findings.note, name="finding-note"),
    path("findings/targets/", targets.every, name="targets"),
    path("findings/targets/new/", targets.add, name="target-new"),
    path("findings/targets/<int:number>/", targets.one, name="target"),
    path("findings/targets/<int:number>/edit/", targets.edit, name="target-edit"),
    path("findings/targets/<int:number>/run/", targets.run, name="target-run"),
    path("findings/targets/<int:number>/remove/", targets.remove, name="target-remove"),
    path("findings/bills/<int:number>/", bills.bill, name="bill"),
    path("findings/bills/<int:before>/<int:after>/", bills.compared, name="bills-compared"),
    path("findings/feeds/", feeds.feeds, name="feeds"),
    path("findings/feeds/update/", feeds.update, name="feeds-update"),
]
