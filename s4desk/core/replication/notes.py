"""What there is to say of a write that has come to its end otherwise than by arriving whole."""

from __future__ import annotations

from s4desk.core.runtime.i18n import tr


def history() -> str:
    return tr("A newer version is there already: this one was not put on top of it.")


def bygone() -> str:
    return tr(
        "It only came to light again when a newer version was deleted, which is still there: that"
        " one was not replaced."
    )


def not_ours() -> str:
    return tr("What is there is no replica: it was not hidden by the delete marker.")


def newer() -> str:
    return tr("Somebody else has written something newer at the destination: it was not replaced.")


def tied() -> str:
    return tr(
        "Somebody else wrote at the destination at about the same time: neither was replaced."
        " Write the one again that shall stay."
    )


def unlocked() -> str:
    return tr("Whether the destination locks objects may not be asked, and it took no lock.")


def keyed() -> str:
    return tr(
        "Whether the destination keeps versions may not be asked: each version gets a key of its"
        " own."
    )


def no_versions() -> str:
    return tr("The destination keeps no versions: deleted there, the object would be gone.")


def hidden_versions() -> str:
    return tr(
        "Whether the destination keeps versions may not be asked: deleted there, the object might"
        " be gone."
    )


def older_failed() -> str:
    return tr("An older version has not arrived: this one waits for it.")
