"""Images: of the system, and snapshots and backups of servers."""

from operator import itemgetter
from typing import Literal

import msgspec

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake.calls import Refused, Reply, Shape, invalid, missing, protected
from vedette.instruments.hetzner.fake.catalogue import catalogue, show_image
from vedette.instruments.hetzner.fake.labels import check
from vedette.instruments.hetzner.fake.state import Action, Image, State
from vedette.instruments.hetzner.fake.table import Reading, Route, Table, guard, guarding, page_of
from vedette.instruments.hetzner.fake.visit import Visit


class _Edited(msgspec.Struct, kw_only=True):
    description: str | None = None
    type: Literal["snapshot"] | None = None
    labels: dict[str, str] | None = None


def _show(visit: Visit, image: Image) -> Shape:  # noqa: ARG001 - as tables show
    ready = image.status == "available"
    return {
        "id": image.id,
        "type": image.type,
        "status": image.status,
        "name": None,
        "description": image.description,
        "image_size": 2.3 if ready else None,
        "disk_size": image.disk,
        "created": iso(image.created),
        "created_from": {"id": image.server, "name": image.server_name},
        "bound_to": image.server if image.type == "backup" else None,
        "os_flavor": image.flavor,
        "os_version": image.version,
        "rapid_deploy": False,
        "protection": {"delete": image.protected},
        "deprecated": None,
        "deleted": None,
        "labels": image.labels,
        "architecture": image.architecture,
    }


TABLE = Table(singular="image", plural="images", rows=lambda state: state.images, show=_show)

_FILTERS: dict[str, Reading] = {
    name: itemgetter(name) for name in ("type", "status", "bound_to", "architecture")
}


def _all(visit: Visit) -> list[Shape]:
    own = [_show(visit, image) for image in visit.state.images.values()]
    return [*(show_image(key) for key in catalogue().images), *own]


def show_any(visit: Visit, number: int) -> Shape | None:
    """Return an image as the API shows it, whosever it is; nothing where it is gone."""
    if image := visit.state.images.get(number):
        return _show(visit, image)
    keys = [key for key, one in catalogue().images.items() if one.id == number]
    return show_image(keys[0]) if keys else None


def find(visit: Visit, key: str | int, architecture: str) -> int:
    """Return the id of an image, named by id or name, that fits an architecture. Raises `Refused`."""
    named = [shape for shape in _all(visit) if str(key) in {str(shape["id"]), shape["name"]}]
    if not named:
        raise invalid("image", f"image '{key}' not found")
    fitting = [shape for shape in named if shape["architecture"] == architecture]
    if not fitting:
        raise invalid("image", f"image '{key}' is not for {architecture}")
    if fitting[0]["status"] != "available":
        raise Refused(412, "resource_unavailable", f"image '{key}' is not available yet")
    return int(str(fitting[0]["id"]))


def let_go(state: State, server: int) -> None:
    """Remove the backups of a server that is gone; snapshots stay."""
    state.images = {
        number: one for number, one in state.images.items() if one.type == "snapshot" or one.server != server
    }


def _many(visit: Visit) -> Reply:
    with_old = visit.call.query.get("include_deprecated", ["false"])[-1] == "true"
    shapes = [shape for shape in _all(visit) if with_old or shape["deprecated"] is None]
    return page_of(visit, "images", shapes, _FILTERS, ("id", "name", "created"))


def _one(visit: Visit) -> Reply:
    key = visit.args[0]
    shape = show_any(visit, int(key)) if key.isascii() and key.isdigit() else None
    if shape is None:
        raise missing("image", key)
    return Reply(body={"image": shape})


def _edit(visit: Visit) -> Reply:
    image, asked = _own(visit), visit.read(_Edited)
    check(asked.labels or {})
    image.description = image.description if asked.description is None else asked.description
    image.labels = image.labels if asked.labels is None else asked.labels
    image.type = asked.type or image.type
    return Reply(body={"image": _show(visit, image)})


def _own(visit: Visit) -> Image:
    _one(visit)
    if int(visit.args[0]) not in visit.state.images:
        raise Refused(403, "forbidden", "images of the system cannot be changed")
    return TABLE.act(visit)


def _remove(visit: Visit) -> Reply:
    image = _own(visit)
    if image.protected:
        raise protected(f"image {image.id}")
    del visit.state.images[image.id]
    return Reply(status=204)


def _created(state: State, action: Action) -> None:
    if image := state.images.get(int(str(action.args["image"]))):
        image.status = "available"


def _never_created(state: State, action: Action) -> None:
    state.images.pop(int(str(action.args["image"])), None)


_TAKEN = {("GET", "/images"), ("GET", "/images/{id}")}
ROUTES: list[Route] = [
    ("GET", "/images", _many),
    ("GET", "/images/{id}", _one),
    *(
        route
        for route in TABLE.routes(
            ("POST", "actions/change_protection", guarding(TABLE)), editing=_edit, removing=_remove
        )
        if route[:2] not in _TAKEN
    ),
]
EFFECTS = {
    "server.create_image": _created,
    "image.change_protection": guard(lambda state: state.images),
}
UNDOING = {"server.create_image": _never_created}
