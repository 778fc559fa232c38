"""One small REST client on the standard library: sizes capped, waits bounded, no token ever sent elsewhere."""

import io
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import msgspec
from msgspec import Struct

from scopegate import __version__
from scopegate.errors import ForgeError, UsageError

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer

T = TypeVar("T")

TIMEOUT_SECONDS: Final = 30
"""Without a byte, or a connection."""
LONGEST_ANSWER_SECONDS: Final = 300
"""For the whole of an answer: a byte every 29 seconds would never end. The largest archive comes at 2 Mbit/s in it."""
LONGEST_TALK_SECONDS: Final = 1800
"""For all that is asked in a run; the largest merge group takes a few minutes."""
ATTEMPTS: Final = 4
LONGEST_WAIT_SECONDS: Final = 60
"""A limit that ends later than this is not waited for: a job that sleeps for an hour looks like one that hangs."""
MAX_BYTES: Final = 16 * 1024 * 1024
PAGE_SIZE: Final = 100
LEAST_PER_PAGE: Final = 10
"""On the average: pages may come with fewer items than were asked for, but a list of empty ones has no end."""
LARGEST_LIST_BYTES: Final = 128 * 1024 * 1024

_API_VERSION: Final = "2022-11-28"
_NEXT = re.compile(r'<([^<>]{1,2000})>; rel="next"')
_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Response(Struct, frozen=True):
    """An answer of the host: any status but a redirect, an overload or a fault."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Api(Struct, frozen=True):
    """A REST API. ``url`` has no slash at its end; ``sleep`` waits some seconds; ``began`` is when the talk did."""

    url: str
    token: str
    sleep: Callable[[float], None] = time.sleep
    began: float = msgspec.field(default_factory=time.monotonic)

    def call(self, method: str, path: str, query: Mapping[str, object] | None = None, body: object = None) -> Response:
        """Return the answer to one request; ``path`` begins with a slash and is quoted already.

        Raises:
            ForgeError: there is no answer, or only that the host is overloaded or has a fault.
        """
        url = f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")
        return self._ask(method, url, None if body is None else json.dumps(body).encode())

    def read(self, path: str, form: type[T], query: Mapping[str, object] | None = None) -> T:
        """Return what is at ``path`` in the form of a type.

        Raises:
            ForgeError: it is not there, may not be read, or has another form.
        """
        return decoded(expect(self.call("GET", path, query), "GET", path), form, path)

    def pages(self, path: str, item: type[T], most: int, query: Mapping[str, object] | None = None) -> Iterator[T]:
        """Yield the items of a list that comes in pages, ``most`` at most.

        Raises:
            ForgeError: as ``read``, or it comes in more pages or bytes than such a list can have.
        """
        url = f"{self.url}{path}?{urlencode({**(query or {}), 'per_page': PAGE_SIZE})}"
        left, room = most, LARGEST_LIST_BYTES
        for _ in range(1 + most // LEAST_PER_PAGE):
            response = expect(self._ask("GET", url, None), "GET", path)
            items = decoded(response, list[item], path)  # type: ignore[valid-type]
            yield from items[:left]
            left, room = left - len(items), room - len(response.body)
            url = self._next(response)
            if not url or left <= 0:
                return
            if room < 0:
                break
        raise ForgeError(
            f"The code host lists more for {path} than is read of one list ({LARGEST_LIST_BYTES // 1024**2} MiB, or "
            "pages that are all but empty), so not all of it is seen and the gate stays shut."
        )

    def download(self, path: str, most_bytes: int) -> bytes:
        """Return a file that the host sends us elsewhere for; elsewhere sees no token.

        Raises:
            ForgeError: it is not there, or larger than ``most_bytes``.
        """
        url = f"{self.url}{path}"
        self._refuse_endless_talk()
        first = _persist("GET", url, partial(self._once, "GET", url, None, most_bytes), self.sleep)
        if first.status not in (301, 302, 307):
            return expect(first, "GET", path).body
        place = first.headers.get("location", "")
        if not _is_safe(place):
            raise ForgeError(
                f"The code host sends us to {_named(place)} for {path}, which is no safe place to read from."
            )
        there = urllib.request.Request(place)  # noqa: S310 - checked above
        return expect(_persist("GET", place, partial(_open, there, most_bytes), self.sleep), "GET", path).body

    def _next(self, response: Response) -> str:
        found = _NEXT.search(response.headers.get("link", ""))
        if found and not _same_origin(found[1], self.url):
            raise ForgeError(
                f"The code host names {_named(found[1])} as its next page, which is another host; nothing is "
                "sent there."
            )
        return found[1] if found else ""

    def _ask(self, method: str, url: str, body: bytes | None) -> Response:
        self._refuse_endless_talk()
        once = partial(self._once, method, url, body, MAX_BYTES)
        return _no_redirect(_persist(method, url, once, self.sleep), method, url)

    def _refuse_endless_talk(self) -> None:
        if time.monotonic() - self.began > LONGEST_TALK_SECONDS:
            raise ForgeError(
                f"The code host {_host(self.url)} has kept us for more than {LONGEST_TALK_SECONDS // 60} minutes, so "
                "nothing more is asked and the gate stays shut; run it again later."
            )

    def _once(self, method: str, url: str, body: bytes | None, most_bytes: int) -> Response:
        request = urllib.request.Request(url, body, method=method)  # noqa: S310 - the scheme is checked in `api_at`
        request.add_header("Accept", "application/vnd.github+json")
        request.add_header("X-GitHub-Api-Version", _API_VERSION)
        request.add_header("User-Agent", f"scopegate/{__version__}")
        request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
        return _open(request, most_bytes)


class _Unreachable(Exception):  # noqa: N818 - not an error yet: it is tried again
    """There was no answer at all."""


class _TooSlowError(OSError):
    """An answer takes longer than any may; asked again, it would again."""


class _UntilThen(io.RawIOBase):
    """What comes from a socket until a moment, however little at a time."""

    def __init__(self, connection: "socket.socket", whole: io.RawIOBase) -> None:
        self._connection, self._whole = connection, whole
        self._ends = time.monotonic() + LONGEST_ANSWER_SECONDS

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        """Read some bytes, and return how many.

        Raises:
            _TooSlowError: the moment has come.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise _TooSlowError
        self._connection.settimeout(min(left, TIMEOUT_SECONDS))
        try:
            return self._whole.readinto(buffer)
        except TimeoutError as error:
            raise _TooSlowError if left < TIMEOUT_SECONDS else error from None

    def close(self) -> None:
        """Close what it is read from."""
        self._whole.close()
        super().close()


