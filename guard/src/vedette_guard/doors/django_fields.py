"""A model field of Django's whose text is sealed in the database: `SealedTextField(context="customer.phone")`.

`settings.VEDETTE_GUARD_KEYS` is the path of a key file, or a `Keyring`. The context is written down, not derived, so that
renaming a table or a column leaves all rows open. With `row="…"`, the name of another attribute that is set before saving
(a UUID, a tenant), a row's text opens in that row only; such a field is written by `save()` and `bulk_create()` alone.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.models import expressions
from django.db.models.expressions import Case, Value, When
from django.db.models.functions import Cast
from django.db.models.query_utils import DeferredAttribute

from vedette_guard.sealed import Keyring, SealError
from vedette_guard.sealed.keyring import is_sealed

KEYS = "VEDETTE_GUARD_KEYS"
_NO_ROW = "a sealed field with row= is written by save() and bulk_create(): an update does not know the row"
_DEFAULT: Any = getattr(expressions, "DatabaseDefault", ())  # since Django 5.0
_CLEAR = "a sealed field takes no expression: the database would store it unsealed"


@dataclass(frozen=True)
class Envelope:
    """Sealed text on its way between a row and the database: it is opened, or was sealed, where the row is known."""

    text: str


class SealedAttribute(DeferredAttribute):
    """Opens the text of a row when it is first read."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        """Return the field's value, opened."""
        value = super().__get__(instance, cls)
        if isinstance(value, Envelope):
            value = instance.__dict__[self.field.attname] = self.field.opened(value.text, instance)
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        """Keep a value: without this, Python would read it past `__get__`."""
        instance.__dict__[self.field.attname] = value


class SealedTextField(models.TextField):  # type: ignore[type-arg, unused-ignore]
    """Text that is sealed at rest. It can be compared with nothing but NULL.

    `accept_clear`: rows from before, that are not sealed, are read as they are; until `reseal` has sealed them.
    """

    descriptor_class = SealedAttribute
    description = "Sealed text"

    def __init__(
        self, *args: Any, context: str = "", row: str = "", accept_clear: bool = False, **kwargs: Any
    ) -> None:
        self.context, self.row, self.accept_clear = context, row, accept_clear
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Return what a migration writes down: the context and how rows are bound, never a key."""
        name, path, args, kwargs = super().deconstruct()
        said = {"context": self.context, "row": self.row, "accept_clear": self.accept_clear}
        return name, path, args, {**kwargs, **{key: value for key, value in said.items() if value}}

    def check(self, **kwargs: Any) -> list[Any]:
        """Return what is wrong with the field, for Django's checks."""
        found = super().check(**kwargs)
        if not self.context:
            found.append(checks.Error("A sealed field needs context='…'.", obj=self, id="vedette_guard.E001"))
        if self.unique or getattr(self, "db_index", False) or self.primary_key:
            said = "Sealed text differs each time: it can be neither unique nor indexed."
            found.append(checks.Error(said, obj=self, id="vedette_guard.E002"))
        return found

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return what a row holds: opened, or in its envelope where the row has to be known."""
        del expression, connection
        if value is None:
            return None
        return Envelope(value) if self.row else self.opened(value, None)

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        """Return what is written of a row."""
        value = super().pre_save(model_instance, add)
        if not self.row or value is None or hasattr(value, "as_sql"):
            return value
        return Envelope(keyring().seal(str(value), *self._context(model_instance)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Return what the database gets: sealed text."""
        del connection, prepared
        if value is None:
            return None
        if isinstance(value, Envelope):
            return value.text
        if hasattr(value, "resolve_expression"):
            raise FieldError(_CLEAR)
        if self.row:
            raise FieldError(_NO_ROW)
        return keyring().seal(str(value), self.context)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Return what a row gets: sealed text. Raise FieldError for an expression that is not sealed."""
        if not hasattr(value, "resolve_expression"):
            return self.get_db_prep_value(value, connection)
        if not self._seals(value):
            raise FieldError(_CLEAR)
        return value

    def _seals(self, expression: Any) -> bool:
        """Tell whether an expression comes to sealed text or NULL only: what `bulk_update` makes of texts does."""
        if isinstance(expression, Value):
            field = getattr(expression, "output_field", None) if expression.value is not None else self
            return isinstance(field, SealedTextField) and (field.context, field.row) == (
                self.context,
                self.row,
            )
        if isinstance(expression, When):
            return self._seals(expression.result)
        if isinstance(expression, _DEFAULT):
            return self._seals(expression.expression)
        return isinstance(expression, (Case, Cast)) and all(
            map(self._seals, expression.get_source_expressions())
        )

    def get_lookup(self, lookup_name: str) -> Any:
        """Return the lookup of a query: of NULL only. Raise FieldError for others."""
        if lookup_name != "isnull":
            raise FieldError(
                f"a sealed field cannot be looked up by {lookup_name}: equal texts are sealed differently"
            )
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        """Return nothing: the database cannot look into sealed text."""
        del lookup_name

    def opened(self, text: str, instance: Any) -> str:
        """Return the text of a row. Raise SealError when it was altered or is another row's."""
        if self.accept_clear and not is_sealed(text):
            return text
        return keyring().open(text, *self._context(instance))

    def _context(self, instance: Any) -> tuple[str, ...]:
        if not self.row:
            return (self.context,)
        value = getattr(instance, self.row)
        if value in (None, ""):
            raise SealError(f"{self.context} is bound to `{self.row}`, which is not set yet")
        return self.context, str(value)


def keyring() -> Keyring:
    """Return the key ring of the settings, read once. Raise ImproperlyConfigured when there is none."""
    found = getattr(settings, KEYS, None)
    if isinstance(found, Keyring):
        return found
    if not found:
        raise ImproperlyConfigured(f"{KEYS} must be the path of a key file, or a Keyring")
    return _read(os.fspath(found))


@functools.cache
def _read(path: str) -> Keyring:
    return Keyring.from_file(path)


def reseal(rows: Iterable[Any], *fields: str) -> int:
    """Save these fields of rows again, under the first key; return how many rows there were.

    Give it `Model.objects.iterator()`. Saving names the fields, so that what others write beside it stays.
    """
    count = 0
    for row in rows:
        row.save(update_fields=list(fields))
        count += 1
    return count
