"""Advisories: OSV records indexed on disk, and which of them affect what a project is made of."""

from vedette.instruments.scan.advisories.adding import add, remove, update
from vedette.instruments.scan.advisories.feeds import Feeds, open_feeds

__all__ = ["Feeds", "add", "open_feeds", "remove", "update"]
