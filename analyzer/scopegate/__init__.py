"""scopegate: where does an infrastructure change reach, who owns that place, and did one of them agree?"""

__version__ = "0.1.0"
