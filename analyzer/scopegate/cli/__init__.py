"""The command line: thin, and the only place that reads options, prints and exits."""

import gc

_was_enabled = gc.isenabled()
gc.disable()  # importing click and what it needs leaves no garbage, for which the collector would look again and again

from scopegate.cli.late import import_click  # noqa: E402

import_click()
gc.freeze()  # nor will it when it is switched on again
if _was_enabled:
    gc.enable()
