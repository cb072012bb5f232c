"""What adapters of all kinds share: labels with our mark, protection, and the way of one request each to make, name and remove.

A kind says `fields` (how it is read), `body` (what it is made of) and `change` (how a field becomes another).
"""

import abc
from collections.abc import Mapping

from vedette.instruments.hetzner.types import Asks, CloudError, Keep, Names
from vedette.wire import jsons
from vedette.wire.infra import OURS, Thing

Raw = Mapping[str, object]
Json = dict[str, object]
GONE = 404


class Plain(abc.ABC):
    """An adapter of a kind whose path, list and single answer are named alike (`/volumes`, `volumes`, `volume`)."""

    kind = ""
    path = ""
    many = ""
    one = ""
    params: Mapping[str, object] = {}
    protects = True

    def raws(self, cloud: Asks) -> list[Raw]:
        """Return all there are."""
        return cloud.pages(self.path, self.many, self.params)

    def name(self, raw: Raw) -> str:
        """Return its name."""
        return jsons.text(raw, "name")

    def thing(self, raw: Raw, names: Names) -> Thing | None:
        """Return it in our words."""
        labels = {key: str(value) for key, value in jsons.record(raw, "labels").items()}
        owner = labels.pop(OURS, "")
        protected = jsons.flag(raw, "protection", "delete")
        fields = self.fields(raw, names)
        if self.protects:
            fields["protect"] = protected
        if owner:
            fields["owner"] = owner
        return Thing(
            kind=self.kind, name=self.name(raw), fields=fields, labels=labels, id=jsons.number(raw, "id"),
            ours=bool(owner) and names.project in {"", owner}, protected=protected,
        )  # fmt: skip

    def read(self, cloud: Asks, number: int, names: Names) -> Thing | None:
        """Return one as it is now; None where it is gone."""
        raw = self.fetch(cloud, number)
        return self.thing(raw, names) if raw else None

    def fetch(self, cloud: Asks, number: int) -> Raw:
        """Return one as Hetzner tells it; nothing where it is gone."""
        try:
            return jsons.record(cloud.get(f"{self.path}/{number}"), self.one)
        except CloudError as error:
            if error.status == GONE:
                return {}
            raise

    def create(self, cloud: Asks, thing: Thing, names: Names) -> int:
        """Make it, and protect it when it is whole."""
        body = {"name": thing.name, "labels": marked(thing, names), **self.body(thing, names)}
        answer = cloud.did(
            "POST", self.path, {key: value for key, value in body.items() if value is not None}
        )
        number = jsons.number(answer, self.one, "id")
        names.know(self.kind, thing.name, number)
        self.made(cloud, number, thing, names)
        self.guard(cloud, number, before=False, after=jsons.flag(thing.fields, "protect"))
        return number

    def update(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        """Make it what it should be; protection ends first and begins last."""
        was, shall = jsons.flag(before.fields, "protect"), jsons.flag(after.fields, "protect")
        if was and not shall:
            self.guard(cloud, before.id, before=True, after=False)
        if before.labels != after.labels or not before.ours:
            cloud.did("PUT", f"{self.path}/{before.id}", {"labels": self.labels(before, after, names)})
        self.change(cloud, before, after, names)
        if shall and not was:
            self.guard(cloud, before.id, before=False, after=True)

    def delete(self, cloud: Asks, thing: Thing, names: Names) -> None:
        """Remove it; what is gone already is no error."""
        if thing.protected:
            self.guard(cloud, thing.id, before=True, after=False)
        try:
            cloud.did("DELETE", f"{self.path}/{thing.id}")
        except CloudError as error:
            if error.status != GONE:
                raise
        names.forget(self.kind, thing.name)

    def guard(self, cloud: Asks, number: int, *, before: bool, after: bool) -> None:
        """Turn the protection against removing on or off."""
        if self.protects and before != after:
            self.act(cloud, number, "change_protection", {"delete": after})

    def act(self, cloud: Asks, number: int, action: str, body: Json | None = None) -> None:
        """Order an action of one thing and wait for it."""
        cloud.did("POST", f"{self.path}/{number}/actions/{action}", body)

    def replace(self, cloud: Asks, before: Thing, after: Thing, names: Names, keep: Keep) -> int:  # noqa: ARG002
        """Remove it and make it anew; returns the new id."""
        self.delete(cloud, before, names)
        return self.create(cloud, after, names)

    def finish(self, cloud: Asks, number: int, thing: Thing, names: Names) -> None:  # noqa: B027 - a kind may need nothing
        """Do what is left of making it, where that broke off."""

    def settled(self, cloud: Asks, thing: Thing, names: Names) -> Thing:  # noqa: ARG002
        """Return it with what is known only at the moment of writing."""
        return thing

    def labels(self, before: Thing, after: Thing, names: Names) -> Json:  # noqa: ARG002
        """Return the labels of one that is there already."""
        return marked(after, names)

    @abc.abstractmethod
    def fields(self, raw: Raw, names: Names) -> Json:
        """Return its fields."""

    @abc.abstractmethod
    def body(self, thing: Thing, names: Names) -> Json:
        """Return what it is made of, besides name and labels; None leaves a key out."""

    def made(self, cloud: Asks, number: int, thing: Thing, names: Names) -> None:  # noqa: B027 - a kind may need nothing
        """Do what making leaves to be done."""

    def change(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:  # noqa: B027 - a kind may need nothing
        """Change what differs, besides labels and protection."""


def marked(thing: Thing, names: Names) -> Json:
    """Return the labels as they are written: those of the file, and our mark."""
    return {**thing.labels, OURS: names.project} if names.project else {**thing.labels}


def differs(before: Thing, after: Thing, field: str) -> bool:
    """Tell whether a field is to change; what cannot be read never does."""
    return field in before.fields and field in after.fields and before.fields[field] != after.fields[field]


def moved(before: Thing, after: Thing, field: str) -> tuple[list[Raw], list[Raw]]:
    """Return the items of a list that are to go, and those that are to come."""
    old, new = jsons.records(before.fields, field), jsons.records(after.fields, field)
    return [item for item in old if item not in new], [item for item in new if item not in old]


def renamed(before: Thing, after: Thing, field: str) -> tuple[list[str], list[str]]:
    """Return the texts of a list that are to go, and those that are to come."""
    old, new = jsons.texts(before.fields, field), jsons.texts(after.fields, field)
    return [item for item in old if item not in new], [item for item in new if item not in old]
