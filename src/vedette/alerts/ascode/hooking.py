"""From what files say of hooks to hooks. Pure."""

import difflib
from collections.abc import Iterator, Sequence

import msgspec

from vedette.alerts.ascode.written import File, HookText
from vedette.alerts.hooks import fit
from vedette.alerts.hooks.presets import PRESETS
from vedette.alerts.hooks.types import AlertHookDraft
from vedette.core.errors import Invalid
from vedette.wire.ascode.lengths import seconds
from vedette.wire.ascode.reading import Fault, Read
from vedette.wire.hooks.mapping import AlertMapping

_OWN = ("name", "preset", "enabled", "lasts")


def hooks(files: Sequence[Read[File]], faults: list[Fault]) -> Iterator[tuple[AlertHookDraft, str]]:
    """Yield each hook of the files with its file; what is wrong is added to `faults`."""
    seen: set[str] = set()
    for file in files:
        for n, text in enumerate(file.said.hook):
            wrong: dict[str, str] = {}
            made = _hook(text, wrong)
            wrong = fit.wrong(made) | wrong
            if text.name in seen:
                wrong["name"] = f"There is another hook “{text.name}”."
            seen.add(text.name)
            faults += [file.fault(("hook", n, field), told) for field, told in wrong.items()]
            yield made, file.name
    if len(seen) > fit.MOST_HOOKS:
        faults.append(files[0].fault((), f"There are {len(seen)} hooks; at most {fit.MOST_HOOKS} are taken."))


def _hook(text: HookText, wrong: dict[str, str]) -> AlertHookDraft:
    preset = PRESETS.get(text.preset)
    if text.preset and preset is None:
        near = difflib.get_close_matches(text.preset, PRESETS, 1)
        meant = f" Did you mean {near[0]!r}?" if near else f" There are {', '.join(PRESETS)}."
        wrong["preset"] = f"There is no preset {text.preset!r}.{meant}"
    fields = {name: getattr(text, name) for name in HookText.__struct_fields__ if name not in _OWN}
    said = {name: value for name, value in fields.items() if value is not None}
    if text.lasts is not None:
        said["lasts"] = _minutes(text.lasts, wrong)
    mapping = msgspec.structs.replace(preset.mapping if preset else AlertMapping(), **said)
    return AlertHookDraft(name=text.name, mapping=mapping, enabled=text.enabled)


def _minutes(length: str, wrong: dict[str, str]) -> int:
    try:
        return int(seconds(length) // 60)
    except Invalid as error:
        wrong["lasts"] = str(error)
        return 1
