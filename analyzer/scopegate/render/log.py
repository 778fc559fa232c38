"""Text for the log of a job, where a line can be a command to the runner.

The runner reads commands from lines that begin with ``::`` and, as a fallback, from ``##[`` anywhere in a line
(actions/runner, src/Runner.Common/ActionCommand.cs).
"""


def harmless_in_log(text: str) -> str:
    """Return ``text`` with a bar before every line, and nothing in it that the runner would take for a command."""
    return "".join(f"| {line.replace('##[', '## [')}\n" for line in text.splitlines())
