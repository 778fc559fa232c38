"""The command line: thin, and the only place that reads options, prints and exits."""
