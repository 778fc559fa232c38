"""The comment: read by people on phones, written by whoever wrote the plan."""

import re
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options as CmarkOptions
from msgspec.structs import replace

from render.hostile import CASES, poisoned
from render.reports import destroyed_in_china, moved, queue, queues, report, table
from scopegate.plan.actions import Action
from scopegate.render import markdown
from scopegate.source.model import Location

each_hostile_string = pytest.mark.parametrize(
    "text", [text for _, text, _ in CASES], ids=[kind for kind, _, _ in CASES]
)


class _Page(HTMLParser):
    """What GitHub's renderer makes of it: the tags with their attributes, and the text outside of code."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.skeleton: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.loose = ""
        self.code: list[str] = []
        self._in_code = 0
        self.feed(cmarkgfm.github_flavored_markdown_to_html(source, options=CmarkOptions.CMARK_OPT_UNSAFE))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= set(attrs)
        if tag in ("code", "pre"):
            self._in_code += 1
            self.code.append("")
        else:
            self.skeleton.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("code", "pre"):
            self._in_code -= 1
        else:
            self.skeleton.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.skeleton.append(f"comment {data}")

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.code[-1] += data
        else:
            self.loose += data


_TAGS = {"h2", "h3", "p", "strong", "ul", "li", "br", "code", "pre", "details", "summary", "sub"}
_TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}


@each_hostile_string
def test_no_word_of_the_plan_becomes_markup(text: str) -> None:
    # With room for all: what is left out for want of it is another matter.
    harmless = _Page(markdown.render(poisoned(destroyed_in_china(), "harmless"), budget=1_000_000))
    hostile = _Page(markdown.render(poisoned(destroyed_in_china(), text), budget=1_000_000))
    assert hostile.skeleton == harmless.skeleton
    assert hostile.tags <= _TAGS | _TABLE_TAGS
    assert hostile.attributes <= {("align", "right"), ("lang", "mermaid"), ("class", "language-mermaid")}


@each_hostile_string
def test_outside_of_code_no_word_of_the_plan_can_be_read_as_a_reference_or_a_formula(text: str) -> None:
    page = _Page(markdown.render(poisoned(destroyed_in_china(), text)))
    assert not re.search(r"@\w|#\d|https?:|www\.|\$|&#|:\w+:|\\", page.loose)


@each_hostile_string
def test_no_word_of_the_plan_is_a_workflow_command_or_leaves_the_page(text: str) -> None:
    source = markdown.render(poisoned(destroyed_in_china(), text))
    source.encode()
    assert all(
        line.removeprefix("- ☐ ").isascii() or line.startswith(("## ✋", "- ‼️", "<br>"))
        for line in map(str.strip, source.splitlines())
    )
    assert not [line for line in source.splitlines() if line.lstrip().startswith("::")]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", source)


@each_hostile_string
def test_names_stay_within_the_labels_of_the_flowchart(text: str) -> None:
    source = markdown.render(poisoned(destroyed_in_china(), text))
    (chart,) = re.findall(r"```mermaid\n(.*?)\n```", source, re.DOTALL)
    label = r'"[A-Za-z0-9 .,:_/#;-]*"'
    place = r'\["(named by an attribute|moved away from here)"\]'
    statement = re.compile(
        rf"flowchart LR|subgraph r\d+\[{label}\]|end|n\d+(\[{label}\]|{{{{{label}}}}}|\({place}\))"
        r":::\w+|n\d+ (-->|-\. [A-Za-z ]+ \.->) n\d+|classDef [\w :#,-]+"
    )
    assert [line for line in chart.splitlines() if not statement.fullmatch(line.strip())] == []


def test_the_first_lines_say_whether_it_is_stopped_by_what_who_opens_it_what_is_at_risk_and_how_to_undo() -> None:
    lines = markdown.render(destroyed_in_china()).splitlines()
    assert lines[0] == "## ✋ NEEDS SIGN-OFF"
    assert lines[2] == "**0 of 2 signed (anyone eligible)**"
    head = "\n".join(lines[:12])
    assert "- **Stopped by** `strict-jurisdictions`" in head
    assert "- **Opened by** 2 people who have no hand in the change" in head
    assert (
        "- **At risk** 1 resource destroyed, replaced or let go of; high signals: Something that holds data is" in head
    )
    assert "- **To undo** 4 changes: 1 only with a backup taken before, 3 by applying the old commit" in head


def test_a_pass_asks_for_nothing() -> None:
    text = markdown.render(report(queue("aws_sqs_queue.a", "eu-central-1")))
    assert text.startswith("## ✅ PASS\n\n**nothing beyond what was agreed**\n")
    assert "Opened by" not in text
    assert "What now" not in text


def test_a_long_key_is_cut_and_counted() -> None:
    key = "a" * 5000
    text = markdown.render(report(queue(f'aws_sqs_queue.q["{key}"]', "cn-north-1")))
    assert "a" * 180 in text
    assert "a" * 201 not in text
    assert "... (+4819 characters)" in text


def test_a_place_that_only_an_attribute_names_stands_in_the_picture() -> None:
    text = markdown.render(report(table("aws_dynamodb_table.orders", "eu-central-1", "ap-south-1")))
    assert '["aws: ap-south-1"]\n    n1(["named by an attribute"]):::place' in text
    assert "n0 -. replicates .-> n1" in text


def test_a_region_that_is_left_stands_in_the_picture_as_one_that_was() -> None:
    text = markdown.render(report(moved("aws_sqs_queue.a", "eu-west-1", "eu-west-3")))
    assert '["aws: eu-west-1"]\n    n1(["moved away from here"]):::place' in text
    assert "n0 -. moved from .-> n1" in text
    assert '{{"#33; aws_sqs_queue.a - delete-then-create"}}:::destroyed' in text
    assert "<code>aws: eu-west-1</code> (<code>EU</code>): 1 direct, moved away from here" in text


def test_forty_resources_are_drawn_one_by_one_and_more_by_module_and_the_page_says_so() -> None:
    forty = markdown.render(report(*queues(40)))
    assert len(re.findall(r"^    n\d+", forty, re.MULTILINE)) == 40
    assert "drawn together" not in forty
    more = markdown.render(report(*queues(90, ("eu-central-1",)), *queues(0)))
    assert len(re.findall(r"^    n\d+", more, re.MULTILINE)) <= 40
    assert "Too many to draw one by one: drawn together by" in more


@pytest.mark.parametrize("budget", [65_536, 20_000, 8_000, 4_000])
def test_what_does_not_fit_is_left_out_and_counted_but_never_the_verdict(budget: int) -> None:
    text = markdown.render(report(*queues(3_000)), budget=budget)
    assert len(text.encode()) <= budget
    assert text.startswith("## ✋ NEEDS SIGN-OFF\n\n**0 of 2 signed (anyone eligible)**")
    assert "`strict-jurisdictions`" in text
    assert "3000 direct" in text
    assert _Page(text).skeleton.count("details") == _Page(text).skeleton.count("/details")


def test_regions_and_modules_are_folded_and_what_is_not_listed_is_counted() -> None:
    text = markdown.render(report(*queues(3_000)))
    assert "<details><summary><code>aws: eu-central-1</code> (<code>EU</code>): 1000 direct</summary>" in text
    assert re.search(r"^- `module\.m\[0\]`: 20 resources, \d+ shown$", text, re.MULTILINE)


def test_a_policy_may_speak_any_language() -> None:
    said = destroyed_in_china()
    german = replace(said, excesses=(replace(said.excesses[0], why="Änderungen müssen geprüft werden"),))
    assert "Why: Änderungen müssen geprüft werden; " in markdown.render(german)


def test_a_destroyed_resource_has_a_mark_beside_its_word() -> None:
    text = markdown.render(report(queue("aws_sqs_queue.gone", "eu-central-1", Action.DELETE)))
    assert "- ‼️ **delete** `aws_sqs_queue.gone`" in text


def test_a_command_to_be_copied_is_one_piece() -> None:
    text = markdown.render(destroyed_in_china())
    assert re.search(r"^  - ☐ before: `aws sqs [^`]+`$", text, re.MULTILINE)


@each_hostile_string
def test_a_place_is_linked_below_the_head_commit_and_nowhere_else(text: str) -> None:
    said = destroyed_in_china()
    placed = replace(said, resources=tuple(replace(r, source=Location(text, 7)) for r in said.resources))
    linked = _Page(markdown.render(placed, blob="https://github.com/acme/infra/blob/abc"))
    links = {value for name, value in linked.attributes if name == "href"}
    assert {name for name, _ in linked.attributes} <= {"align", "lang", "class", "href"}
    assert all(re.fullmatch(r"https://github\.com/acme/infra/blob/abc/[\w./%~-]+#L7", link or "") for link in links)
    assert len(links) == 1
    assert "href" not in {name for name, _ in _Page(markdown.render(placed)).attributes}


def test_the_line_of_a_block_is_a_link_where_the_code_host_is_known() -> None:
    said = destroyed_in_china()
    placed = replace(said, resources=tuple(replace(r, source=Location("infra/main.tf", 7)) for r in said.resources))
    assert "<br>at `infra/main.tf:7`" in markdown.render(placed)
    blob = "https://github.com/acme/infra/blob/abc"
    assert f"<br>[`infra/main.tf:7`]({blob}/infra/main.tf#L7)" in markdown.render(placed, blob=blob)


def test_report_only_is_said_with_the_verdict() -> None:
    said = report(queue("aws_sqs_queue.a", "cn-north-1"), report_only=True)
    assert "Report only: the exit code does not say so." in markdown.render(said).splitlines()[2]
