"""The command line of policies, as a user meets it."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scopegate.cli.main import main

ROOT = Path(__file__).parents[2]
KIRO = ROOT / "fixtures" / "kiro"
FRANKFURT = str(KIRO / "kept-in-its-region" / "plan.json")
CHINA = str(KIRO / "kept-in-china" / "plan.json")
EVERYWHERE = str(KIRO / "setting-for-one-region-changed-everywhere" / "plan.json")
START_UP = str(ROOT / "fixtures" / "policies" / "start-up" / "policy.yaml")
ESTATE = str(ROOT / "fixtures" / "policies" / "china-estate" / "policy.yaml")


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``scopegate`` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["scopegate", *arguments])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run


def report(ran: Ran) -> dict[str, object]:
    found = json.loads(ran.out)
    assert isinstance(found, dict)
    return found


# review


def test_a_policy_is_held_against_a_plan(run: Run) -> None:
    assert run("review", FRANKFURT, "--policy", START_UP).code == 0
    assert run("review", CHINA, "--policy", START_UP).code == 11
    assert run("review", CHINA, "--policy", ESTATE).code == 10


def test_the_policy_of_the_repository_holds_without_being_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".scopegate").mkdir()
    (tmp_path / ".scopegate" / "policy.yaml").write_text(
        "version: 1\nlimits: {none: {direct_changes: {at_most: 0}, block: true, why: w}}\n"
    )
    (tmp_path / "infra").mkdir()
    ran = run("review", FRANKFURT, "--format", "json")
    assert ran.code == 11
    assert report(ran)["policy"] == ".scopegate/policy.yaml"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path / "infra")
        ran = run("review", FRANKFURT, "--format", "json")
    assert report(ran)["policy"] == "../.scopegate/policy.yaml"


def test_the_folder_of_a_plan_counts_from_the_top_of_the_repository(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".scopegate").mkdir()
    (tmp_path / ".scopegate" / "policy.yaml").write_text(
        "version: 1\nlimits: {few: {direct_changes: {at_most: 9}, block: true, why: w}}\n"
        "stacks: {pay: {match: {paths: [infra/pay]}, owner: team:pay}}\n"
    )
    folder = tmp_path / "infra" / "pay"
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text("terraform {}\n")
    (folder / "plan.json").write_bytes(Path(FRANKFURT).read_bytes())
    for here, plan, options in (
        (tmp_path, "infra/pay/plan.json", ()),
        (folder, "plan.json", ()),
        (folder, str(folder / "plan.json"), ()),
        (tmp_path / "infra", FRANKFURT, ("--source", "pay")),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(here)
            assert json.loads(run("review", plan, *options, "--format", "json").out)["plans"][0]["stack"] == "pay"
    assert json.loads(run("review", FRANKFURT, "--format", "json").out)["plans"][0]["stack"] is None


def test_a_policy_of_another_repository_does_not_hold(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".scopegate").mkdir()
    (tmp_path / ".scopegate" / "policy.yaml").write_text("not: a policy\n")
    (tmp_path / "inner" / ".git").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path / "inner")
        assert run("review", FRANKFURT).code == 0


def test_the_fingerprint_does_not_depend_on_where_the_policy_file_is(run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.yaml"
    copy.write_text("# one line more\n" + Path(START_UP).read_text())
    first = report(run("review", CHINA, "--policy", START_UP, "--format", "json"))
    second = report(run("review", CHINA, "--policy", "copy.yaml", "--format", "json"))
    assert first["fingerprint"] == second["fingerprint"]
    copy.write_text(copy.read_text().replace("25%", "24%"))
    third = report(run("review", CHINA, "--policy", "copy.yaml", "--format", "json"))
    assert third["fingerprint"] != first["fingerprint"]


@pytest.mark.parametrize("text", ["", "version: 1\n", "version: 1\nlimts: {}\n"])
def test_a_policy_that_agrees_to_nothing_is_no_verdict(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "p.yaml").write_text(text)
    ran = run("review", FRANKFURT, "--policy", "p.yaml")
    assert ran.code == 4
    assert ran.out == ""
    assert ran.err.startswith("scopegate: p.yaml:")


def test_a_missing_policy_is_no_verdict(run: Run) -> None:
    ran = run("review", FRANKFURT, "--policy", "none.yaml")
    assert (ran.code, ran.out) == (4, "")


def test_a_declared_scope_is_excess_even_where_the_policy_allows_it(run: Run) -> None:
    assert run("review", FRANKFURT, "--declare", "regions=eu-central-1").code == 0
    ran = run("review", FRANKFURT, "--declare", "regions=cn-north-1")
    assert ran.code == 10
    assert "you said cn-north-1; this also reaches eu-central-1" in " ".join(ran.out.split())


def test_a_scope_in_the_branch_or_the_description_is_declared_scope(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text.md").write_text("Changes it.\n\nscope:\n  regions: [us-east-1]\n")
    assert run("review", FRANKFURT, "--description", "text.md").code == 10
    (tmp_path / ".scopegate").mkdir()
    (tmp_path / ".scopegate" / "scope.yaml").write_text("scope:\n  regions: [eu-west-1]\n")
    ran = run("review", FRANKFURT, "--format", "json")
    assert ran.code == 10
    declared = json.loads(ran.out)["circumstances"]["declared"]
    assert declared == [{"source": ".scopegate/scope.yaml", "scope": {"regions": ["eu-west-1"]}}]


def test_a_declaration_of_nothing_is_a_wrong_use(run: Run) -> None:
    ran = run("review", FRANKFURT, "--declare", "regoins=eu-central-1")
    assert ran.code == 2
    assert "did you mean `regions`?" in ran.err


def test_an_agent_and_its_operator_are_in_the_report(run: Run) -> None:
    ran = run("review", CHINA, "--policy", ESTATE, "--author-kind", "agent", "--operator", "Dana", "--format", "json")
    said = json.loads(ran.out)
    assert said["circumstances"]["author"] == "agent"
    assert said["circumstances"]["barred"] == [{"who": "dana", "why": "the AI agent worked for them"}]
    assert [(r["from"], r["count"], r["suggested"]) for r in said["requirements"]] == [
        (["team:cn-owners"], 2, ["li", "wang"]),
        (["anyone"], 1, []),
    ]


def test_the_smallest_set_of_people_is_named(run: Run) -> None:
    out = " ".join(run("review", CHINA, "--policy", ESTATE, "--author-kind", "agent").out.split())
    assert "3 people: 2 of team:cn-owners (such as li, wang), and 1 who has no hand in the change" in out


def test_break_glass_passes_with_words_of_its_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "glass.yaml").write_text(
        "break_glass: {by: [ines, ivo], reason: payments are down, ticket: INC-1, expires: '2026-11-28T01:00:00Z'}\n"
    )
    bank = str(ROOT / "fixtures" / "policies" / "bank" / "policy.yaml")
    options = ("--policy", bank, "--now", "2026-11-27T23:00:00Z", "--break-glass", "glass.yaml")
    ran = run("review", CHINA, *options)
    assert ran.code == 0
    assert ran.out.startswith("PASS  BY BREAK-GLASS: nobody had to agree to what is beyond\n")
    assert "Break-glass by ines, ivo until 2026-11-28T01:00:00+00:00, INC-1: payments are down" in " ".join(
        ran.out.split()
    )
    said = json.loads(run("review", CHINA, *options, "--format", "json").out)
    assert said["verdict"] == "pass"
    assert said["excesses"]
    assert said["circumstances"]["break_glass"] == {
        "by": ["ines", "ivo"],
        "reason": "payments are down",
        "ticket": "INC-1",
        "expires": "2026-11-28T01:00:00+00:00",
    }
    assert run("review", CHINA, *options[:2], "--now", "2026-11-28T02:00:00Z", *options[4:]).code == 4


def test_the_time_is_in_the_report_only_where_it_matters(run: Run) -> None:
    bank = str(ROOT / "fixtures" / "policies" / "bank" / "policy.yaml")
    assert json.loads(run("review", FRANKFURT, "--format", "json").out)["circumstances"]["judged_at"] is None
    told = run("review", FRANKFURT, "--policy", bank, "--now", "2026-11-25T10:00:00Z", "--format", "json")
    assert json.loads(told.out)["circumstances"]["judged_at"] == "2026-11-25T10:00:00+00:00"
    assert json.loads(run("review", FRANKFURT, "--policy", bank, "--format", "json").out)["circumstances"]["judged_at"]


@pytest.mark.parametrize("now", ["yesterday", "2026-11-25", "2026-11-25T10:00:00"])
def test_a_time_without_a_zone_is_a_wrong_use(run: Run, now: str) -> None:
    assert run("review", FRANKFURT, "--now", now).code == 2


def test_the_report_in_conftests_shape_counts_limits(run: Run) -> None:
    ran = run("review", EVERYWHERE, "--policy", ESTATE, "--format", "conftest")
    assert ran.code == 10
    (result,) = json.loads(ran.out)
    assert result["filename"] == EVERYWHERE
    assert result.keys() == {"filename", "namespace", "successes", "warnings", "failures"}
    assert {frozenset(failure) for failure in result["failures"]} == {frozenset({"msg", "metadata"})}
    assert (result["successes"], result["warnings"]) == (3, [])
    assert [failure["metadata"]["limit"] for failure in result["failures"]] == [
        "china",
        "china-environment",
        "one-estate-at-once",
        "one-region-at-once",
    ]
    assert result["failures"][0]["msg"].startswith(
        "china: reaches the strict jurisdiction CN (China has its own owners"
    )


# policy check, explain, diff, schema


def test_a_right_policy_is_told_in_numbers(run: Run) -> None:
    ran = run("policy", "check", ESTATE)
    assert (ran.code, ran.out) == (
        0,
        f"{ESTATE}: a policy with 7 limits that always hold, 0 defaults, 0 stacks, 0 waivers\n",
    )


def test_all_mistakes_of_a_policy_are_told_with_their_lines(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "version: 1\nlimits:\n  a: {regoins: {allow: [a]}, sign_off: 1, why: w}\n  b: {time: {}, block: true, why: w}\n"
    )
    ran = run("policy", "check", "p.yaml")
    assert ran.code == 4
    assert [line.split(" ")[0] for line in ran.err.removeprefix("scopegate: ").splitlines()] == [
        "p.yaml:3:",
        "p.yaml:4:",
    ]


def test_there_must_be_something_to_check(run: Run) -> None:
    ran = run("policy", "check")
    assert ran.code == 4
    assert "there is no .scopegate/policy.yaml in this repository" in ran.err


def test_what_a_policy_names_must_be_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "version: 1\nfacts: [accounts.csv]\nlimits: {a: {regions: {allow: [a]}, sign_off: 1, why: w}}\n"
    )
    assert run("policy", "check", "p.yaml").code == 5


def test_a_policy_is_explained_for_one_plan(run: Run, tmp_path: Path) -> None:
    platform = str(ROOT / "fixtures" / "policies" / "platform" / "policy.yaml")
    (tmp_path / "files.txt").write_text("services/cost-reporting/production/cn/main.tf\n")
    folder = "services/cost-reporting/production/cn"
    ran = run("policy", "explain", CHINA, "--policy", platform, "--source", folder, "--changed-files", "files.txt")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == f"{platform} on {CHINA}: needs-sign-off"
    assert lines[1] == (
        f"  belongs to the stack cost-reporting-production-cn (by paths {folder}), whose owner is team:cost-reporting,"
        " and inherits `defaults`"
    )
    assert any(line.startswith("- small  [defaults, ") for line in lines)
    assert any(line.startswith("- home  [stacks.cost-reporting-production-cn, ") for line in lines)
    assert any(line.startswith("x strict-law  [limits, ") for line in lines)
    assert "    here: reaches the strict jurisdiction CN" in lines


RAILS = "version: 1\nlimits: {rails: {guard_rails: {rails: [workflows]}, sign_off: 1, why: w}}\n"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (".github/workflows/plan.yml", ".github/workflows/plan.yml"),
        (".github/workflows/plan.yml\r", ".github/workflows/plan.yml"),
        (r'".github/workflows/\303\274.yml"', ".github/workflows/ü.yml"),
        (r'".github/workflows/\"a\\b\tü.yml"', r'.github/workflows/"a\b\tü.yml'),
        (r'".github/workflows/\374.yml"', r".github/workflows/\xfc.yml"),
        (".github/workflows/a\u2028b.yml", r".github/workflows/a\u2028b.yml"),
    ],
    ids=["plain", "of Windows", "in quotes", "escapes", "no UTF-8", "a line separator"],
)
def test_a_path_that_git_writes_in_quotes_lies_where_it_lies(run: Run, tmp_path: Path, line: str, named: str) -> None:
    """A workflow with an umlaut in its name was on no rail: its path began with a quote."""
    (tmp_path / "p.yaml").write_text(RAILS)
    (tmp_path / "files.txt").write_bytes(f"main.tf\n{line}\n".encode())
    ran = run("review", FRANKFURT, "--policy", "p.yaml", "--changed-files", "files.txt")
    assert (ran.code, f"changes 1 file that the gate rests on ({named})" in " ".join(ran.out.split())) == (10, True)


@pytest.mark.parametrize("line", ['"', '".github/x', r'"\777"', r'"\"'])
def test_a_path_in_quotes_that_git_did_not_write_is_refused(run: Run, tmp_path: Path, line: str) -> None:
    (tmp_path / "files.txt").write_text(f"{line}\n")
    ran = run("review", FRANKFURT, "--changed-files", "files.txt")
    assert (ran.code, "is no path as git writes it" in ran.err) == (2, True)


def test_the_code_owners_of_the_resources_files_are_asked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "version: 1\nlimits: {cn: {jurisdictions: {strict: [CN]}, sign_off: {codeowners-of: resources}, why: w}}\n"
    )
    (tmp_path / "CODEOWNERS").write_text("* @acme/all\nmodules/ @acme/modules\n")
    options = ("--policy", "p.yaml", "--codeowners", "CODEOWNERS")
    estate = str(KIRO / "estate")
    told = json.loads(run("review", CHINA, *options, "--source", estate, "--format", "json").out)
    assert [requirement["from"] for requirement in told["requirements"]] == [["team:acme/modules"]]
    assert "to agree: 1 of team:acme/modules (cn)" in run("policy", "explain", CHINA, *options, "--source", estate).out
    ran = run("review", CHINA, *options)
    assert ran.code == 4
    assert "pass the folder of the .tf files with --source" in ran.err


def test_two_policies_are_compared_on_plans(run: Run, tmp_path: Path) -> None:
    tight = Path(ESTATE).read_text().replace("    sign_off: {owner-of: jurisdiction, count: 2}\n", "    block: true\n")
    (tmp_path / "accounts.csv").write_text((Path(ESTATE).parent / "accounts.csv").read_text())
    (tmp_path / "new.yaml").write_text(tight)
    ran = run("policy", "diff", ESTATE, "new.yaml", FRANKFURT, CHINA)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"same     {FRANKFURT}: pass",
        f"tighter  {CHINA}: needs-sign-off -> blocked",
        "    to agree: 2 of team:cn-owners -> 1 of team:cn-owners",
        "1 of 2 plans are judged otherwise.",
    ]
    assert f"looser   {CHINA}: blocked -> needs-sign-off" in run("policy", "diff", "new.yaml", ESTATE, CHINA).out


def test_a_report_can_stand_for_a_plan(run: Run, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(run("review", CHINA, "--format", "json").out)
    ran = run("policy", "explain", "report.json", "--policy", ESTATE)
    assert ran.out.splitlines()[0] == f"{ESTATE} on {CHINA}: needs-sign-off"


def test_the_schema_is_printed(run: Run) -> None:
    Draft202012Validator.check_schema(json.loads(run("policy", "schema").out))


# policy test

CASE = """\
policy: p.yaml
cases:
  one:
    plan: {plan}
    expect: {expect}
