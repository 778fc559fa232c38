"""The types and top-level attributes of a provider, read from its prebuilt CDK Terrain bindings.

``pip download --no-deps cdktn-provider-azurerm`` gives such a wheel; it is generated from the provider's own schema
(cdktn-io/cdktn-provider-azurerm), and every class names the exact type and release in its documentation link.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LINK: Final = re.compile(
    r"Represents a \{@link https://registry\.terraform\.io/providers/[^/]+/(?P<provider>[^/]+)/(?P<version>[^/]+)"
    r"/docs/(?P<kind>resources|data-sources)/[^ #}]+ (?P<type>[a-z0-9_]+)\}"
)
_CLASS: Final = re.compile(r"^class \w+\(\n    \w+\.Terraform(?:Resource|DataSource),", re.MULTILINE)
_ATTRIBUTE: Final = re.compile(
    r'    @builtins\.property\n    @jsii\.member\(jsii_name="(?P<camel>\w+)"\)\n    def (?P<snake>\w+)\(\s*self\b'
)


@dataclass(frozen=True, slots=True)
class Bindings:
    """One release of a provider: its top-level attributes by type; data sources are named ``data.aws_vpc``."""

    provider: str
    version: str
    types: dict[str, frozenset[str]]


def read_bindings(path: Path) -> Bindings:
    """Return the types of a wheel of bindings; raise ValueError where it holds none."""
    types: dict[str, frozenset[str]] = {}
    provider = version = ""
    for text in _modules(path):
        link, body = _LINK.search(text), _CLASS.search(text)
        if link and body:
            provider, version = link["provider"], link["version"]
            name = link["type"] if link["kind"] == "resources" else f"data.{link['type']}"
            types[name] = _attributes(text[body.start() :])
    if not types:
        raise ValueError(f"{path}: no class of this wheel is a Terraform resource or data source")
    return Bindings(provider, version, types)


def _modules(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            if name.endswith("/__init__.py"):
                yield wheel.read(name).decode()


def _attributes(text: str) -> frozenset[str]:
    """Return the attributes of the first class: up to the next decorated one, without the ``_input`` doubles."""
    end = text.find("\n@jsii.")
    found = _ATTRIBUTE.finditer(text[: end if end > 0 else None])
    return frozenset(match["snake"] for match in found if not match["camel"].endswith("Input"))
