"""The text of errors of the local file system, by their errno."""

from __future__ import annotations

import errno

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.rows import format_size


def local_problem(cause: OSError, path: str) -> tuple[str, str]:
    """What is wrong with a local file, and what to do about it."""
    problem, advice = _texts().get(
        cause.errno or 0,
        (tr("{path} cannot be used: {reason}."), tr("Check the file and try again.")),
    )
    reason = cause.strerror or tr("no reason given")
    return problem.format(path=path, reason=reason), advice


def no_room(path: str, needed: int, free: int) -> tuple[str, str]:
    """The same for a file of `needed` bytes where `free` are free."""
    problem = tr("There is not enough space in {path}: {needed} are needed, {free} are free.")
    return problem.format(
        path=path, needed=format_size(needed), free=format_size(free)
    ), _make_room()


def _make_room() -> str:
    return tr("Free some space or choose another folder, then retry.")


def _texts() -> dict[int, tuple[str, str]]:
    no_space = (
        tr("There is no space left on the disk for {path}."),
        _make_room(),
    )
    no_permission = (
        tr("You have no permission for {path}."),
        tr("Change the permissions of the file or folder, or choose another one."),
    )
    bad_name = (tr("This disk cannot store the name {path}."), tr("Choose another name."))
    return {
        errno.ENOSPC: no_space,
        errno.EDQUOT: no_space,
        errno.EFBIG: (
            tr("{path} is larger than a file may be on this disk."),
            tr("Choose a folder on another disk."),
        ),
        errno.EROFS: (tr("{path} is on a disk that is read-only."), tr("Choose another folder.")),
        errno.EACCES: no_permission,
        errno.EPERM: no_permission,
        errno.ENAMETOOLONG: (
            tr("The name {path} is too long for this disk."),
            tr("Choose a shorter name or a folder that is not as deep."),
        ),
        errno.ENOENT: (
            tr("{path} does not exist."),
            tr("It may have been moved or deleted; check the path."),
        ),
        errno.EISDIR: (tr("{path} is a folder, not a file."), tr("Choose another name.")),
        errno.ENOTDIR: (tr("{path} is inside a file, not a folder."), tr("Choose another folder.")),
        errno.EEXIST: (
            tr("{path} exists already."),
            tr("Choose another name, or what is to become of the old one."),
        ),
        errno.EILSEQ: bad_name,
        errno.EINVAL: bad_name,
        errno.ENXIO: (
            tr("{path} is not a file: a device, a pipe or a socket."),
            tr("Choose another name."),
        ),
        errno.EIO: (
            tr("The disk failed at {path}."),
            tr("Check the disk before you trust it again."),
        ),
        errno.EMFILE: (
            tr("Too many files are open."),
            tr("Lower the number of transfers at once and retry."),
        ),
    }
