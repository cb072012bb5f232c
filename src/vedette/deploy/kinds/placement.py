"""Placement groups."""

from vedette.deploy.planning.kind import Kind

KIND = Kind(
    name="placement", label="placement group", fields=("type",), fixed={"type": "a group keeps its type"}
)