"""


def cases(folder: Path, expect: str, plan: str = FRANKFURT) -> None:
    (folder / "p.yaml").write_text("version: 1\nlimits: {few: {direct_changes: {at_most: 0}, sign_off: 2, why: w}}\n")
    (folder / "p.test.yaml").write_text(CASE.format(plan=plan, expect=expect))


def test_a_policy_test_that_holds_passes(run: Run, tmp_path: Path) -> None:
    cases(tmp_path, "{verdict: needs-sign-off, beyond: [few], requirements: [{from: anyone, count: 2}]}")
    ran = run("policy", "test", ".")
    assert (ran.code, ran.out) == (0, "ok    p.test.yaml:3  one\n1 of 1 policy tests passed.\n")


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        (
            "{verdict: pass}",
            "expected the verdict pass, got needs-sign-off (makes 1 direct change; agreed is at most 0)",
        ),
        ("{verdict: needs-sign-off, beyond: []}", "expected beyond: nothing; got few"),
        ("{verdict: needs-sign-off, requirements: []}", "expected requirements: nobody; got 2 of anyone"),
        ("{verdict: needs-sign-off, waived: [few]}", "expected waived: few; got nothing"),
        ("{error: no such thing}", "expected an error with 'no such thing', got the verdict needs-sign-off"),
    ],
)
def test_a_policy_test_that_does_not_hold_fails(run: Run, tmp_path: Path, expect: str, problem: str) -> None:
    cases(tmp_path, expect)
    ran = run("policy", "test", "p.test.yaml")
    assert ran.code == 4
    assert ran.out == f"FAIL  p.test.yaml:3  one\n      {problem}\n0 of 1 policy tests passed.\n"


def test_no_policy_test_is_no_pass(run: Run, tmp_path: Path) -> None:
    assert run("policy", "test", ".").code == 4
    (tmp_path / "p.test.yaml").write_text("policy: p.yaml\ncases: {}\n")
    assert run("policy", "test", ".").code == 4
    (tmp_path / "p.test.yaml").write_text(CASE.format(plan="x", expect="{}"))
    assert run("policy", "test", ".").code == 4


def test_a_plan_that_cannot_be_judged_ends_the_tests(run: Run, tmp_path: Path) -> None:
    cases(tmp_path, "{verdict: pass}", str(KIRO / "targeted" / "plan.json"))
    assert run("policy", "test", ".").code == 3


# init


def test_a_first_policy_agrees_to_the_plans_it_is_made_from(run: Run) -> None:
    ran = run("init", FRANKFURT, "--output", ".scopegate/policy.yaml")
    assert ran.code == 0
    assert run("policy", "check").code == 0
    assert run("review", FRANKFURT).code == 0
    ran = run("review", EVERYWHERE, "--format", "json")
    assert ran.code == 10
    assert {excess["limit"] for excess in json.loads(ran.out)["excesses"]} == {
        "our-partitions",
        "our-regions",
        "our-accounts",
        "strict-jurisdictions",
        "partitions-at-once",
        "regions-at-once",
        "accounts-at-once",
    }


def test_a_first_policy_asks_for_china_although_it_was_seen(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(run("init", CHINA).out)
    ran = run("review", CHINA, "--policy", "p.yaml", "--format", "json")
    assert [excess["limit"] for excess in json.loads(ran.out)["excesses"]] == ["strict-jurisdictions"]


def test_a_policy_that_is_there_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("mine\n")
    assert run("init", FRANKFURT, "--output", "p.yaml").code == 2
    assert (tmp_path / "p.yaml").read_text() == "mine\n"


def test_names_out_of_a_plan_cannot_write_into_the_policy(run: Run, tmp_path: Path) -> None:
    said = json.loads(run("review", FRANKFURT, "--format", "json").out)
    hostile = 'x"]}\n    sign_off: 1\n    why: w\n  evil: {regions: {allow: ["*'
    for resource in said["resources"]:
        resource["placement"]["account"] = {"value": hostile, "evidence": "e"}
    (tmp_path / "report.json").write_text(json.dumps(said, indent=2))
    (tmp_path / "p.yaml").write_text(run("init", "report.json").out)
    ran = run("policy", "explain", "report.json", "--policy", "p.yaml")
    assert ran.code == 0
    assert "evil  [" not in ran.out
