"""Detectors: what is unusual for a series, what messages look alike, what became slower than last week."""
