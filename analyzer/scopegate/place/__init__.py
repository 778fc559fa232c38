"""Where and whose one resource instance is, and under which law."""
