"""`vedette alerts …`."""

from vedette.cli.out import emit, table
from vedette.core.clock import iso


def list_alerts(*, json: bool = False) -> None:
    """List what fires, worst first: open, acknowledged, silenced or inhibited.

    Parameters
    ----------
    json
        Print JSON.
    """
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.alerts import service

        found = service.listing(ports.clock.now())
    rows = [
        {"id": str(alert.id), "where": place.value, "severity": alert.standing.severity.value,
         "since": iso(alert.standing.starts), "title": alert.title}
        for place in found.bundles for alert in found.alerts(place)
    ]  # fmt: skip
    emit(rows, table(rows, "Nothing fires."), json=json)


def explain(alert: int, /, *, json: bool = False) -> None:
    """Tell why somebody was, is or will be told of an alert, or not: rules, routes, quiet, groups, receivers.

    Parameters
    ----------
    alert
        Its number, as `vedette alerts list` and the address of its page show it.
    json
        Print JSON.
    """
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.alerts import service

        why = service.why(alert, ports.clock.now())
    emit(why, f"{why.alert.title}\n" + "\n".join(service.written(why)), json=json)
