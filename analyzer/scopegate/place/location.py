"""What a text that stands for a place means in a cloud."""

from functools import cache

from msgspec import Struct

from scopegate.facts.facts import Facts
from scopegate.pattern import Pattern
from scopegate.place.identifiers import (
    aws_code_of_zone_id,
    aws_region_of_zone,
    google_region_of_zone,
    is_safe,
)
from scopegate.place.placement import GLOBAL

_AZURE_NAME = Pattern(r"[a-z]{3,}[a-z0-9]{0,30}")


class Location(Struct, frozen=True):
    """A region, and the zone in it where the text named one. ``GLOBAL`` and multi-regions count as regions."""

    region: str
    zone: str | None = None


class Locations:
    """Reads the place names of each cloud; every distinct text is read once."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.read = cache(self._read)

    def _read(self, cloud: str, text: str) -> Location | None:
        """Return the place that ``text`` names in ``cloud``; None for what does not look like one."""
        if cloud == "aws":
            return self._aws(text)
        if cloud == "azure":
            return self._azure(text)
        if cloud == "google":
            return self._google(text)
        return self._other(cloud, text)

    def _aws(self, text: str) -> Location | None:
        if not is_safe(text):
            return None
        # Most are a region that has a row, or a zone of one; the patterns of the partitions would be compiled for them.
        if self.facts.region("aws", text):
            return Location(text)
        if text[-1].isalpha() and self.facts.region("aws", text[:-1]):
            return Location(text[:-1], text)
        region = aws_region_of_zone(text)
        if region and self.facts.region("aws", region):
            return Location(region, text)
        if self.facts.partition_of_region("aws", text):
            return Location(text)
        if region and self.facts.partition_of_region("aws", region):
            return Location(region, text)
        code = aws_code_of_zone_id(text)
        found = self.facts.region_of_code("aws", code) if code else None
        return Location(found.id, text) if found else None

    def _azure(self, text: str) -> Location | None:
        # "West Europe" and westeurope are one place to azurerm (hashicorp/go-azure-helpers, resourcemanager/location).
        name = text.replace(" ", "").lower()
        return Location(name) if _AZURE_NAME.fullmatch(name) else None

    def _google(self, text: str) -> Location | None:
        # A region may be a self link, and Spanner's config is projects/p/instanceConfigs/regional-europe-west1.
        name = text.rsplit("/", 1)[-1].lower().removeprefix("regional-")
        if not is_safe(name):
            return None
        if name == GLOBAL or self.facts.multi_region("google", name) or self._is_google_region(name):
            return Location(name)
        region = google_region_of_zone(name)
        return Location(region, name) if region and self._is_google_region(region) else None

    def _is_google_region(self, name: str) -> bool:
        return self.facts.partition_of_region("google", name) is not None

    def _other(self, cloud: str, text: str) -> Location | None:
        name = text.lower().replace("_", "-")
        if not is_safe(name):
            return None
        regions = self.facts.regions(cloud)
        if not regions or name in regions:
            return Location(name)
        # us-south-1 is a zone of us-south; a Satellite location of IBM may have any name, and is none.
        region = name.rpartition("-")[0]
        return Location(region, name) if region in regions else None
