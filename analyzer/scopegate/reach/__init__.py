"""What a change touches: directly, by what it takes away or alters, and by mere dependence."""
