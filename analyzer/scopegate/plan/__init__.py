"""Reading plans: bytes, addresses, references, configuration, instances."""
