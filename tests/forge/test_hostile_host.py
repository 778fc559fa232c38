"""A code host that is hostile in what it sends: a sentence, in bounded time, and the token stays with its host."""

import gzip
import io
import socketserver
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from scopegate.errors import ForgeError, PlanError
from scopegate.forge import artifact, rest, wire
from scopegate.forge.artifact import plans_in
from scopegate.forge.rest import Api
from trust.commands import run

TOKEN = "ghp_token_of_the_gate"  # noqa: S105 - nobody's
SECONDS = 0.3
"""As long as an answer may take here."""
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LIST = OK + b"Content-Length: 2\r\n"


@dataclass
class Host:
    """A server that answers every request with the same bytes; a list of them comes one by one, for ever."""

    says: Callable[["Host"], Iterator[bytes]]
    url: str = ""
    heard: list[bytes] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)


@contextmanager
def hosted(says: Callable[[Host], Iterator[bytes]]) -> Iterator[Host]:
    """Yield a host that says what ``says`` yields, to whoever asks."""
    host = Host(says)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            heard = b""
            while b"\r\n\r\n" not in heard and (more := self.request.recv(65536)):
                heard += more
            host.heard.append(heard)
            try:
                for piece in host.says(host):
                    if host.closed.is_set():
                        return
                    self.request.sendall(piece)
            except OSError:
                return  # nobody listens any more

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        host.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield host
        host.closed.set()
        server.shutdown()


def once(answer: bytes) -> Callable[[Host], Iterator[bytes]]:
    return lambda _host: iter([answer])


def dripping(beginning: bytes, drop: bytes) -> Callable[[Host], Iterator[bytes]]:
    def says(host: Host) -> Iterator[bytes]:
        yield beginning
        while not host.closed.wait(0.01):
            yield drop

    return says


def asked(host: Host) -> Api:
    return Api(host.url, TOKEN, lambda _seconds: None)


@pytest.mark.parametrize(
    ("beginning", "drop"),
    [
        (OK + b"Content-Length: 1000000\r\n\r\n[", b" "),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (OK + b"\r\n[", b" "),
        (OK + b"X-Slow: ", b"x"),
        (b"HTTP", b"/"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 500 Fault\r\nContent-Length: 1000000\r\n\r\n", b" "),
    ],
    ids=["body", "chunks", "body without a length", "header", "status", "100 Continue", "fault"],
)
def test_an_answer_that_drips_for_ever_is_given_up_once(
    beginning: bytes, drop: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "LONGEST_ANSWER_SECONDS", SECONDS)
    with hosted(dripping(beginning, drop)) as host:
        began = time.monotonic()
        with pytest.raises(ForgeError, match=r"127\.0\.0\.1:\d+ takes more than 0\.3 seconds for one answer"):
            asked(host).call("GET", "/user")
        assert time.monotonic() - began < 10 * SECONDS
        assert len(host.heard) == 1


def clock(monkeypatch: pytest.MonkeyPatch, *moments: float) -> None:
    """Let it be each of some moments in turn, and then stay the last."""
    left = iter(moments)
    monkeypatch.setattr(rest, "time", SimpleNamespace(monotonic=lambda: next(left, moments[-1])))


@pytest.mark.parametrize("later", [300, 301])
def test_an_answer_whose_time_is_over_is_not_read_on(later: float, monkeypatch: pytest.MonkeyPatch) -> None:
    clock(monkeypatch, 0, 0, later)  # when it is asked, when the answer begins, when it is read
    with (
        hosted(once(LIST + b"\r\n[]")) as host,
        pytest.raises(ForgeError, match="takes more than 300 seconds for one answer"),
    ):
        asked(host).call("GET", "/user")


@pytest.mark.parametrize("longest", [300, 0.1])
def test_a_host_that_says_nothing_more_is_asked_again(longest: float, monkeypatch: pytest.MonkeyPatch) -> None:
    clock(monkeypatch, 0)
    monkeypatch.setattr(rest, "TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(rest, "LONGEST_ANSWER_SECONDS", longest)

    def falls_silent(host: Host) -> Iterator[bytes]:
        yield LIST + b"\r\n["
        host.closed.wait(2)

    with hosted(falls_silent) as host:
        with pytest.raises(ForgeError, match=r"cannot be reached \(TimeoutError\)"):
            asked(host).call("GET", "/user")
        assert len(host.heard) == rest.ATTEMPTS


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (OK + b"Content-Length: 1000\r\n\r\n[]", "breaks off in the middle of its answer"),
        (OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n[]", "breaks off in the middle of its answer"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nffffff\r\n[]", "cannot be reached"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 70_000 + b"\r\n[]", "cannot be reached"),
        (OK + b"Content-Length: 1\r\n\r\n[]", "in a form that is not known here"),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b" " * 10**7), "in a form that is not known here"),
        (OK + b"\r\n<html><title>Unicorn!</title></html>", "in a form that is not known here"),
        (OK + b"\r\n\xff\xfe[\0]\0", "in a form that is not known here"),
        (OK + b"\r\n" + b'{"a":' * 100_000, "in a form that is not known here"),
        (OK + b"\r\n[" + b"1" * 1_000_000 + b"]", "in a form that is not known here"),
        (OK + b"X: y\r\n" * 200 + b"\r\n[]", "cannot be reached"),
        (OK + b"X: " + b"y" * 70_000 + b"\r\n\r\n[]", "cannot be reached"),
        (b"HTTP/1.1 200 " + b"O" * 70_000 + b"\r\n\r\n[]", "cannot be reached"),
        (b"HTTP/1.1 99999 OK\r\n\r\n[]", "cannot be reached"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "cannot be reached"),
        (b"", "cannot be reached"),
        (b"HTTP/1.1 503 No\r\nContent-Length: 1000\r\n\r\n", "breaks off in the middle of its answer"),
        (b"HTTP/1.1 204 None\r\n\r\n", "in a form that is not known here"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", "answers 101"),
    ],
    ids=lambda value: value[:60].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_an_answer_that_is_none_is_one_sentence(answer: bytes, sentence: str) -> None:
    with hosted(once(answer)) as host, pytest.raises(ForgeError, match=sentence):
        asked(host).read("/user", list[int])


