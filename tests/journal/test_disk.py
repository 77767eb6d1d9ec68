"""Network file systems are told by the table of mounts."""

from pathlib import Path, PurePosixPath

import pytest

from pipeforge.journal.disk import network, remote

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /home rw,relatime shared:2 - nfs4 server:/home rw,vers=4.2
31 30 8:2 / /home/mika/local rw,relatime - xfs /dev/sdb1 rw
32 22 0:41 / /mnt/two\040words rw master:3 - fuse.sshfs host:/ rw
33 22 0:42 / /mnt/own rw - fuse.mergerfs a:b rw
34 22 0:43 / /over rw - nfs server:/x rw
35 22 8:3 / /over rw - ext4 /dev/sdc1 rw
torn line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/journal.db", ""),
        ("/home/mika/journal.db", "nfs4"),
        ("/homes/journal.db", ""),
        ("/home/mika/local/journal.db", ""),
        ("/mnt/two words/journal.db", "fuse.sshfs"),
        ("/mnt/own/journal.db", ""),
        ("/over/journal.db", ""),
    ],
)
def test_the_mount_that_holds_a_file_decides(path, kind):
    assert remote(PurePosixPath(path), MOUNTS) == kind


def test_where_no_table_can_be_read_nothing_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeforge.journal.disk._MOUNTS", tmp_path / "none")
    assert network(Path("/home/mika/journal.db")) == ""
