"""Limits on where, and whose: allowed values, strict values, how many at once, unknown ones."""

from collections.abc import Iterable, Mapping

from scopegate.place.placement import GLOBAL
from scopegate.plan.address import ConfigAddress, in_stack, module_path
from scopegate.policy.beyond import UNKNOWN, Beyond, Rows, listed, listed_with_and, number_of
from scopegate.policy.glob import matches
from scopegate.policy.kinds import LimitKind
from scopegate.policy.limits import AllowLimit, SpreadLimit, StrictLimit, Terms, UnknownLimit
from scopegate.policy.model import Change
from scopegate.reach.footprint import Tally

NONE_STRICT = "none strict"
NONE_UNKNOWN = "none unknown"
_KNOWN_PLACES = "make the place known: a literal region or account, a provider configuration, or --default-region"


def not_allowed(change: Change, limit: AllowLimit) -> Beyond | None:
    """Return the values that no pattern of the limit matches."""
    rows = rows_of(change, limit.kind, limit.terms)
    beyond = {value: found for value, found in rows.items() if not _is_allowed(value, limit)}
    if not beyond:
        return None
    agreed, reached = allowed_in_words(limit.allow), _values_in_words(beyond, limit.kind)
    if limit.declared:
        message = f"you said {agreed}; this also reaches {reached}"
        advice = f"keep the change to what you said ({agreed}), or say from the start that it is meant to reach further"
    else:
        message = f"reaches {reached}; agreed is {agreed}"
        advice = f"keep the change to what was agreed ({agreed}), and make what is beyond it a change of its own"
    return Beyond({limit.kind: beyond}, agreed, message, advice)


def strict(change: Change, limit: StrictLimit) -> Beyond | None:
    """Return the values that need their owner."""
    rows = rows_of(change, limit.kind, limit.terms)
    beyond = {value: found for value, found in rows.items() if _is_strict(value, limit)}
    if not beyond:
        return None
    known = [value for value in beyond if value != UNKNOWN]
    noun = limit.kind.singular if len(known) == 1 else limit.kind.value
    parts = [f"the strict {noun} {listed(known)}"] if known else []
    if UNKNOWN in beyond:
        parts.append(f"an unknown {limit.kind.singular}, which may be a strict one")
    return Beyond(
        rows={limit.kind: beyond},
        agreed=NONE_STRICT,
        message=f"reaches {' and '.join(parts)}",
        advice="leave it out, or make it a change of its own that its owners read",
    )


def spread(change: Change, limit: SpreadLimit) -> Beyond | None:
    """Return the values where they are too many at once."""
    rows = rows_of(change, limit.dimension, limit.terms)
    known = {value: found for value, found in rows.items() if value not in (UNKNOWN, GLOBAL)}
    hidden = {} if limit.unknown_allowed or UNKNOWN not in rows else {UNKNOWN: rows[UNKNOWN]}
    too_many = len(known) > limit.at_most
    if not too_many and not hidden:
        return None
    parts = [f"reaches {len(known)} {limit.dimension.value} at once ({listed(known)})"] if too_many else []
    parts += [f"reaches an unknown {limit.dimension.singular}, which may be one more"] if hidden else []
    agreed = f"at most {limit.at_most}"
    return Beyond(
        rows={limit.dimension: (known if too_many else {}) | hidden},
        agreed=agreed,
        message=f"{' and '.join(parts)}; agreed is {agreed}",
        advice=f"make one change for each {limit.dimension.singular}, each with its own plan",
    )


def unknown(change: Change, limit: UnknownLimit) -> Beyond | None:
    """Return the dimensions in which something is unknown."""
    found = {kind: rows_of(change, kind, limit.terms).get(UNKNOWN, ()) for kind in limit.dimensions}
    places: dict[LimitKind, Rows] = {kind: {UNKNOWN: instances} for kind, instances in found.items() if instances}
    types = _unmapped_types(change, limit) if limit.types else {}
    edges = _hidden_edges(change) if limit.edges else {}
    if not places and not types and not edges:
        return None
    messages = [*_unknown_places(places)]
    messages += [f"{number_of(len(types), 'type')} in no fact table ({listed(types)})"] if types else []
    messages += [f"edges hidden behind locals in {number_of(len(edges), 'block')}"] if edges else []
    rest = {**types, **edges}
    return Beyond(
        rows={**places, **({LimitKind.UNKNOWNS: rest} if rest else {})},
        agreed=NONE_UNKNOWN,
        message="; ".join(messages),
        advice=_unknown_advice(places, types, edges),
    )


