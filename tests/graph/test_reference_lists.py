"""Reading the reference lists of plan JSON, which hold every prefix of every reference in the order of the text."""

from scopegate.plan.reference import by_own_key, longest


def test_prefixes_that_are_listed_after_a_reference_are_left_out() -> None:
    assert longest(["aws_vpc.main.tags.Name", "aws_vpc.main.tags", "aws_vpc.main"]) == ("aws_vpc.main.tags.Name",)
    assert longest(['aws_vpc.main["a"].id', 'aws_vpc.main["a"]', "aws_vpc.main"]) == ('aws_vpc.main["a"].id',)
    assert longest(['module.net["a"].id', 'module.net["a"]']) == ('module.net["a"].id',)


def test_a_reference_that_is_also_written_without_a_key_or_attribute_stays() -> None:
    # [aws_vpc.main["a"].id, aws_vpc.main[each.key].id]
    listed = ['aws_vpc.main["a"].id', 'aws_vpc.main["a"]', "aws_vpc.main", "aws_vpc.main", "each.key"]
    assert longest(listed) == ("aws_vpc.main", 'aws_vpc.main["a"].id', "each.key")


def test_a_module_chosen_by_a_computed_key_stays_beside_an_output_of_a_literal_one() -> None:
    # the list of an output ends at its module instance, so a bare module.net after it was written so
    listed = ['module.net["a"].id', 'module.net["a"]', "module.net", "each.key"]
    assert longest(listed) == ("each.key", "module.net", 'module.net["a"].id')


def test_what_the_own_key_indexes_is_what_stands_right_before_it() -> None:
    assert by_own_key(["aws_subnet.a", "each.key"]) == ("aws_subnet.a",)
    assert by_own_key(["aws_subnet.a", "count.index"]) == ("aws_subnet.a",)
    assert by_own_key(["each.key", "aws_subnet.a"]) == ()
    assert by_own_key(["aws_vpc.a.id", "aws_vpc.a", "aws_subnet.a", "each.key"]) == ("aws_subnet.a",)


def test_an_attribute_of_each_value_may_be_any_key() -> None:
    assert by_own_key(["aws_vpc.a", "each.value"]) == ("aws_vpc.a",)
    assert by_own_key(["aws_vpc.a", "each.value.peer", "each.value"]) == ()


def test_a_reference_that_is_also_read_as_a_whole_is_not_by_the_own_key() -> None:
    # [aws_subnet.a[each.key].id, values(aws_subnet.a)]
    assert by_own_key(["aws_subnet.a", "each.key", "aws_subnet.a"]) == ()
