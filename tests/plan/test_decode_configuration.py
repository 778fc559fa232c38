"""The configuration: modules by their calls, expressions by their paths, old shapes included."""

from typing import Any

import pytest

from plan.documents import Json, plan, written
from scopegate.errors import PlanError
from scopegate.plan.address import ConfigAddress, Mode
from scopegate.plan.configuration import ABSENT, Configuration, Expression
from scopegate.plan.decode import decode_plan
from scopegate.plan.unambiguous import MAX_NESTING


def configuration(**sections: Any) -> Configuration:
    return decode_plan(written(plan(configuration=sections)), "plan.json").configuration


def block(**fields: Any) -> Json:
    return {"address": "x.y", "mode": "managed", "type": "x", "name": "y", "provider_config_key": "aws", **fields}


QUEUE = ConfigAddress((), Mode.MANAGED, "x", "y")


def test_expressions_are_found_by_their_path_through_nested_blocks() -> None:
    expressions = {
        "name": {"constant_value": "q"},
        "empty": {},
        "none": {"constant_value": None},
        "rule": [{"arn": {"references": ["a.b.arn", "a.b"]}}, {"arn": {"constant_value": ["*"]}}],
        "single": {"inner": {"references": ["var.v"]}},
    }
    found = configuration(root_module={"resources": [block(expressions=expressions)]}).blocks[QUEUE]
    assert found.expressions == (
        Expression(("name",), "q"),
        Expression(("empty",)),
        Expression(("none",), None),
        Expression(("rule", "arn"), ABSENT, ("a.b.arn",)),
        Expression(("rule", "arn"), ["*"]),
        Expression(("single", "inner"), ABSENT, ("var.v",)),
    )
    assert found.at("single", "inner") == Expression(("single", "inner"), ABSENT, ("var.v",))
    assert found.at("nothing") is None


def test_an_expression_that_says_a_value_and_references_is_one_and_no_block() -> None:
    both = {"constant_value": 1, "references": ["a.b"]}
    found = configuration(root_module={"resources": [block(expressions={"a": both})]}).blocks[QUEUE]
    assert found.expressions == (Expression(("a",), 1, ("a.b",)),)


def test_what_a_block_says_of_itself_is_kept() -> None:
    entry = block(
        mode="data",
        for_each_expression={"references": ["local.keys"]},
        depends_on=["module.net", "a.b"],
        provisioners=[{"type": "local-exec", "expressions": {"command": {"references": ["a.b.id", "a.b"]}}}],
    )
    found = configuration(root_module={"resources": [entry]}).blocks[ConfigAddress((), Mode.DATA, "x", "y")]
    assert found.provider_config_key == "aws"
    assert found.repetition == Expression(("for_each",), ABSENT, ("local.keys",))
    assert found.depends_on == ("module.net", "a.b")
    assert found.provisioners == ("local-exec",)
    assert found.provisioner_expressions == (Expression(("provisioner", "local-exec", "command"), ABSENT, ("a.b.id",)),)


def test_a_count_is_a_repetition_even_where_it_is_constant() -> None:
    found = configuration(root_module={"resources": [block(count_expression={"constant_value": 2})]}).blocks[QUEUE]
    assert found.repetition == Expression(("count",), 2)
    assert configuration(root_module={"resources": [block()]}).blocks[QUEUE].repetition is None


def test_references_by_the_own_key_are_marked() -> None:
    listed = ["aws_subnet.a", "each.key", "var.v"]
    found = configuration(root_module={"resources": [block(expressions={"id": {"references": listed}})]}).blocks[QUEUE]
    assert found.expressions == (Expression(("id",), ABSENT, ("aws_subnet.a", "each.key", "var.v"), ("aws_subnet.a",)),)


def test_modules_nest_through_their_calls() -> None:
    inner = {
        "resources": [block()],
        "variables": {"id": {}, "name": {"default": None}},
        "outputs": {
            "arn": {"expression": {"references": ["x.y.arn", "x.y"]}, "depends_on": ["x.z"]},
            "fixed": {"expression": {}},
        },
    }
    middle = {
        "module_calls": {
            "b": {
                "source": "./b",
                "module": inner,
                "count_expression": {"references": ["var.n"]},
                "expressions": {"id": {"references": ["var.id"]}, "tags": [{"a": {"constant_value": 1}}]},
                "depends_on": ["x.q"],
                "version_constraint": "~> 1.0",
            }
        }
    }
    found = configuration(root_module={"module_calls": {"a": {"source": "./a", "module": middle}}})
    assert set(found.modules) == {(), ("a",), ("a", "b")}
    assert found.block_of(ConfigAddress(("a", "b"), Mode.MANAGED, "x", "y")) is not None
    call = found.call_of(("a", "b"))
    assert call is not None
    assert (call.source, call.version, call.depends_on) == ("./b", "~> 1.0", ("x.q",))
    assert call.repetition == Expression(("count",), ABSENT, ("var.n",))
    assert call.arguments == {
        "id": (Expression(("id",), ABSENT, ("var.id",)),),
        "tags": (Expression(("tags", "a"), 1),),
    }
    module = found.modules["a", "b"]
    assert module.defaults == {"id": ABSENT, "name": None}
    assert module.outputs == {"arn": (Expression((), ABSENT, ("x.y.arn",)),), "fixed": (Expression(()),)}
    assert module.output_depends_on == {"arn": ("x.z",), "fixed": ()}
    assert found.call_of(()) is None


