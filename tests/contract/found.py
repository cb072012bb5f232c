"""Finds every adapter of a port by walking its folder, so that none escapes the suite."""

import importlib
import inspect
import pkgutil


def adapters(port: str, protocol: type) -> set[str]:
    """Return the names of the classes in `vedette.plumbing.<port>` that have every method of the port."""
    package = importlib.import_module(f"vedette.plumbing.{port}")
    wanted = {name for name, value in vars(protocol).items() if inspect.isfunction(value) and name[0] != "_"}
    found = set()
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        for name, value in vars(importlib.import_module(module.name)).items():
            own = inspect.isclass(value) and value.__module__ == module.name and value is not protocol
            if own and all(callable(getattr(value, method, None)) for method in wanted):
                found.add(name)
    return found
