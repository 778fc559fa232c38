"""Cloud facts: regions, partitions, jurisdictions, resource types. Tables with sources, not code."""
