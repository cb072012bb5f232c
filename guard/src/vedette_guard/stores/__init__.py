"""Where the guard keeps sessions, second factors and failed tries: rows that change by compare-and-set only.

`MemoryStore` is for one process, `SqliteStore` for one machine, `RedisStore` for several.
"""

from vedette_guard.stores.memory import MemoryStore
from vedette_guard.stores.port import Store, Stored
from vedette_guard.stores.redis import RedisStore
from vedette_guard.stores.sqlite import SqliteStore

__all__ = ["MemoryStore", "RedisStore", "SqliteStore", "Store", "Stored"]
