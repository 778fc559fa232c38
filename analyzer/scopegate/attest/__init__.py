"""Records of decisions: in-toto Statements and a hash-chained log."""
