"""One report, many forms: pure functions from a report to text; nothing is decided here."""
