"""iCalendar (RFC 5545) as far as shifts need it: lines, recurrences, reading, writing. Pure."""
