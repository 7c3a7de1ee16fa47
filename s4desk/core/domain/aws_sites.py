"""Where AWS answers: the partitions and regions of botocore's endpoints.

"Amazon S3 endpoints and quotas" in the AWS reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

AWS_SITES: Final = (
    Site(
        "https://s3.{region}.amazonaws.com",
        {
            "us-east-1": "US East (N. Virginia)",
            "us-east-2": "US East (Ohio)",
            "us-west-1": "US West (N. California)",
            "us-west-2": "US West (Oregon)",
            "ca-central-1": "Canada (Central)",
            "ca-west-1": "Canada West (Calgary)",
            "mx-central-1": "Mexico (Central)",
            "sa-east-1": "South America (São Paulo)",
            "eu-central-1": "Europe (Frankfurt)",
            "eu-central-2": "Europe (Zurich)",
            "eu-west-1": "Europe (Ireland)",
            "eu-west-2": "Europe (London)",
            "eu-west-3": "Europe (Paris)",
            "eu-north-1": "Europe (Stockholm)",
            "eu-south-1": "Europe (Milan)",
            "eu-south-2": "Europe (Spain)",
            "il-central-1": "Israel (Tel Aviv)",
            "me-central-1": "Middle East (UAE)",
            "me-south-1": "Middle East (Bahrain)",
            "af-south-1": "Africa (Cape Town)",
            "ap-east-1": "Asia Pacific (Hong Kong)",
            "ap-east-2": "Asia Pacific (Taipei)",
            "ap-northeast-1": "Asia Pacific (Tokyo)",
            "ap-northeast-2": "Asia Pacific (Seoul)",
            "ap-northeast-3": "Asia Pacific (Osaka)",
            "ap-south-1": "Asia Pacific (Mumbai)",
            "ap-south-2": "Asia Pacific (Hyderabad)",
            "ap-southeast-1": "Asia Pacific (Singapore)",
            "ap-southeast-2": "Asia Pacific (Sydney)",
            "ap-southeast-3": "Asia Pacific (Jakarta)",
            "ap-southeast-4": "Asia Pacific (Melbourne)",
            "ap-southeast-5": "Asia Pacific (Malaysia)",
            "ap-southeast-6": "Asia Pacific (New Zealand)",
            "ap-southeast-7": "Asia Pacific (Thailand)",
            "us-gov-east-1": "AWS GovCloud (US-East)",
            "us-gov-west-1": "AWS GovCloud (US-West)",
        },
    ),
    Site(
        "https://s3.{region}.amazonaws.com.cn",
        {"cn-north-1": "China (Beijing)", "cn-northwest-1": "China (Ningxia)"},
        "AWS China",
    ),
    Site(
        "https://s3.{region}.amazonaws.eu",
        {"eusc-de-east-1": "European Sovereign Cloud (Germany)"},
        "AWS European Sovereign Cloud",
    ),
    Site(
        "https://s3.{region}.c2s.ic.gov",
        {"us-iso-east-1": "US ISO East", "us-iso-west-1": "US ISO West"},
        "AWS ISO",
    ),
    Site(
        "https://s3.{region}.sc2s.sgov.gov",
        {"us-isob-east-1": "US ISOB East (Ohio)", "us-isob-west-1": "US ISOB West"},
        "AWS ISOB",
    ),
    Site(
        "https://s3.{region}.cloud.adc-e.uk",
        {"eu-isoe-west-1": "EU ISOE West"},
        "AWS ISOE",
    ),
    Site(
        "https://s3.{region}.csp.hci.ic.gov",
        {"us-isof-east-1": "US ISOF East", "us-isof-south-1": "US ISOF South"},
        "AWS ISOF",
    ),
)
"""One for each partition; GovCloud has the addresses of the standard one."""

AWS_OTHER_HOSTS: Final[Mapping[str, str]] = {
    "s3.amazonaws.com": "us-east-1",
    "s3-{region}.amazonaws.com": "",
    "s3.dualstack.{region}.amazonaws.com": "",
    "s3-fips.{region}.amazonaws.com": "",
    "s3-fips.dualstack.{region}.amazonaws.com": "",
}

_SUFFIXES: Final = tuple(site.host.partition("{region}.")[2] for site in AWS_SITES)


def is_aws_host(host: str) -> bool:
    return any(host.endswith(f".{suffix}") for suffix in _SUFFIXES)


def aws_host(region: str) -> str:
    """Where S3 answers for a region; one that is not known is of the standard partition."""
    found = (site for site in AWS_SITES if region in site.regions)
    site = next(found, None) or next(
        (site for site in AWS_SITES if region.startswith(_stem(site))), AWS_SITES[0]
    )
    return site.host.replace("{region}", region)


def _stem(site: Site) -> str:
    """How the names of a partition's regions begin: cn-, eusc-, us-isob-."""
    if site is AWS_SITES[0]:
        return "?"
    stems = {"-".join(name.split("-")[: 2 if "-iso" in name else 1]) for name in site.regions}
    return f"{stems.pop()}-"