def test_an_answer_that_says_it_is_longer_than_a_number_may_be_is_still_one() -> None:
    for length in (b"-5", b"five", b"2, 2", b""):
        with hosted(once(OK + b"Content-Length: " + length + b"\r\n\r\n[]")) as host:
            assert asked(host).read("/user", list[int]) == []


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ("Retry-After: " + "9" * 5_000, []),
        ("Retry-After: 61", []),
        ("Retry-After: 60", [60, 60, 60]),
        ("Retry-After: -1", [1, 2, 4]),
        ("Retry-After: NaN", [1, 2, 4]),
        ("Retry-After: 1e999", [1, 2, 4]),
        ("Retry-After: Wed, 21 Oct 2099 07:28:00 GMT", [1, 2, 4]),
        ("Retry-After: \u00b2", [1, 2, 4]),
        ("X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: " + "9" * 5_000, []),
        ("X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 0", [1, 1, 1]),
        ("X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: -9", [1, 2, 4]),
    ],
)
def test_a_limit_of_absurd_length_is_not_waited_for(headers: str, waits: list[float]) -> None:
    slept: list[float] = []
    limited = f"HTTP/1.1 429 Slow\r\n{headers}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")
    with hosted(once(limited)) as host, pytest.raises(ForgeError, match="limits how often we may ask"):
        Api(host.url, TOKEN, slept.append).call("GET", "/user")
    assert slept == waits


def paged(items: bytes) -> Callable[[Host], Iterator[bytes]]:
    """Return a host that has always one more page."""

    def says(host: Host) -> Iterator[bytes]:
        more = f'Link: <{host.url}/more>; rel="next"\r\nContent-Length: {len(items)}\r\n\r\n'
        yield OK + more.encode() + items

    return says


@pytest.mark.parametrize(("items", "asked_for"), [(b"[]", 11), (b'[{"slug": "a"}]', 11)])
def test_a_list_of_pages_without_an_end_has_one(items: bytes, asked_for: int) -> None:
    with hosted(paged(items)) as host:
        with pytest.raises(ForgeError, match="lists more for /teams than is read of one list"):
            list(asked(host).pages("/teams", wire.Team, 100))
        assert len(host.heard) == asked_for


def test_a_list_is_read_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    page = b'[{"slug": "a"}' + b',{"slug": "a"}' * 9 + b"]"
    monkeypatch.setattr(rest, "LARGEST_LIST_BYTES", 2 * len(page))
    with hosted(paged(page)) as host:
        assert len(list(asked(host).pages("/teams", wire.Team, 20))) == 20
        with pytest.raises(ForgeError, match="than is read of one list"):
            list(asked(host).pages("/teams", wire.Team, 100))
        assert len(host.heard) == 2 + 3


def test_a_talk_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with hosted(once(LIST + b"\r\n[]")) as host:
        api = asked(host)
        assert api.read("/user", list[int]) == []
        monkeypatch.setattr(rest, "LONGEST_TALK_SECONDS", -1)
        for ask in (lambda: api.call("GET", "/user"), lambda: api.download("/zip", 100)):
            with pytest.raises(ForgeError, match="has kept us for more than"):
                ask()
        assert len(host.heard) == 1


def test_a_talk_may_last_half_an_hour_and_no_second_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with hosted(once(LIST + b"\r\n[]")) as host:
        api = Api(host.url, TOKEN, lambda _seconds: None, 0)
        clock(monkeypatch, 1800)
        assert api.read("/user", list[int]) == []
        clock(monkeypatch, 1801)
        with pytest.raises(ForgeError, match="has kept us for more than 30 minutes"):
            api.read("/user", list[int])


