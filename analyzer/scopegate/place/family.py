"""Which provider family an instance belongs to."""

from typing import Final

from msgspec import Struct

from scopegate.facts.facts import Facts
from scopegate.facts.model import ProviderFacts

_PUBLISHERS: Final = frozenset({"hashicorp", "opentofu", "-"})
"""Who publishes the providers below; ``-`` is how Terraform 0.13 wrote the ones of 0.12 states."""
_PUBLISHED: Final = frozenset(
    {"aws", "awscc", "azuread", "azurerm", "google", "google-beta", "helm", "kubernetes", "vault", "consul", "random"}
    | {"null", "local", "tls", "time", "http", "external", "archive", "template", "cloudinit"}
)
_BUILTIN: Final = "terraform.io/builtin/"


class Family(Struct, frozen=True):
    """A provider by its own type name. ``facts`` is None where no table knows it; ``cloud`` keys its regions."""

    name: str
    cloud: str
    facts: ProviderFacts | None


def family_of(provider_name: str, facts: Facts) -> Family:
    """Return the family of a provider written as ``registry.terraform.io/hashicorp/aws`` or, by 0.12, as ``aws``.

    Registry hosts differ (mirrors, OpenTofu) and do not matter. The publisher does: ``someone/aws`` is not the AWS
    provider, so nothing the tables say about AWS holds for it, and it keeps its publisher in its name.
    """
    *_, publisher, name = ("-", *provider_name.split("/"))
    if name in _PUBLISHED and publisher not in _PUBLISHERS and not provider_name.startswith(_BUILTIN):
        return Family(f"{publisher}/{name}", f"{publisher}/{name}", None)
    known = facts.provider(name)
    return Family(known.name, known.cloud, known) if known else Family(name or "unknown", name, None)
