"""Words of the command line that only look like options."""

from __future__ import annotations

import pytest

from s4desk.app.cli.arguments import build_parser


@pytest.mark.parametrize("verb", [["rm"], ["lock", "show"], ["lock", "set"], ["share"]])
def test_a_version_id_may_begin_with_a_dash(verb: list[str]) -> None:
    """One of 64 that Ceph makes does."""
    words = build_parser().parse_args([*verb, "T:b/key", "--version-id", "-kA.x"])
    assert (words.version_id, words.place) == ("-kA.x", "T:b/key")


def test_an_upload_id_may_too() -> None:
    assert build_parser().parse_args(["uploads", "abort", "T:b", "--upload", "-2~x"]).upload == (
        "-2~x"
    )


@pytest.mark.parametrize(
    "words",
    [
        ["rm", "T:b/key", "--version-id", "--yes"],
        ["uploads", "abort", "T:b", "--upload", "--json"],
        ["lock", "show", "T:b/key", "--version-id", "--json"],
        ["rm", "--version-id", "--", "T:b/key"],
    ],
)
def test_an_option_is_no_id(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(words)
    assert "expected one argument" in capsys.readouterr().err
