"""Tests that commit leave the database as migrations made it."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command


@pytest.mark.django_db(transaction=True)
def test_a_flush_leaves_what_django_makes_of_the_models() -> None:
    types, permissions = made()
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)  # as after such a test
    assert types
    assert permissions
    assert (types, permissions) == made()
    assert {(kind.app_label, kind.model) for kind in ContentType.objects.all()} == {
        (model._meta.app_label, model._meta.model_name) for model in apps.get_models()
    }


def made() -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
    """Return the rows of content types and of permissions."""
    return set(ContentType.objects.values_list()), set(Permission.objects.values_list())
