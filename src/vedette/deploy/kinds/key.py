"""SSH keys."""

from vedette.deploy.planning.kind import Kind

KIND = Kind(
    name="key", label="SSH key", fields=("public",),
    fixed={"public": "Hetzner keeps a key as it is: another one takes its place"},
)  # fmt: skip
