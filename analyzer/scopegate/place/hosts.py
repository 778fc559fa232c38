"""Host names that say where they lead: a registry, a bucket, a load balancer, the endpoint of a cluster."""

from functools import cache, cached_property
from typing import Final

from msgspec import Struct

from scopegate.facts.facts import Facts
from scopegate.pattern import Pattern
from scopegate.place.identifiers import aws_account, google_project_id
from scopegate.place.location import Locations

_CLOUDS: Final = ("aws", "azure", "google")
_BARE_HOST: Final = Pattern(r"([A-Za-z0-9.-]+)(?:/|\Z)")
_LOCAL_HOSTS: Final = ("localhost", "host.docker.internal", "::1", "0.0.0.0")  # noqa: S104  compared, never bound
_LOCAL_SUFFIXES: Final = (".localhost", ".local", ".localstack.cloud", ".internal")


class HostPlace(Struct, frozen=True):
    """Where a host name leads, as far as it says."""

    cloud: str
    region: str
    account: str | None = None


class Hosts:
    """Reads host names by the patterns of the fact tables; every distinct one is read once."""

    def __init__(self, facts: Facts, locations: Locations) -> None:
        self._facts = facts
        self._locations = locations
        self._place_of_host = cache(self._find)

    def place_of(self, url: str) -> HostPlace | None:
        """Return the region, and the account where it is in the name, that a host name or URL leads to."""
        return self._place_of_host(host_of(url))

    def _find(self, host: str) -> HostPlace | None:
        for cloud, pattern in self._patterns if "." in host else ():
            if match := pattern.search(host):
                parts = match.groupdict()
                place = self._locations.read(cloud, parts.get("region") or "")
                account = aws_account(parts.get("acct")) or google_project_id(parts.get("project"))
                return HostPlace(cloud, place.region, account) if place else None
        return None

    @cached_property
    def _patterns(self) -> tuple[tuple[str, Pattern], ...]:
        return tuple((cloud, Pattern(row.pattern)) for cloud in _CLOUDS for row in self._facts.hosts(cloud))


def host_of(url: str) -> str:
    """Return the host of a URL or of a bare ``host[:port][/path]``, in lower case; empty where there is none."""
    if "//" not in url and (bare := _BARE_HOST.match(url)):
        return bare[1].lower()
    from urllib.parse import urlsplit

    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""


def is_local(url: object) -> bool:
    """Whether an endpoint is an emulator on the machine or beside it, not the cloud (localstack, moto)."""
    host = host_of(url) if isinstance(url, str) else ""
    if not host:
        return False
    return host in _LOCAL_HOSTS or host.startswith("127.") or host.endswith(_LOCAL_SUFFIXES) or "." not in host
