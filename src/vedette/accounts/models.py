"""Schema of accounts."""

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from vedette.accounts.permissions import Role


class UserManager(BaseUserManager["User"]):
    """Makes users; the verbs live in `accounts.service`."""


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(
        max_length=10, choices=[(r.value, r.value) for r in Role], default=Role.VIEWER.value
    )
    is_active = models.BooleanField(default=True)
    created_at = models.FloatField(default=0.0)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()
