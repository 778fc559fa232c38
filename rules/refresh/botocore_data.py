"""The JSON files of an installed botocore: partitions, endpoints and endpoint rule sets of the AWS SDK for Python."""

import gzip
import json
from pathlib import Path
from typing import Any


def read_json(data: Path, name: str) -> Any:
    """Return a file of ``botocore/data``, as it is or with gzip."""
    plain = data / f"{name}.json"
    if plain.exists():
        return json.loads(plain.read_bytes())
    return json.loads(gzip.decompress((data / f"{name}.json.gz").read_bytes()))


def newest(data: Path, service: str, name: str) -> Any | None:
    """Return a service's file of its newest API version, None where it has none."""
    found = sorted(data.glob(f"{service}/*/{name}.json*"))
    return read_json(found[-1].parent, name) if found else None


def release(data: Path) -> str:
    """Return the release of the botocore that the data folder belongs to."""
    text = (data.parent / "__init__.py").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("__version__"))
    return line.partition("=")[2].strip(" '\"")
