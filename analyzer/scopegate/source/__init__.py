"""The configuration as it is written: what plan JSON leaves out, and the line where each block stands."""
