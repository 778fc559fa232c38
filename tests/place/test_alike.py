"""Objects that are taken for alike say the same: what tells them apart holds all that evidence is read of."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handmade import instance, raw
from place.documents import AWS, AZURE, FACTS, GOOGLE
from scopegate.place import evidence
from scopegate.place.attributes import UNMARKED_STATE, read_values
from scopegate.place.family import family_of
from scopegate.place.location import Locations
from scopegate.place.subject import Subject, subject_of

OTHER = "registry.terraform.io/digitalocean/digitalocean"
TYPES = [
    (AWS, "aws_sqs_queue"),
    (AWS, "aws_iam_role"),
    (AWS, "aws_subnet"),
    (AWS, "aws_autoscaling_group"),
    (AWS, "aws_cloudwatch_event_target"),
    (AWS, "data.aws_region"),
    (AWS, "data.aws_availability_zones"),
    (AZURE, "azurerm_storage_account"),
    (AZURE, "azurerm_subnet"),
    (AZURE, "azurerm_network_interface_security_group_association"),
    (GOOGLE, "google_compute_disk"),
    (GOOGLE, "google_compute_subnetwork"),
    (GOOGLE, "google_compute_region_disk"),
    (GOOGLE, "google_storage_bucket_object"),
    (OTHER, "digitalocean_droplet"),
]
GUIDS = ("11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555")
TEXTS: tuple[Any, ...] = (
    None,
    1,
    True,
    ["eu-central-1a", "eu-central-1b"],
    ["us-east-1a"],
    [["us-east-1a"]],
    {"a": "b"},
    "",
    "eu-central-1",
    "us-east-1b",
    "West Europe",
    "europe-west1",
    "europe-west1-b",
    "arn:aws:sqs:eu-central-1:111122223333:a",
    "arn:aws:sqs:eu-central-1:111122223333:b",
    "arn:aws:sqs:us-east-1:111122223333:a",
    "arn:aws:sqs:eu-central-1:111122223333:",
    "arn:aws:sqs:eu-central-1:111122223333: a",
    "arn:aws-cn:s3:::a:b",
    "arn:aws:iam::999999999999:role/a",
    "111122223333",
    *(f"/subscriptions/{guid}/resourceGroups/{name}" for guid in GUIDS for name in "ab"),
    GUIDS[0],
    *(f"projects/{project}/global/networks/a" for project in "pq"),
    *(f"projects/p/locations/{place}/a/b" for place in ("global", "europe-west1")),
    *(f"https://www.googleapis.com/compute/v1/projects/p/zones/europe-west1-b/disks/{name}" for name in "ab"),
)


def subject_for(provider: str, kind: str) -> Subject:
    family = family_of(provider, FACTS)
    return subject_of(instance(f"{kind}.x"), family, FACTS.resource_type(family.name, kind, data=False))


def paths_of(subject: Subject) -> list[str]:
    named = {*subject.places, *subject.zones, *subject.accounts, *subject.parents}
    return sorted({"arn", "id", "name", "self_link", "owner_id", *(path.partition(".")[0] for path in named)})


@pytest.mark.parametrize(("provider", "kind"), TYPES, ids=[kind for _, kind in TYPES])
@settings(max_examples=40)
@given(st.data())
def test_what_has_one_digest_gives_one_testimony(provider: str, kind: str, data: st.DataObject) -> None:
    subject, locations = subject_for(provider, kind), Locations(FACTS)
    digest = evidence.digest_of(subject)
    two_paths = st.lists(st.sampled_from(paths_of(subject)), min_size=1, max_size=2)
    objects = st.dictionaries(st.sampled_from(data.draw(two_paths)), st.sampled_from(TEXTS), max_size=2)
    said: dict[object, object] = {}
    for values in data.draw(st.lists(objects, min_size=2, max_size=40)):
        read = read_values(raw(values), whole=subject.whole)
        testimony = evidence.testify(read, UNMARKED_STATE, subject, locations)
        key = digest(read)
        try:
            known = said.setdefault(key, testimony)
        except TypeError:  # a list in it
            known = said.setdefault(repr(key), testimony)
        assert known == testimony


def test_objects_that_differ_in_their_names_alone_have_one_digest() -> None:
    digest = evidence.digest_of(subject_for(AWS, "aws_sqs_queue"))
    alike = (
        {"arn": f"arn:aws:sqs:eu-central-1:111122223333:{name}", "id": f"https://sqs/{name}", "region": "eu-central-1"}
        for name in ("orders", "invoices")
    )
    first, second = (digest(read_values(raw(values), whole=False)) for values in alike)
    assert first == second
