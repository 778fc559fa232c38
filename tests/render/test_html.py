"""The page, as bytes; what a browser makes of it, ``test_browser`` asks."""

import base64
import csv
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from render.hostile import CASES, poisoned
from render.reports import destroyed_in_china, queue, queues, report, table
from scopegate.reach.footprint import RegionKey
from scopegate.render import html
from scopegate.render.world import HEIGHT, WIDTH, on_map

each_hostile_string = pytest.mark.parametrize(
    "text", [text for _, text, _ in CASES], ids=[kind for kind, _, _ in CASES]
)


class _Page(HTMLParser):
    """The elements of a page, the text of its scripts and styles, and its data island."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: dict[str, set[str]] = {}
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.policy = ""
        self.text = ""
        self._inside = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes.setdefault(tag, set()).update(name for name, _ in attrs)
        named = dict(attrs)
        if named.get("http-equiv") == "Content-Security-Policy":
            self.policy = named["content"] or ""
        if tag in self.raw:
            self._inside = tag
            self.raw[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw[self._inside][-1] += data
        else:
            self.text += data

    @property
    def data(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.raw["script"][0])
        return found


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_of_the_page_lets_only_its_own_scripts_and_style_run_and_nothing_load() -> None:
    page = _Page(html.render(destroyed_in_china()))
    _, library, own = page.raw["script"]
    (style,) = page.raw["style"]
    assert page.policy == (
        f"default-src 'none'; script-src {_digest(library)} {_digest(own)}; style-src {_digest(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_page_names_no_address_to_load_from() -> None:
    page = _Page(html.render(destroyed_in_china()))
    assert not {"img", "link", "iframe", "object", "embed", "form", "base"} & set(page.elements)
    assert not {"src", "href", "style", "action", "onclick"} & set().union(*page.attributes.values())


@each_hostile_string
def test_no_word_of_the_plan_becomes_an_element_or_an_attribute(text: str) -> None:
    harmless = _Page(html.render(poisoned(destroyed_in_china(), "harmless")))
    hostile = _Page(html.render(poisoned(destroyed_in_china(), text)))
    assert hostile.elements == harmless.elements
    assert hostile.attributes == harmless.attributes
    assert hostile.policy == harmless.policy


@each_hostile_string
def test_the_data_of_the_page_holds_the_words_of_the_plan_and_cannot_end_its_element(text: str) -> None:
    source = html.render(poisoned(destroyed_in_china(), text))
    source.encode()
    island = source.split('id="data">')[1].split("</script>")[0]
    assert not re.search(r"[<>&\x00-\x1f\u2028\u2029]", island)
    assert json.loads(island) == _Page(source).data


def test_the_first_words_of_the_page_are_the_verdict_and_the_five_answers() -> None:
    text = " ".join(_Page(html.render(destroyed_in_china())).text.split())
    at = [
        text.index(words)
        for words in (
            "! NEEDS SIGN-OFF",
            "0 of 2 signed (anyone eligible)",
            "Reaches ",
            "Stopped by strict-jurisdictions",
            "Opened by 2 people",
            "At risk 1 resource destroyed",
            "To undo ",
            "Beyond what was agreed",
        )
    ]
    assert at == sorted(at)


def test_the_page_is_readable_without_its_script() -> None:
    text = _Page(html.render(destroyed_in_china())).text
    for words in ("aws_sqs_queue.gone", "cn-north-1", "Read these first", "How to undo", "What could not be seen"):
        assert words in text


def test_a_page_about_a_thousand_resources_stays_under_a_megabyte_and_ten_thousand_under_ten() -> None:
    assert len(html.render(report(*queues(1_000))).encode()) < 1_000_000
    assert len(html.render(report(*queues(10_000))).encode()) < 10_000_000


def test_a_region_is_where_its_city_is() -> None:
    # Beijing is at 39.9 north and 116.4 east: 116.4 of 180 degrees right of the middle, 40.1 below the upper edge.
    x, y = on_map(RegionKey("aws", "aws-cn", "cn-north-1")) or (0, 0)
    assert round(x) == round((180 + 116.4) / 360 * WIDTH)
    assert round(y) == round((80 - 39.9) / 360 * WIDTH)
    assert y < HEIGHT


def test_the_same_name_in_two_clouds_is_two_places() -> None:
    assert on_map(RegionKey("aws", "aws", "ap-southeast-1")) != on_map(
        RegionKey("huaweicloud", "huaweicloud", "ap-southeast-1")
    )


@pytest.mark.parametrize("region", ["global", None, "xx-nowhere-1"])
def test_what_is_no_single_place_is_not_on_the_map(region: str | None) -> None:
    assert on_map(RegionKey("aws", "aws", region)) is None


def test_a_line_leads_to_the_region_that_an_attribute_names() -> None:
    page = html.render(report(table("aws_dynamodb_table.orders", "eu-central-1", "ap-south-1")))
    assert page.count('class="route"') == 1
    assert 'class="region named"' in page


def test_every_region_of_the_facts_is_on_the_map_or_of_a_cloud_that_does_not_say_where_it_is() -> None:
    table_text = (files("scopegate_rules") / "facts" / "regions.csv").read_text(encoding="utf-8")
    regions = [(row["partition"], row["id"]) for row in csv.DictReader(table_text.splitlines())]
    missing = {(partition, region) for partition, region in regions if on_map(RegionKey("", partition, region)) is None}
    assert len(missing) < len(regions)
    unpublished = {partition for partition, _ in missing}
    assert unpublished <= {"aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "googleapis.com"}
    assert {region for partition, region in missing if partition == "googleapis.com"} == {"us-east7"}


def test_a_pass_has_nothing_to_sign() -> None:
    text = _Page(html.render(report(queue("aws_sqs_queue.a", "eu-central-1")))).text
    assert "✓ PASS" in " ".join(text.split())
    assert "To sign" not in text
