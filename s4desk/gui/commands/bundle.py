"""All commands of one window together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s4desk.gui.commands.archive_states import ArchiveStates
    from s4desk.gui.commands.bookmarking import Bookmarking
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.bucket_locking import BucketLocking
    from s4desk.gui.commands.clipping import Clipping
    from s4desk.gui.commands.closing import Closing
    from s4desk.gui.commands.commanding import Commanding
    from s4desk.gui.commands.completing import Completing
    from s4desk.gui.commands.configuring import Configuring
    from s4desk.gui.commands.connecting import Connecting
    from s4desk.gui.commands.copying import Copying
    from s4desk.gui.commands.deleting import Deleting
    from s4desk.gui.commands.diagnosing import Diagnosing
    from s4desk.gui.commands.dragging import Dragging
    from s4desk.gui.commands.dropping import Dropping
    from s4desk.gui.commands.finding import Finding
    from s4desk.gui.commands.going_to import GoingTo
    from s4desk.gui.commands.group_comparing import GroupComparing
    from s4desk.gui.commands.group_looking import GroupLooking
    from s4desk.gui.commands.group_rows import GroupRows
    from s4desk.gui.commands.group_watching import GroupWatching
    from s4desk.gui.commands.importing import Importing
    from s4desk.gui.commands.inspecting import Inspecting
    from s4desk.gui.commands.lifecycle_previewing import LifecyclePreviewing
    from s4desk.gui.commands.lifecycle_scheduling import LifecycleScheduling
    from s4desk.gui.commands.lock_badges import LockBadges
    from s4desk.gui.commands.lock_reading import LockReading
    from s4desk.gui.commands.locking import Locking
    from s4desk.gui.commands.log_reading import LogReading
    from s4desk.gui.commands.making import Making
    from s4desk.gui.commands.measuring import Measuring
    from s4desk.gui.commands.moving import Moving
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.commands.preferring import Preferring
    from s4desk.gui.commands.previewing import Previewing
    from s4desk.gui.commands.probing import Probing
    from s4desk.gui.commands.properties import Properties
    from s4desk.gui.commands.queueing import Queueing
    from s4desk.gui.commands.recalling import Recalling
    from s4desk.gui.commands.reclaiming import Reclaiming
    from s4desk.gui.commands.recovering import Recovering
    from s4desk.gui.commands.renaming import Renaming
    from s4desk.gui.commands.replicating import Replicating
    from s4desk.gui.commands.replication_badges import ReplicationBadges
    from s4desk.gui.commands.replication_editing import ReplicationEditing
    from s4desk.gui.commands.replication_reading import ReplicationReading
    from s4desk.gui.commands.reporting import Reporting
    from s4desk.gui.commands.sharing import Sharing
    from s4desk.gui.commands.shortcuts import Shortcuts
    from s4desk.gui.commands.signing_in import SigningIn
    from s4desk.gui.commands.sorting import Sorting
    from s4desk.gui.commands.subject import Subject
    from s4desk.gui.commands.syncing import Syncing
    from s4desk.gui.commands.tabbing import Tabbing
    from s4desk.gui.commands.text_editing import TextEditing
    from s4desk.gui.commands.thumbnailing import Thumbnailing
    from s4desk.gui.commands.timeline import Timeline
    from s4desk.gui.commands.transferring import Transferring
    from s4desk.gui.commands.unarchiving import Unarchiving
    from s4desk.gui.commands.undeleting import Undeleting
    from s4desk.gui.commands.unlocking import Unlocking
    from s4desk.gui.commands.verifying import Verifying
    from s4desk.gui.commands.versioning import Versioning


@dataclass(frozen=True, slots=True)
class Commands:
    """One window's commands; `subject` is what they are about."""

    subject: Subject
    notices: Notices
    browsing: Browsing
    tabbing: Tabbing
    bookmarking: Bookmarking
    commanding: Commanding
    shortcuts: Shortcuts
    completing: Completing
    finding: Finding
    going_to: GoingTo
    connecting: Connecting
    signing_in: SigningIn
    group_comparing: GroupComparing
    group_looking: GroupLooking
    group_rows: GroupRows
    group_watching: GroupWatching
    importing: Importing
    inspecting: Inspecting
    locks: LockReading
    lock_badges: LockBadges
    replication_badges: ReplicationBadges
    replication_reading: ReplicationReading
    locking: Locking
    bucket_locking: BucketLocking
    log_reading: LogReading
    unlocking: Unlocking
    previewing: Previewing
    thumbnailing: Thumbnailing
    sorting: Sorting
    making: Making
    deleting: Deleting
    undeleting: Undeleting
    versioning: Versioning
    timeline: Timeline
    moving: Moving
    renaming: Renaming
    dropping: Dropping
    clipping: Clipping
    transferring: Transferring
    syncing: Syncing
    verifying: Verifying
    dragging: Dragging
    diagnosing: Diagnosing
    queueing: Queueing
    recovering: Recovering
    reclaiming: Reclaiming
    reporting: Reporting
    recalling: Recalling
    copying: Copying
    sharing: Sharing
    text_editing: TextEditing
    measuring: Measuring
    preferring: Preferring
    probing: Probing
    properties: Properties
    archive_states: ArchiveStates
    unarchiving: Unarchiving
    configuring: Configuring
    lifecycle_previewing: LifecyclePreviewing
    lifecycle_scheduling: LifecycleScheduling
    replication_editing: ReplicationEditing
    replicating: Replicating
    closing: Closing
