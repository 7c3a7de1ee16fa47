"""All commands of one window, each given what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.clock import SystemClock
from s4desk.gui.commands.archive_states import ArchiveStates
from s4desk.gui.commands.bookmarking import Bookmarking
from s4desk.gui.commands.browsing import Browsing
from s4desk.gui.commands.bucket_locking import BucketLocking
from s4desk.gui.commands.bundle import Commands
from s4desk.gui.commands.clipping import Clipping
from s4desk.gui.commands.closing import Closing
from s4desk.gui.commands.commanding import Commanding
from s4desk.gui.commands.completing import Completing
from s4desk.gui.commands.configuring import Configuring
from s4desk.gui.commands.connecting import Connecting
from s4desk.gui.commands.copying import Copying
from s4desk.gui.commands.cut_off import CutOff
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
from s4desk.gui.commands.grouping import Grouping
from s4desk.gui.commands.importing import Importing
from s4desk.gui.commands.inspecting import Inspecting
from s4desk.gui.commands.lifecycle_applying import LifecycleApplying
from s4desk.gui.commands.lifecycle_previewing import LifecyclePreviewing
from s4desk.gui.commands.lifecycle_scheduling import LifecycleScheduling
from s4desk.gui.commands.lock_badges import LockBadges
from s4desk.gui.commands.lock_guard import LockGuard
from s4desk.gui.commands.lock_reading import LockReading
from s4desk.gui.commands.locking import Locking
from s4desk.gui.commands.log_reading import LogReading
from s4desk.gui.commands.making import Making
from s4desk.gui.commands.measuring import Measuring
from s4desk.gui.commands.moving import Moving
from s4desk.gui.commands.notices import Notices
from s4desk.gui.commands.planning import Planning
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
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.gui.views.timeline_panel import TimelinePanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.desk import Desk
    from s4desk.core.persist.settings import Settings
    from s4desk.gui.assets import Assets
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.queueing import QueueFeed
    from s4desk.gui.main_window import MainWindow
    from s4desk.gui.models.cells import Icons


def make_commands(
    desk: Desk,
    assets: Assets,
    window: MainWindow,
    tasks: GuiTasks,
    feed: QueueFeed,
    show_settings: Callable[[Settings], None],
) -> Commands:
    """`show_settings` shows in the window what was changed of the settings."""
    notices = Notices(window.status_bar, window, assets.app_icon())
    browsing = Browsing(
        desk, window.sources, window.pane, window.path_bar, window.tree, window.tree_model
    )
    group_rows = GroupRows(desk, SystemClock(), window.ticker, notices, browsing, window.pane)
    locks = LockReading(desk, SystemClock())
    guard = LockGuard(desk, locks, window)
    archives = ArchiveStates(desk, tasks, SystemClock(), browsing, window.pane)
    badges = LockBadges(locks, tasks, SystemClock(), browsing, window.pane)
    replicated = ReplicationReading(desk, SystemClock())
    replication_badges = ReplicationBadges(
        desk, replicated, tasks, window.ticker, SystemClock(), browsing, window.pane
    )
    planning = Planning(desk, feed, guard, window)
    transferring = Transferring(desk, planning, window)
    deleting = Deleting(desk, tasks, notices, browsing, guard, window)
    making = Making(desk, browsing, window)
    icons = assets.icon
    preview = PreviewPanel(icons, window.middle)
    assets.changed.connect(preview.redraw_icons)
    queueing, reporting = Queueing(desk, feed, notices, window), Reporting(desk, notices, window)
    verifying = Verifying(desk, tasks, feed, notices, window)
    moving = Moving(desk, tasks, notices, planning, making, window.sources, icons, window)
    applying = LifecycleApplying(desk, tasks, SystemClock(), window)
    scheduling = LifecycleScheduling(desk, tasks, notices, SystemClock(), window)
    lifecycle_previewing = LifecyclePreviewing(
        desk, tasks, SystemClock(), applying, scheduling, window
    )
    scheduling.let_preview(lifecycle_previewing.look_ahead)
    configuring = Configuring(desk, tasks, notices, icons, lifecycle_previewing, window)
    editing = ReplicationEditing(
        desk, tasks, notices, SystemClock(), replicated, configuring, window
    )
    text_editing = TextEditing(desk, tasks, SystemClock(), window)
    clipping = Clipping(desk, notices, moving, transferring)
    cut_off = CutOff(desk, notices, deleting, window)
    connecting = Connecting(desk, tasks, feed, browsing, Grouping(desk, window), window)
    members = GroupComparing(desk, tasks, window)
    looking = GroupLooking(
        desk, tasks, window.ticker, SystemClock(), browsing, connecting, members, window
    )
    recovering = Recovering(desk, feed, notices, cut_off, window.banner, window)
    deleting.let_offer(recovering.look_at_deletions)
    previewing = Previewing(desk, tasks, notices, browsing, window.pane, preview, text_editing)
    versioning = Versioning(desk, notices, browsing, deleting, SystemClock(), window)
    timeline = _timeline(desk, tasks, browsing, icons, window)
    timeline.let_act(previewing, transferring, versioning)
    return Commands(
        subject=Subject(
            browsing,
            window.pane,
            window.transfer_model,
            clipping,
            desk.stores.report,
            locks.is_locking,
            desk.groups.status,
        ),
        notices=notices,
        browsing=browsing,
        tabbing=Tabbing(desk, browsing, window.pane, window.tab_strip),
        bookmarking=Bookmarking(desk, tasks, browsing, window.bookmark_menu, window.recent_menu),
        shortcuts=Shortcuts(desk, tasks, window.acts, window),
        commanding=Commanding(
            window.acts,
            window.menuBar(),
            browsing,
            desk,
            (window.bookmark_menu, window.recent_menu),
            window,
        ),
        completing=Completing(desk, window.sources, browsing, window.path_bar, tasks),
        finding=Finding(browsing, window),
        going_to=GoingTo(desk, window.sources, browsing, window.path_bar, tasks),
        connecting=connecting,
        signing_in=SigningIn(desk, tasks, feed, notices, browsing, connecting, window),
        inspecting=Inspecting(
            desk, tasks, notices, browsing, SystemClock(), window.pane, window.inspector
        ),
        previewing=previewing,
        text_editing=text_editing,
        sorting=Sorting(window.pane.browsers, window.acts),
        thumbnailing=Thumbnailing(desk, tasks, SystemClock(), browsing, window.pane.grid),
        locks=locks,
        lock_badges=badges,
        replication_badges=replication_badges,
        replication_reading=replicated,
        locking=Locking(desk, tasks, notices, locks, badges.tell_changed, window),
        bucket_locking=BucketLocking(desk, notices, locks, badges.tell_changed, window),
        group_comparing=members,
        group_looking=looking,
        group_rows=group_rows,
        group_watching=GroupWatching(
            desk,
            tasks,
            window.ticker,
            SystemClock(),
            browsing,
            looking,
            window.pane,
            window.status_bar,
        ),
        importing=Importing(desk, tasks, notices, window),
        diagnosing=Diagnosing(desk, window),
        unlocking=Unlocking(desk.secrets, notices, window),
        log_reading=LogReading(desk, tasks, notices, icons, window),
        making=making,
        deleting=deleting,
        undeleting=Undeleting(desk, tasks, notices, window),
        versioning=versioning,
        timeline=timeline,
        moving=moving,
        renaming=Renaming(desk, tasks, planning, browsing, guard, window),
        dropping=Dropping(desk, tasks, browsing, moving, guard, group_rows, window),
        clipping=clipping,
        transferring=transferring,
        syncing=Syncing(desk, tasks, feed, notices, planning, deleting, icons, window),
        verifying=verifying,
        dragging=Dragging(desk, tasks, feed, notices, transferring, SystemClock(), window.pane),
        queueing=queueing,
        reclaiming=Reclaiming(desk, tasks, feed, guard, icons, window),
        recovering=recovering,
        reporting=reporting,
        recalling=Recalling(
            desk, tasks, browsing, planning, queueing, reporting, verifying, icons, window
        ),
        copying=Copying(desk, notices),
        measuring=Measuring(desk, tasks, browsing, SystemClock(), window),
        sharing=Sharing(desk, tasks, notices, SystemClock(), window),
        preferring=Preferring(desk, tasks, feed, show_settings, icons, window),
        probing=Probing(desk, tasks, browsing, icons, window),
        properties=Properties(desk, tasks, notices, SystemClock(), window),
        archive_states=archives,
        unarchiving=Unarchiving(desk, tasks, notices, SystemClock(), archives, window),
        configuring=configuring,
        replication_editing=editing,
        replicating=Replicating(
            desk, tasks, window.ticker, SystemClock(), replicated, editing, window
        ),
        lifecycle_previewing=lifecycle_previewing,
        lifecycle_scheduling=scheduling,
        closing=Closing(desk, window.close_now, applying.under_way, window),
    )


def _timeline(
    desk: Desk, tasks: GuiTasks, browsing: Browsing, icons: Icons, window: MainWindow
) -> Timeline:
    panel = TimelinePanel(icons, window.inspector)
    window.inspector.add_below(panel)
    return Timeline(desk, tasks, browsing, window.pane, panel)