# ---- the token -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308, 399])
def test_no_token_goes_where_the_host_sends_us(status: int) -> None:
    with hosted(once(LIST + b"\r\n[]")) as other:
        place = f"{other.url}/elsewhere".encode()
        with hosted(once(b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, place))) as host:
            for method in ("GET", "POST"):
                with pytest.raises(ForgeError, match="no token is taken along"):
                    asked(host).call(method, "/user", None, {} if method == "POST" else None)
            assert other.heard == []
            if status in (301, 302, 307):
                assert asked(host).download("/zip", 100) == b"[]"
            else:
                with pytest.raises(ForgeError, match=f"answers {status}"):
                    asked(host).download("/zip", 100)
        assert not any(TOKEN.encode() in request or b"authorization" in request.lower() for request in other.heard)
        assert all(TOKEN.encode() in request for request in host.heard)


@pytest.mark.parametrize(
    "place",
    [
        "{other}/more",
        "http://user@{host}/more",
        "http://{host}@{other_host}/more",
        "http://{host}\\@{other_host}/more",
        "//{other_host}/more",
        "https://{host}/more",
        "ftp://{host}/more",
        "/more",
        "http://{host}.evil.example/more",
    ],
)
def test_no_token_goes_to_a_next_page_elsewhere(place: str) -> None:
    with hosted(once(LIST + b"\r\n[]")) as other:

        def says(host: Host) -> Iterator[bytes]:
            names = {"other": other.url, "host": host.url[7:], "other_host": other.url[7:]}
            yield LIST + f'Link: <{place.format(**names)}>; rel="next"\r\n\r\n[]'.encode()

        with hosted(says) as host:
            with pytest.raises(ForgeError, match="as its next page, which is another host"):
                list(asked(host).pages("/teams", wire.Team, 100))
            assert len(host.heard) == 1
        assert other.heard == []


# ---- archives --------------------------------------------------------------------------------------------------------


def packed(how: int, data: bytes = b"{}", entries: int = 1) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", how) as opened:
        for number in range(entries):
            opened.writestr(f"{number}/plan.json", data)
    return archive.getvalue()


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_to_gigabytes_at_once_is_not_unpacked(how: int) -> None:
    with pytest.raises(PlanError, match=r"holds something else than files named plan\.json"):
        plans_in(packed(how, b"\0" * 10**6), "scopegate-plan")
    assert len(plans_in(packed(zipfile.ZIP_STORED), "scopegate-plan")) == 1


def test_an_archive_of_a_million_entries_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "MOST_ENTRIES", 3)
    assert len(plans_in(packed(zipfile.ZIP_DEFLATED, entries=3), "scopegate-plan")) == 3
    with pytest.raises(PlanError, match="more than 3 entries"):
        plans_in(packed(zipfile.ZIP_DEFLATED, entries=4), "scopegate-plan")


# ---- every command that talks to it ----------------------------------------------------------------------------------

COMMANDS = {
    "doctor": ("doctor",),
    "gate": ("gate", "plan.json", "--pull-request", "7", "--commit", "a" * 40),
    "gate of an app": ("gate", "plan.json", "--pull-request", "7", "--commit", "a" * 40, "--identity", "app[bot]"),
    "gate by head": ("gate", "plan.json", "--head", "a" * 40, "--commit", "a" * 40),
    "plans of a run": ("gate", "--pull-request", "7", "--plan-workflow", ".github/workflows/plan.yml"),
    "merge group": ("gate", "--merge-group", "a" * 40, "b" * 40, "main"),
    "claim": ("claim", "plan.json", "--pull-request", "7", "--commit", "a" * 40),
}
ANSWERS: dict[str, Callable[[Host], Iterator[bytes]]] = {
    "html": once(OK + b"\r\n<html>"),
    "a number": once(OK + b"\r\n7"),
    "null": once(OK + b"\r\nnull"),
    "empty object": once(OK + b"\r\n{}"),
    "huge list": once(OK + b"\r\n[" + b"{}," * 1_000_000 + b"{}]"),
    "too large": once(OK + b"\r\n" + b" " * (16 * 1024 * 1024 + 1)),
    "truncated": once(OK + b"Content-Length: 1000\r\n\r\n{"),
    "gzip bomb": once(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b" " * 10**7)),
    "fault": once(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n"),
    "limit": once(b"HTTP/1.1 429 Slow\r\nRetry-After: 99999999\r\nContent-Length: 0\r\n\r\n"),
    "elsewhere": once(b"HTTP/1.1 302 Moved\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n"),
    "forbidden": once(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
    "drip": dripping(OK + b"Content-Length: 1000000\r\n\r\n[", b" "),
    "closes": once(b""),
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_ends_in_a_sentence_whatever_the_host_says(
    command: str, answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "LONGEST_ANSWER_SECONDS", SECONDS)
    monkeypatch.setattr(rest, "ATTEMPTS", 1)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.json").write_bytes(b'{"format_version":"1.2","resource_changes":[],"planned_values":{}}')
    with hosted(ANSWERS[answer]) as host:
        for name, value in (("TOKEN", TOKEN), ("REPOSITORY", "acme/infra"), ("API_URL", host.url)):
            monkeypatch.setenv(f"GITHUB_{name}", value)
        began = time.monotonic()
        said = run(*COMMANDS[command])
        assert said.code == 6, said
        assert len(said.err.strip().splitlines()) == 1
        assert said.err.startswith("scopegate: ")
        assert TOKEN not in said.err + said.out
        assert time.monotonic() - began < 30
