"""Code hosts: who changed what, who agreed, and where the verdict is said. The only place with a network."""
