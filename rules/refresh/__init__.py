"""Scripts that rebuild the fact tables from their public sources, one a table or family of tables.

Each reads files that are given as arguments (a package, a checkout, a saved listing), never the network, and writes
the table in a fixed order: a new region or provider release is one command and a diff to review. What the source does
not say (scope of a new type, country of a new region) is judged by a person: such rows get the note ``judge: …``, and
the tests of the tables fail until the note is gone.
"""
