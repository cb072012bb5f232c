"""A Django of its own with sealed fields, in a folder: migrations are made and run, rows written, keys rotated.

`python sealed_site.py FOLDER`: prints `ok`, or fails where something is not as it should be.
"""

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db.models import F, Value
from django.db.models.functions import Upper

from vedette_guard.doors.django_fields import reseal
from vedette_guard.sealed import Keyring, SealError, add_key

MODELS = """
import uuid
from django.db import models
from vedette_guard.doors.django_fields import SealedTextField

class Customer(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    phone = {phone}
    note = SealedTextField(context="customer.note", row="id", null=True)
    name = models.TextField(default="")
"""
CLEAR = "models.TextField(null=True)"
MIXED = 'SealedTextField(context="customer.phone", accept_clear=True, null=True)'
SEALED = 'SealedTextField(context="customer.phone", null=True)'


def raises(kind: type[Exception], call: Any, word: str) -> None:
    """Call what has to fail, saying a word."""
    with pytest.raises(kind, match=word):
        call()


def stage(folder: Path, phone: str) -> None:
    """Run one version of the application in a process of its own."""
    (folder / "shop" / "models.py").write_text(MODELS.format(phone=phone))
    child = os.fork()
    if child == 0:
        run(folder, phone)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(1)


def run(folder: Path, phone: str) -> None:
    sys.path.insert(0, str(folder))
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db")}
    settings.configure(
        INSTALLED_APPS=["shop"], DATABASES={"default": database}, USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        VEDETTE_GUARD_KEYS=str(folder / "keys"),
    )  # fmt: skip
    django.setup()
    call_command("makemigrations", "shop", verbosity=0)
    call_command("migrate", verbosity=0)
    call_command(
        "makemigrations", "shop", check=True, dry_run=True, verbosity=0
    )  # nothing is left to be changed
    {CLEAR: before, MIXED: between, SEALED: after}[phone](folder)


def before(_folder: Path) -> None:
    from shop.models import Customer  # type: ignore[import-not-found]

    Customer.objects.create(name="ann", phone="030 1234")
    Customer.objects.create(name="none", phone=None)


def raw(folder: Path, column: str) -> list[str]:
    """Return what the file holds, unopened."""
    with sqlite3.connect(folder / "db") as file:
        return [row[0] for row in file.execute(f"SELECT {column} FROM shop_customer ORDER BY name")]  # noqa: S608


def between(folder: Path) -> None:
    from shop.models import Customer

    assert Customer.objects.get(name="ann").phone == "030 1234"
    assert reseal(Customer.objects.iterator(), "phone") == 2
    assert raw(folder, "phone")[0].startswith("vg1.k1.")
    assert raw(folder, "phone")[1] is None
    assert Customer.objects.get(name="ann").phone == "030 1234"


def after(folder: Path) -> None:
    from shop.models import Customer

    ann = Customer.objects.get(name="ann")
    ann.note = "likes tea"
    ann.save()
    bob = Customer.objects.bulk_create([Customer(name="bob", phone="030 9", note="likes milk")])[0]
    assert raw(folder, "note")[0].startswith("vg1.k1.")
    assert [row.note for row in Customer.objects.order_by("name")] == ["likes tea", "likes milk", None]
    assert list(Customer.objects.order_by("name").values_list("phone", flat=True)) == [
        "030 1234",
        "030 9",
        None,
    ]
    assert Customer.objects.filter(phone__isnull=True).count() == 1
    assert Customer.objects.defer("note").get(name="ann").note == "likes tea"

    Customer.objects.filter(name="bob").update(phone="030 10")
    assert Customer.objects.get(name="bob").phone == "030 10"
    for clear in (F("name"), Value("x"), Upper("name")):
        raises(FieldError, lambda clear=clear: Customer.objects.update(phone=clear), "unsealed")
        raises(FieldError, lambda clear=clear: Customer.objects.update(note=clear), "unsealed")
    raises(FieldError, lambda: Customer.objects.create(phone=Value("x")), "unsealed")
    bob.phone = "030 11"
    ann.phone = None
    Customer.objects.bulk_update([ann, bob], ["phone"])
    assert raw(folder, "phone")[1].startswith("vg1.k1.")
    assert [row.phone for row in Customer.objects.order_by("name")] == [None, "030 11", None]
    ann.phone = "030 1234"
    ann.save()
    raises(FieldError, lambda: Customer.objects.update(note="x"), "does not know the row")
    raises(FieldError, lambda: Customer.objects.filter(phone="030 9").first(), "cannot be looked up by exact")
    raises(FieldError, lambda: Customer.objects.filter(phone__contains="0").first(), "looked up by contains")
    nowhere = Customer(id=None, note="x")
    raises(SealError, lambda: Customer._meta.get_field("note").pre_save(nowhere, True), "is not set yet")

    Customer.objects.filter(pk=bob.pk).update(name=F("name"))
    with sqlite3.connect(folder / "db") as file:  # somebody moves text from one row to another
        file.execute(
            "UPDATE shop_customer SET note = (SELECT note FROM shop_customer WHERE name = 'ann') WHERE name = 'bob'"
        )
    file.close()
    raises(SealError, lambda: Customer.objects.get(name="bob").note, "belongs elsewhere")
    Customer.objects.filter(name="bob").delete()
    rotate(folder)


def rotate(folder: Path) -> None:
    from shop.models import Customer

    assert add_key(folder / "keys") == "k2"
    settings.VEDETTE_GUARD_KEYS = Keyring.from_file(folder / "keys")
    assert Customer.objects.get(name="ann").note == "likes tea"
    reseal(Customer.objects.iterator(), "phone", "note")
    assert raw(folder, "phone")[0].startswith("vg1.k2.")
    assert raw(folder, "note")[0].startswith("vg1.k2.")
    assert Customer.objects.get(name="ann").phone == "030 1234"
    wrong = Customer._meta.get_field("phone").clone()
    wrong.context, wrong.db_index = "", True
    wrong.set_attributes_from_name("phone")
    wrong.model = Customer
    assert [one.id for one in wrong.check()] == ["vedette_guard.E001", "vedette_guard.E002"]


def main() -> None:
    folder = Path(sys.argv[1])
    (folder / "shop").mkdir()
    (folder / "shop" / "__init__.py").touch()
    assert add_key(folder / "keys") == "k1"
    for phone in (CLEAR, MIXED, SEALED):
        stage(folder, phone)
    print("ok")


if __name__ == "__main__":
    main()