def test_provider_configurations_are_found_by_their_key() -> None:
    providers = {
        "aws": {
            "name": "aws",
            "full_name": "registry.terraform.io/hashicorp/aws",
            "version_constraint": "~> 6.0",
            "expressions": {
                "region": {"constant_value": "cn-north-1"},
                "assume_role": [{"role_arn": {"references": ["var.r"]}}],
            },
        },
        'module.a["never"]:aws.cn': {"name": "aws", "alias": "cn", "module_address": "module.a.module.b"},
        "random": {},
    }
    found = configuration(provider_config=providers, root_module={}).providers
    assert (found["aws"].name, found["aws"].alias, found["aws"].module) == ("aws", None, ())
    assert (found["aws"].full_name, found["aws"].version_constraint) == (
        "registry.terraform.io/hashicorp/aws",
        "~> 6.0",
    )
    assert found["aws"].at("region") == Expression(("region",), "cn-north-1")
    assert found["aws"].at("assume_role", "role_arn") == Expression(("assume_role", "role_arn"), ABSENT, ("var.r",))
    assert (found['module.a["never"]:aws.cn'].alias, found['module.a["never"]:aws.cn'].module) == ("cn", ("a", "b"))
    assert (found["random"].name, found["random"].expressions) == ("", ())


def test_a_source_written_as_an_expression_is_read() -> None:
    """As Terraform 0.12 test data have it."""
    calls = {"a": {"source": {"constant_value": "./a"}, "module": {}}, "b": {"source": {"references": []}}}
    found = configuration(root_module={"module_calls": calls}).modules[()].calls
    assert (found["a"].source, found["b"].source) == ("./a", "")


def test_module_calls_as_a_list_are_left_out_with_a_note() -> None:
    nested = {"module_calls": {"a": {"module": {"module_calls": [{"source": "./b"}]}}}}
    read = decode_plan(written(plan(configuration={"root_module": nested})), "plan.json")
    assert set(read.configuration.modules) == {(), ("a",)}
    (note,) = read.notes
    assert note == (
        "plan.json has module_calls as a list, which does not name them; dependencies and providers inside those "
        "modules cannot be seen."
    )


def test_an_empty_list_of_module_calls_leaves_nothing_out() -> None:
    read = decode_plan(written(plan(configuration={"root_module": {"module_calls": []}})), "plan.json")
    assert read.notes == ()


def test_a_module_that_is_called_twice_is_two_modules() -> None:
    calls = {name: {"source": "./m", "module": {"resources": [block()]}} for name in ("a", "b")}
    found = configuration(root_module={"module_calls": calls})
    assert {path: module.path for path, module in found.modules.items()} == {(): (), ("a",): ("a",), ("b",): ("b",)}
    assert set(found.blocks) == {ConfigAddress((name,), Mode.MANAGED, "x", "y") for name in ("a", "b")}


def test_blocks_in_an_expression_are_read_to_the_stated_depth_and_no_deeper() -> None:
    def deep(levels: int) -> Any:
        expression: Any = {"constant_value": 1}
        for _ in range(levels):
            expression = {"b": expression}
        return block(expressions={"a": expression})

    found = configuration(root_module={"resources": [deep(MAX_NESTING)]}).blocks[QUEUE]
    assert found.expressions == (Expression(("a", *["b"] * MAX_NESTING), 1),)
    with pytest.raises(PlanError, match="nested deeper than 200 levels"):
        configuration(root_module={"resources": [deep(MAX_NESTING + 1)]})


def test_null_and_absent_parts_are_empty() -> None:
    nothing = dict.fromkeys(("resources", "module_calls", "outputs", "variables"))
    assert configuration(root_module=nothing).modules[()].blocks == ()
    empty = block(**dict.fromkeys(("expressions", "depends_on", "provisioners", "count_expression", "mode")))
    assert configuration(root_module={"resources": [empty]}).blocks[QUEUE].expressions == ()
    assert configuration(root_module={"variables": {"v": None}}).modules[()].defaults == {"v": ABSENT}


def test_no_configuration_is_not_an_empty_one() -> None:
    assert configuration(root_module={}).present
    assert not configuration().present
    assert not decode_plan(written(plan(configuration=None)), "plan.json").configuration.present


def test_blocks_of_modes_that_no_instance_has_are_left_out() -> None:
    assert configuration(root_module={"resources": [block(mode="list")]}).blocks == {}


def test_references_that_are_no_text_are_left_out() -> None:
    found = configuration(root_module={"resources": [block(expressions={"a": {"references": ["b.c", 1, {}]}})]}).blocks
    assert found[QUEUE].expressions == (Expression(("a",), ABSENT, ("b.c",)),)
