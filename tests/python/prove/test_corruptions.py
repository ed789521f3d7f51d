"""`verify` refuses a corrupted bundle whose checksums were repaired."""

from prove.corruptions import CORRUPTIONS, accepted, make


def test_verify_refuses_each_kind(tmp_path):
    bundles = make(tmp_path / "made")
    assert accepted(bundles, tmp_path / "corrupted", 2 * len(CORRUPTIONS), seed=1) == []
