"""The dependency graph of a plan: who reads whom, and how we know."""