class _Answer(HTTPResponse):
    """An answer that has an end, its headers included (a host may say ``100 Continue`` for ever)."""

    def __init__(self, sock: "socket.socket", *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        self.fp = io.BufferedReader(_UntilThen(sock, self.fp.detach()))


class _Connection(HTTPConnection):
    response_class = _Answer


class _SecureConnection(HTTPSConnection):
    response_class = _Answer


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Connection, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_SecureConnection, req)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a redirect would take the token along."""

    def http_error_302(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message) -> None:
        """Return None: there is no further request, wherever it would go."""

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def api_at(url: str, token: str) -> Api:
    """Return the API at a base URL.

    Raises:
        UsageError: the token would travel in clear text, or there is none, or the address holds another secret.
    """
    if not _is_safe(url):
        raise UsageError(f"The API at {_named(url)} is not https, so the token would travel in clear text; use https.")
    if "@" in _host(url):
        raise UsageError(
            f"The address of the API at {_named(url)} has a user in it, whom it does not ask for; leave the user out, "
            "and set GITHUB_TOKEN."
        )
    if not token or not token.isascii() or not token.isprintable():
        raise UsageError(
            "There is no usable token of the code host, so nobody's agreement can be read; set GITHUB_TOKEN."
        )
    return Api(url.rstrip("/"), token)


def part(text: str) -> str:
    """Return ``text`` as one part of a path."""
    return quote(text, safe="")


def expect(response: Response, method: str, path: str) -> Response:
    """Return the answer if it is a success.

    Raises:
        ForgeError: it is none.
    """
    if 200 <= response.status < 300:
        return response
    hint = {
        401: "the token is not valid any more",
        403: "the token may not do this; give the job the permissions that docs/github.md lists",
        404: "it is not there, or the token may not see it",
        422: "the code host refuses what we send",
    }.get(response.status, "that is not what it should answer")
    until = "The gate stays shut until it can be read." if method == "GET" else "What was written before still stands."
    raise ForgeError(f"The code host answers {response.status} to {method} {path}: {hint}. {until}")


def decoded(response: Response, form: type[T], path: str) -> T:
    """Return the body in the form of a type.

    Raises:
        ForgeError: it has another form.
    """
    try:
        return msgspec.json.decode(response.body, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ForgeError(
            f"The code host answers to {path} in a form that is not known here ({error}), so nothing is read from it; "
            "check the address of the API."
        ) from error


def _persist(method: str, url: str, once: Callable[[], Response], sleep: Callable[[float], None]) -> Response:
    """Return the answer, after asking again while the host is overloaded; only a read is asked again on a fault."""
    problem = ""
    for attempt in range(ATTEMPTS):
        try:
            response = once()
        except _Unreachable as error:
            problem = str(error)
            wait: float | None = 2.0**attempt if method == "GET" else None
        else:
            problem, wait = _wait_after(response, attempt, method)
            if not problem:
                return response
        if wait is None or wait > LONGEST_WAIT_SECONDS:
            break
        if attempt + 1 < ATTEMPTS:
            sleep(wait)
    raise ForgeError(
        f"The code host {_host(url)} {problem}, so the gate cannot tell who agreed and stays shut; run it again later."
    )


def _open(request: urllib.request.Request, most_bytes: int) -> Response:
    try:
        with _answer(request) as answer:
            return _response(answer.status, dict(answer.headers), answer, most_bytes)
    except (OSError, HTTPException, UnicodeError) as error:  # the last where no host can have such a name
        reason = getattr(error, "reason", None) or type(error).__name__
        if _TooSlowError in (type(error), type(reason)):
            raise ForgeError(
                f"The code host {request.host} takes more than {LONGEST_ANSWER_SECONDS} seconds for one answer, so the "
                "gate cannot tell who agreed and stays shut; run it again later."
            ) from error
        raise _Unreachable(f"cannot be reached ({str(reason)[:120]})") from error


def _answer(request: urllib.request.Request) -> Any:
    """Return an answer of any status, to be read and closed."""
    try:
        return urllib.request.build_opener(_NoRedirect, _Http, _Https).open(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as answer:
        return answer


def _response(status: int, headers: Mapping[str, str], body: Any, most_bytes: int) -> Response:
    data = body.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise ForgeError(
            f"The code host answers with more than {most_bytes // 1024**2} MiB, more than is read at once; the gate "
            "stays shut."
        )
    if getattr(body, "length", None):  # of as much as was announced; Python says nothing where only some is read
        raise _Unreachable("breaks off in the middle of its answer")
    return Response(status, {name.lower(): value for name, value in headers.items()}, data)


def _wait_after(response: Response, attempt: int, method: str) -> tuple[str, float | None]:
    """Return what is wrong with an answer, or nothing, and after how many seconds to ask again, None for never.

    "If the retry-after header is present, wait that long; if x-ratelimit-remaining is 0, until x-ratelimit-reset"
    (docs.github.com, "Best practices for using the REST API", read 2026-11-22). A secondary limit can come as 403.
    """
    if response.status == 429 or (response.status == 403 and _is_limit(response)):
        return "limits how often we may ask", _stated_wait(response, attempt)
    if response.status >= 500:
        return f"has a fault ({response.status})", 2.0**attempt if method == "GET" else None
    return "", None


def _is_limit(response: Response) -> bool:
    return "retry-after" in response.headers or response.headers.get("x-ratelimit-remaining") == "0"


def _stated_wait(response: Response, attempt: int) -> float:
    after, reset = response.headers.get("retry-after", ""), response.headers.get("x-ratelimit-reset", "")
    if after.isdecimal():
        return float(after)
    if reset.isdecimal():
        return max(1.0, float(reset) - time.time())
    return 2.0**attempt


def _no_redirect(response: Response, method: str, url: str) -> Response:
    if 300 <= response.status < 400:
        raise ForgeError(
            f"The code host sends {method} {_parts(url).path} elsewhere ({response.status}), and no token is taken "
            "along; the repository may have been renamed: use its present name."
        )
    return response


def _is_safe(url: str) -> bool:
    """Return whether what travels to an address can be read by nobody else."""
    parts = _parts(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS)


def _same_origin(url: str, other: str) -> bool:
    return _parts(url)[:2] == _parts(other)[:2]


def _host(url: str) -> str:
    return _parts(url).netloc


def _named(url: str) -> str:
    """Return an address for a message, without what may be secret in it: a user, a password, a query."""
    scheme, found, rest = url.partition("://")
    shown = (rest if found else scheme).rpartition("@")[2].partition("?")[0]
    return repr(f"{scheme if found else ''}{found}{shown}"[:80])


def _parts(url: str) -> SplitResult:
    """Return the parts of an address; what is none, such as ``https://[``, has no parts."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
