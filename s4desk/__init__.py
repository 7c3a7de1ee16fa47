"""s4desk: a desktop manager for S3 object storage.

The house, from the top. An arrow says who may import whom; import-linter holds it.

    app ▶ gui ▶ viewmodels ▶ core

    app         main (entry), window, ownership (one window at a time; the second start and the
                verbs reach it by channel), cli (headless verbs, each run with a journal of its
                own), wiring (builds the Desk), selftest, excepthook, paths, demo (embedded S3
                server, a process of its own)
    gui         run ▶ session (wires it all, imported after the first paint) ▶ assembly (makes the
                commands) ▶ main_window (assembles only) ▶ commands (one method per intention,
                the only callers of engines) ▶ views | dialogs ▶ models ▶ actions ▶ bridge (Qt and
                asyncio, decoding of images, Qt's own words) | assets | room (lengths that grow
                with the size of text)
    viewmodels  what is shown, without Qt: forms, pager, columns and their order, rows, places,
                acts (what can be asked for) and their availability (what can be done now, and why
                not), inspector, preview (bytes of any kind as something to read), error_text,
                validation
    core        desk (everything a window or a verb works with) ▶ persist (SQLite, TOML, keyring or
                a sealed file, connections of other programs)
                ▶ lifecycle (what rules will do to a bucket, and doing it) | replication (service:
                rules, statuses and an engine: a watcher that sees writes, a replicator that
                carries them to another store, doubts about what may arrive late) ▶ transfer
                (planners, queue, jobs: upload, download, copy, each also as a move; multipart
                guard, proofs, sync, deletions, leftovers, the wait for the network) ▶
                failover (groups of stores that are one: who is asked, how each backend is, what it
                was used for, bodies that go on at another) ▶
                store (ObjectStore, S3, configurations of buckets as documents, the way there,
                links, keys that end, signing in for others, diagnosing of what does not connect,
                parallel listings, those of versions and of the past, the probe of what a store can
                do, and the wrappers) ▶ wire (the byte path: sendfile, signing, sums, pacing,
                proxies) ▶ runtime (clock, tasks, events, logs, i18n) ▶ domain (pure values and
                rules: locks, queries, what is public, lifecycle rules, the table of providers)

Two crossings: down by commands, one engine call each; up by ProgressBoard.drain() once per frame
and by EventBus at low rate. Bytes and listings move on worker threads and never touch the loop.
Why things are so is in `packaging/decisions`.
"""

__version__ = "0.1.0"
