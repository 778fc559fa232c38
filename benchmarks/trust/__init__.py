"""Attacks on scopegate: damaged plans by the ten thousand, and guards that are taken out one by one."""
