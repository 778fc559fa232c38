"""The command line: thin, and the only place that reads options, prints and exits."""

from scopegate.cli.late import import_click

import_click()
