"""The pages of infrastructure: projects, drift, changes, runs, and how hosts are hardened."""

from django.urls import URLPattern, path

from vedette.deploy.views import attack, changing, connecting, drifting, hardening, projects, runs

_ONE = "infrastructure/<int:number>/"

urlpatterns: list[URLPattern] = [
    path("infrastructure/", projects.every, name="infrastructure"),
    path("infrastructure/new/", connecting.new, name="infra-new"),
    path("infrastructure/drift/", drifting.every, name="infra-drift"),
    path("infrastructure/runs/", runs.every, name="infra-runs"),
    path("infrastructure/runs/<slug:key>/", runs.one, name="infra-run"),
    path("infrastructure/attack/", attack.every, name="infra-attack"),
    path("infrastructure/attack/ask/", attack.ask, name="infra-attack-ask"),
    path("infrastructure/attack/<int:host>/on/", attack.on, name="infra-attack-on"),
    path("infrastructure/attack/<int:host>/off/", attack.off, name="infra-attack-off"),
    path("infrastructure/hosts/", hardening.every, name="infra-hosts"),
    path("infrastructure/hosts/<int:host>/", hardening.one, name="infra-host"),
    path("infrastructure/hosts/<int:host>/act/", hardening.act, name="infra-host-act"),
    path(_ONE, projects.one, name="infra-project"),
    path(f"{_ONE}start/", connecting.start, name="infra-start"),
    path(f"{_ONE}files/", connecting.files, name="infra-files"),
    path(f"{_ONE}token/", connecting.token, name="infra-token"),
    path(f"{_ONE}look/", projects.look, name="infra-look"),
    path(f"{_ONE}forget/", projects.forget, name="infra-forget"),
    path(f"{_ONE}changes/", changing.changes, name="infra-changes"),
    path(f"{_ONE}act/", changing.act, name="infra-act"),
]
