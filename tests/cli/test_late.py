"""The stand-ins for modules that are loaded late behave as the modules do."""

import gettext
import inspect
import platform
import subprocess
import sys

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopegate.cli.late import _Gettext, _Inspect
from scopegate.cli.main import cli

LINES = st.lists(st.text(" \t\nab", max_size=12), max_size=6).map("\n".join)


@given(LINES)
def test_a_text_loses_its_indentation_as_by_the_standard_library(text: str) -> None:
    assert _Inspect.cleandoc(text) == inspect.cleandoc(text)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_words_without_a_catalogue_are_as_by_the_standard_library(number: int) -> None:
    assert _Gettext.gettext("Error") == gettext.gettext("Error")
    assert _Gettext.ngettext("file", "files", number) == gettext.ngettext("file", "files", number)


@pytest.mark.parametrize(
    ("used", "shown"),
    [
        ("import inspect; print(inspect.signature(lambda one: one))", "(one)"),
        ("from inspect import isfunction; print(isfunction(main))", "True"),
        ("import platform; print(platform.python_implementation())", platform.python_implementation()),
        ("from dataclasses import make_dataclass; print(make_dataclass('A', ['b'])(1))", "A(b=1)"),
        ("import gettext; print(gettext.find('none', languages=['de']))", "None"),
        ("import threading; print(threading.main_thread().name)", "MainThread"),
        ("import uuid; print(uuid.UUID(int=1))", "00000000-0000-0000-0000-000000000001"),
        ("import weakref; print(list(weakref.WeakSet()))", "[]"),
        ("import msgspec; print(msgspec.msgpack.decode(msgspec.msgpack.encode([1])))", "[1]"),
        ("import msgspec; print(msgspec.toml.decode('a = 1'))", "{'a': 1}"),
        ("import msgspec; print(msgspec.yaml.decode('a: 1'))", "{'a': 1}"),
        ("import msgspec; print(msgspec.inspect.type_info(bool))", "BoolType()"),
        ("import msgspec; print(msgspec.json.schema(int))", "{'type': 'integer'}"),
        ("import msgspec; print(msgspec.json.schema_components([int]))", "(({'type': 'integer'},), {})"),
        (
            "import datetime as d; print(d.datetime(2026, 3, 1, tzinfo=d.UTC) + d.timedelta(1))",
            "2026-03-02 00:00:00+00:00",
        ),
        ("import datetime as d, pickle; print(pickle.loads(pickle.dumps(d.date(2026, 3, 1))))", "2026-03-01"),
        ("from datetime import datetime; print(datetime.strptime('2026-03', '%Y-%m').month)", "3"),
        (
            "from typing import get_type_hints; main.__annotations__ = {'a': 'list[int]'}; print(get_type_hints(main))",
            "{'a': list[int]}",
        ),
        (
            "import msgspec; print(msgspec.convert({'a': [1]}, msgspec.defstruct('One', [('a', 'list[int]')])))",
            "One(a=[1])",
        ),
        ("import decimal; print(decimal.Decimal('1.5') + 1)", "2.5"),
        ("import signal; print(signal.Signals(2).name, signal.SIGINT)", "SIGINT 2"),
        ("from signal import strsignal, Handlers; print(strsignal(2), Handlers(0).name)", "Interrupt SIG_DFL"),
        ("import csv; print(next(csv.reader(['a,\"b,c\"'])))", "['a', 'b,c']"),
        ("import csv; print(list(csv.DictReader(['a,b', '1,2'])))", "[{'a': '1', 'b': '2'}]"),
        ("import subprocess as s; print(s.CalledProcessError(-9, 'x'))", "Command 'x' died with <Signals.SIGKILL: 9>."),
        ("import sys; print('typing_extensions' in sys.modules)", "False"),
        ("import inspect; inspect.ismodule; import sys; print(sys.modules['inspect'].__spec__.name)", "inspect"),
    ],
)
def test_what_is_loaded_late_works_when_it_is_used(used: str, shown: str) -> None:
    code = f"from scopegate.cli.main import main, import_msgspec; import_msgspec(); {used}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (shown, "")


def test_the_list_of_commands_names_each_as_its_module_has_it() -> None:
    commands = {name: cli.commands[name] for name in cli.list_commands(click.Context(cli))}
    assert [command.name for command in commands.values()] == list(commands)
