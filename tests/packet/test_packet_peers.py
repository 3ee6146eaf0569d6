"""The mixed capture as tshark, scapy and dpkt read it: on each field that they share with us, all agree."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from netlab.packet import decode
from tests.packet.mixed import frames
from tests.packet.peers import FIELDS, View, by_dpkt, by_scapy, by_tshark, ours


@cache
def _views() -> list[View]:
    return [ours(decode(frame)) for frame in frames()]


def test_tshark_reads_each_field_as_we_do(tmp_path: Path) -> None:
    theirs = by_tshark(frames(), tmp_path)
    assert theirs == _views()
    assert {name for view in theirs for name in view} == set(FIELDS), "each field occurs"


@pytest.mark.parametrize(("peer", "least"), [(by_scapy, 60), (by_dpkt, 45)])
def test_scapy_and_dpkt_read_each_field_that_they_share_as_we_do(peer: object, least: int) -> None:
    shared: Counter[str] = Counter()
    for frame, view in zip(frames(), _views(), strict=True):
        theirs = peer(frame)  # type: ignore[operator]
        assert {name: view.get(name) for name in theirs} == theirs
        shared.update(theirs.keys())
    assert len(shared) >= least


def test_a_peer_that_disagrees_is_noticed(tmp_path: Path) -> None:
    frame = bytearray(frames()[2])
    frame[40] ^= 1  # in the UDP checksum
    assert by_tshark([bytes(frame)], tmp_path) != [_views()[2]]
    assert by_scapy(bytes(frame))["udp.checksum"] != _views()[2]["udp.checksum"]
