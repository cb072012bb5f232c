"""Detection: rules as TOML, leaky buckets on the lines' own time, and what comes of them. Pure: `now` is passed in."""
