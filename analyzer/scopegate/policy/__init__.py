"""What was agreed: limits, and who must agree to more."""
