from __future__ import annotations

import pytest
from botocore.loaders import create_loader

from s4desk.core.domain.aws_sites import AWS_SITES, aws_host, is_aws_host
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.identity import ConnectionId


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "s3.eu-west-1.amazonaws.com"),
        ("us-gov-west-1", "s3.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
        ("cn-somewhere-9", "s3.cn-somewhere-9.amazonaws.com.cn"),
        ("eusc-de-east-1", "s3.eusc-de-east-1.amazonaws.eu"),
        ("us-isob-new-1", "s3.us-isob-new-1.sc2s.sgov.gov"),
        ("us-iso-west-1", "s3.us-iso-west-1.c2s.ic.gov"),
        ("moon-1", "s3.moon-1.amazonaws.com"),
    ],
)
def test_a_region_has_the_host_of_its_partition(region, host):
    assert aws_host(region) == host
    assert is_aws_host(host)
    assert Connection(ConnectionId("1"), "A", f"https://{host}:443/").is_aws


@pytest.mark.parametrize("host", ["s3.amazonaws.com.example.org", "notamazonaws.com", "s3.test"])
def test_a_host_that_only_looks_like_it_is_not_of_aws(host):
    assert not is_aws_host(host)
    assert not Connection(ConnectionId("1"), "A", f"https://{host}").is_aws


def test_every_region_of_botocore_is_there():
    partitions = create_loader().load_data("endpoints")["partitions"]
    theirs = {
        region: f"s3.{region}.{partition['dnsSuffix']}"
        for partition in partitions
        for region in partition["regions"]
    }
    ours = [region for site in AWS_SITES for region in site.regions]
    assert theirs.keys() <= set(ours)
    assert len(ours) == len(set(ours))
    assert {region: aws_host(region) for region in theirs} == theirs
