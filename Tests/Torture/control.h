/*
 * What harness and shim share: the names of calls, files and actions, and the memory through which orders come.
 *
 * shim.py knows the same layout.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum call { WRITE, SYNC, CREATE, RENAME, UNLINK, RESIZE, ALLOCATE, MAKE_FOLDER, ANSWER, COMMIT };
enum kind {
    ELSEWHERE, SEGMENT, DATABASE, LOG, SPOOLED, SEGMENTS_FOLDER, SPOOL_FOLDER, JOURNAL_FOLDER, SHARED, OTHER, SOCKET,
    REWRITTEN /* a segment that is written anew, before it has its name */
};
enum action { KILL = 1, FAIL, TEAR, CUT, LIE, FAIL_AND_LOSE, SHORTEN, DELAY };
enum phase { BEFORE, AFTER };

/* The shared file: eight-byte numbers throughout, so that Python can reach each of them. */
struct rule {
    _Atomic uint64_t state; /* 0 off, 1 armed, 2 spent */
    _Atomic uint64_t calls, kinds, phase, action, skip, times, seen, fired, argument;
    uint64_t unused[6];
};
#define RULES 8
struct control {
    _Atomic uint64_t magic, armed;
    _Atomic int64_t clock_offset;
    _Atomic uint64_t tracks, seed, syncs_after_failure, undone_writes, undone_names, deaths, fatal_rule, kept_sectors;
    uint64_t unused[21];
    _Atomic uint64_t counts[16][16];
    uint64_t more[224];
    struct rule rules[RULES];
};
_Static_assert(offsetof(struct control, counts) == 256, "shim.py expects the counts here");
_Static_assert(offsetof(struct control, rules) == 4096, "shim.py expects the rules here");
