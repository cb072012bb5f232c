"""What scanners that compare with advisories may be asked besides."""

from collections.abc import Mapping

MAX_FEED_AGE = "max-feed-age"
OPTIONS: Mapping[str, str] = {MAX_FEED_AGE: "How many days old advisories may be (7)."}
