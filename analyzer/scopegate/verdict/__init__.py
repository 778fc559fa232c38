"""From excess to verdict, and the report that says it."""
