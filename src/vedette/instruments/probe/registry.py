"""Which probes there are: every folder beside this file that holds a `probe.py` with a `PROBE`."""

import difflib
import functools
import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from vedette.core.errors import Invalid
from vedette.instruments import probe
from vedette.instruments.probe.masking import masked_url
from vedette.instruments.probe.types import Probe


@functools.cache
def kinds() -> Mapping[str, Probe]:
    """Return the probes by kind, in order of their labels."""
    folders = [Path(path) for path in probe.__path__]
    names = [module.name for module in pkgutil.iter_modules(probe.__path__) if module.ispkg]
    found = [_load(name) for name in names if any((path / name / "probe.py").exists() for path in folders)]
    return MappingProxyType({each.kind: each for each in sorted(found, key=lambda p: p.label.lower())})


@functools.cache
def schemes() -> Mapping[str, Probe]:
    """Return the probes by the schemes of the URLs they take."""
    return MappingProxyType({scheme: each for each in kinds().values() for scheme in each.schemes})


def probe_of(url: str) -> Probe:
    """Return the probe that takes a URL; raises `Invalid` with the schemes there are."""
    scheme = url.partition(":")[0].lower()
    found = schemes().get(scheme)
    if found is not None and ":" in url:
        return found
    near = difflib.get_close_matches(scheme, schemes(), 1)
    hint = f"did you mean {near[0]}:?" if near else f"it begins with one of {', '.join(schemes())}"
    raise Invalid(
        f"{masked_url(url, ())[:200]} is no URL that can be checked; {hint}", {"url": "unknown scheme"}
    )


def _load(name: str) -> Probe:
    found: Probe = importlib.import_module(f"{probe.__name__}.{name}.probe").PROBE
    return found
