"""The KV key by which one process tells the others' live pages to look again."""

LIVE_ALL = "live/all"