def rows_of(change: Change, kind: LimitKind, terms: Terms) -> Rows:
    """Return the values of one dimension that are reached in a way the limit counts, each with its instances."""
    if kind is LimitKind.STACKS:
        return dict.fromkeys(change.stacks, ())
    merged: dict[str, list[int]] = {}
    for value, tally in _tallies(change, kind):
        if found := tally.of(terms.counts):
            merged.setdefault(UNKNOWN if value is None else value, []).extend(found)
    return {value: tuple(sorted(set(found))) for value, found in sorted(merged.items())}


def allowed_in_words(allow: tuple[str, ...]) -> str:
    """Return what an allow list agrees to."""
    if allow == ("*",):
        return "not global"
    return listed(allow) if allow else "nothing"


def is_value(value: str, patterns: Iterable[str]) -> bool:
    """Return whether one of the globs matches; ``global`` only by its own name, since it is wider than any region."""
    return any(value == pattern if value == GLOBAL else matches(pattern, value) for pattern in patterns)


def _is_allowed(value: str, limit: AllowLimit) -> bool:
    return limit.unknown_allowed if value == UNKNOWN else is_value(value, limit.allow)


def _is_strict(value: str, limit: StrictLimit) -> bool:
    return not limit.unknown_allowed if value == UNKNOWN else is_value(value, limit.strict)


def _values_in_words(values: Iterable[str], kind: LimitKind) -> str:
    return listed(f"an unknown {kind.singular}" if value == UNKNOWN else value for value in values)


def _unknown_places(places: Mapping[LimitKind, Rows]) -> Iterable[str]:
    if places:
        count = len({position for rows in places.values() for found in rows.values() for position in found})
        yield f"{listed_with_and(kind.singular for kind in places)} unknown for {number_of(count, 'resource')}"


def _unknown_advice(places: Mapping[LimitKind, Rows], types: Rows, edges: Rows) -> str:
    advice = [_KNOWN_PLACES] if places else []
    advice += ["add the types to a facts table of your own"] if types else []
    advice += ["pass the folder of the .tf files with --source, or write out the locals"] if edges else []
    return "; ".join(advice)


def _unmapped_types(change: Change, limit: UnknownLimit) -> Rows:
    found: dict[str, list[int]] = {}
    for touch in change.reach.touches.values():
        placement = change.placements[touch.instance]
        if touch.how in limit.terms.counts and placement.located and not placement.mapped:
            found.setdefault(change.plan.instances[touch.instance].type, []).append(touch.instance)
    return {name: tuple(instances) for name, instances in sorted(found.items())}


def _hidden_edges(change: Change) -> Rows:
    """Return the blocks with hidden edges; none where nothing changes, since then nothing could travel along them."""
    if not change.reach.touches or not change.hidden:
        return {}
    blocks: dict[str, list[int]] = {in_stack(hidden.stack, hidden.block): [] for hidden in change.hidden}
    for position, instance in enumerate(change.plan.instances):
        block = ConfigAddress(module_path(instance.module), instance.mode, instance.type, instance.name)
        if (address := in_stack(instance.stack, str(block))) in blocks:
            blocks[address].append(position)
    return {block: tuple(instances) for block, instances in blocks.items()}


def _tallies(change: Change, kind: LimitKind) -> Iterable[tuple[str | None, Tally]]:
    places = change.footprint
    match kind:
        case LimitKind.PROVIDERS:
            return ((key.provider, tally) for key, tally in places.partitions.items())
        case LimitKind.PARTITIONS:
            return ((key.value, tally) for key, tally in places.partitions.items())
        case LimitKind.REGIONS:
            return ((key.region, tally) for key, tally in places.regions.items())
        case LimitKind.ACCOUNTS:
            return ((key.value, tally) for key, tally in places.accounts.items())
        case LimitKind.SERVICES:
            return ((key.value, tally) for key, tally in places.services.items())
        case LimitKind.ENVIRONMENTS:
            return places.environments.items()
        case LimitKind.JURISDICTIONS:
            return places.jurisdictions.items()
        case _:
            raise AssertionError(f"{kind} has no values")
