"""Bodies as each sender's documentation shows them, shortened to what a mapping may want: what a preview begins with."""

from collections.abc import Mapping

EXAMPLES: Mapping[str, str] = {
    "generic": """{
  "title": "Disk of db-1 is nearly full",
  "message": "93 % used, 4 GB left",
  "severity": "critical",
  "link": "https://wiki.example.org/disk"
}""",
    "grafana": """{
  "receiver": "vedette",
  "status": "firing",
  "alerts": [
    {
      "status": "firing",
      "labels": {"alertname": "High memory", "team": "blue", "zone": "us-1", "severity": "critical"},
      "annotations": {"summary": "Memory of us-1 is at 97 %", "runbook_url": "https://wiki.example.org/memory"},
      "startsAt": "2026-11-25T09:51:03.157076+02:00",
      "endsAt": "0001-01-01T00:00:00Z",
      "generatorURL": "https://grafana.example.org/alerting/1afz29v7z/edit",
      "fingerprint": "c6eadffa33fcdf37",
      "dashboardURL": "",
      "panelURL": "",
      "values": {"B": 44.23, "C": 1}
    },
    {
      "status": "resolved",
      "labels": {"alertname": "High CPU", "team": "blue", "zone": "eu-1"},
      "annotations": {"summary": "CPU of eu-1 is busy"},
      "startsAt": "2026-11-25T08:30:00Z",
      "endsAt": "2026-11-25T08:51:00Z",
      "generatorURL": "https://grafana.example.org/alerting/d1rdpdv7k/edit"
    }
  ],
  "groupLabels": {},
  "commonLabels": {"team": "blue"},
  "externalURL": "https://grafana.example.org/",
  "version": "1",
  "orgId": 1,
  "title": "[FIRING:1, RESOLVED:1]",
  "state": "alerting"
}""",
    "uptime-kuma": """{
  "heartbeat": {
    "monitorID": 7,
    "status": 0,
    "time": "2026-11-25 09:51:03.157",
    "msg": "connect ECONNREFUSED 192.0.2.7:443",
    "important": true,
    "duration": 60
  },
  "monitor": {"id": 7, "name": "Shop", "url": "https://shop.example.org/", "type": "http", "interval": 60},
  "msg": "[Shop] [Down] connect ECONNREFUSED 192.0.2.7:443"
}""",
    "healthchecks": """{
  "check": "Nightly backup",
  "code": "4ca2e5e8-0c4d-4a9b-8f0e-3a6a3b7c9d11",
  "status": "down",
  "tags": "db prod",
  "at": "2026-11-25T03:10:00+00:00"
}""",
    "github-actions": """{
  "action": "completed",
  "workflow_run": {
    "id": 30433642,
    "name": "Tests",
    "display_title": "Count what was sold twice",
    "head_branch": "main",
    "head_sha": "acb5820ced9479c074f688cc328bf03f341a511d",
    "run_number": 562,
    "status": "completed",
    "conclusion": "failure",
    "html_url": "https://github.com/example/shop/actions/runs/30433642",
    "run_started_at": "2026-11-25T09:40:00Z",
    "updated_at": "2026-11-25T09:51:03Z"
  },
  "repository": {"id": 17, "full_name": "example/shop"},
  "sender": {"login": "anna"}
}""",
    "sentry": """{
  "action": "created",
  "data": {
    "issue": {
      "id": "1170820242",
      "shortId": "SHOP-1B",
      "title": "ZeroDivisionError: division by zero",
      "culprit": "shop.basket in total",
      "level": "error",
      "status": "unresolved",
      "firstSeen": "2026-11-25T09:51:03Z",
      "web_url": "https://sentry.example.org/issues/1170820242/",
      "project": {"id": "1", "slug": "shop", "name": "Shop"}
    }
  },
  "installation": {"uuid": "7a485448-a9e2-4c85-8a3c-4f44175783c9"}
}""",
}
