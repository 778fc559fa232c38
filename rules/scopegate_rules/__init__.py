"""Data of scopegate: fact tables, signals, policies and schemas. Holds no code, as tzdata is to zoneinfo."""
