"""`vedette check-config`: are the settings right?"""

import dataclasses
from pathlib import Path

from vedette.cli.out import emit
from vedette.core import settings as core_settings


def check_config(*, json: bool = False) -> None:
    """Read the settings as the server would; a wrong one is named with its file and line."""
    settings = core_settings.load()
    shown = {
        field.name: "••••" if field.name.endswith(core_settings.SECRETS) and getattr(settings, field.name) else _plain(getattr(settings, field.name))
        for field in dataclasses.fields(settings)
    }  # fmt: skip
    lines = [f"{name} = {value}" for name, value in shown.items()]
    emit({"ok": True, "settings": shown}, "\n".join([*lines, "The configuration is right."]), json=json)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
