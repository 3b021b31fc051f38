/*
 * Faults of disk, process and clock, ordered from outside while a hub runs.
 *
 * Loaded into the hub with LD_PRELOAD. It stands between the program and the C library, looks at the calls on files below
 * LGSP_FAULTS_FOLDER, and does what the rules in the shared file LGSP_FAULTS_CONTROL say: kill the process before or
 * after a call, fail it, tear a write, or cut the power. shim.py writes the rules and knows the same layout.
 *
 * A power cut takes back everything that was not synced. The shim therefore remembers, for every write, what stood there
 * before, and for every name that was made, moved or removed how to undo that; a sync of the file, or of the folder for a
 * name, forgets them. It is stricter than most file systems: a name is kept by a sync of its folder and by nothing else.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "control.h"

static struct control *control;
static char folder[PATH_MAX], stash[PATH_MAX];
static size_t folder_length;
#define FILES 65536
static _Atomic unsigned char kinds[FILES];
static _Atomic unsigned char ends_commit[FILES];

#define REAL(name) \
    static __typeof__(name) *real_##name; \
    if (!real_##name) real_##name = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#include "unsynced.h"

/* ---- dying ------------------------------------------------------------------------------------------------------- */

static void die(struct rule *rule) {
    if (rule->action != CUT && control->tracks) {
        pthread_mutex_lock(&records_lock);
        save();
    }
    control->deaths++;
    control->fatal_rule = (uint64_t)(rule - control->rules) + 1;
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static void cut_power(struct rule *rule) {
    uint64_t share = rule->argument;
    /* Never given back: whoever syncs meanwhile must not be told so. */
    pthread_mutex_lock(&records_lock);
    random_state = control->seed * 2654435761u + 88172645463325252u;
    int keeps_names = share > 0 && next_random() % 2;
    for (struct record *record = last; record; record = record->before) {
        if (!is_name(record)) undo_file(record, keeps_names ? record->current : record->path);
        else if (!keeps_names) undo_name(record);
    }
    if (share > 0 && last) redo(last, keeps_names, share);
    die(rule);
}

static struct rule *consult(enum call call, enum kind kind, enum phase phase) {
    if (!control || !control->armed) return NULL;
    for (int index = 0; index < RULES; index++) {
        struct rule *rule = &control->rules[index];
        if (rule->state != 1 || rule->phase != phase || !(rule->calls >> call & 1) || !(rule->kinds >> kind & 1)) continue;
        if (atomic_fetch_add(&rule->seen, 1) < rule->skip) continue;
        uint64_t fired = atomic_fetch_add(&rule->fired, 1);
        if (rule->times && fired >= rule->times) {
            rule->state = 2;
            continue;
        }
        switch (rule->action) {
        case KILL: die(rule); break;
        case CUT: cut_power(rule); break;
        case DELAY: {
            struct timespec wait = {(time_t)(rule->argument / 1000), (long)(rule->argument % 1000) * 1000000};
            nanosleep(&wait, NULL);
            continue;
        }
        default: return rule;
        }
    }
    return NULL;
}

static void count(enum call call, enum kind kind) {
    if (control) control->counts[call][kind]++;
}

/* ---- writes ------------------------------------------------------------------------------------------------------ */

static ssize_t hooked_write(int fd, const void *bytes, size_t length, off_t offset) {
    REAL(pwrite);
    enum kind kind = kind_of(fd);
    count(WRITE, kind);
    struct rule *rule = consult(WRITE, kind, BEFORE);
    if (rule && rule->action == FAIL) {
        errno = (int)rule->argument;
        return -1;
    }
    if (rule && rule->action == TEAR) {
        real_pwrite(fd, bytes, length * rule->argument / 1000, offset);
        die(rule);
    }
    if (rule && rule->action == SHORTEN && length > 1) length /= 2;
    ssize_t written;
    if (tracks(kind)) {
        pthread_mutex_lock(&records_lock);
        remember_write(fd, bytes, length, offset);
        written = real_pwrite(fd, bytes, length, offset);
        pthread_mutex_unlock(&records_lock);
    } else {
        written = real_pwrite(fd, bytes, length, offset);
    }
    consult(WRITE, kind, AFTER);
    if (kind == LOG) {
        /* The head of a log frame names the size of the database when the frame is the last of a transaction. */
        const unsigned char *head = bytes;
        if (length == 24) {
            ends_commit[fd] = head[4] || head[5] || head[6] || head[7];
        } else if (ends_commit[fd]) {
            ends_commit[fd] = 0;
            count(COMMIT, kind);
            consult(COMMIT, kind, AFTER);
        }
    }
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    REAL(pwrite);
    return kind_of(fd) ? hooked_write(fd, bytes, length, offset) : real_pwrite(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    return pwrite(fd, bytes, length, (off_t)offset);
}

static void answer(const void *bytes, size_t length, enum phase phase) {
    static const char start[] = "HTTP/1.1 202";
    if (!control || !control->armed || length < sizeof start - 1 || memcmp(bytes, start, sizeof start - 1)) return;
    if (phase == BEFORE) count(ANSWER, SOCKET);
    consult(ANSWER, SOCKET, phase);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(write);
    if (kind_of(fd)) {
        off_t offset = lseek(fd, 0, SEEK_CUR);
        ssize_t written = hooked_write(fd, bytes, length, offset);
        if (written > 0) lseek(fd, offset + written, SEEK_SET);
        return written;
    }
    answer(bytes, length, BEFORE);
    ssize_t written = real_write(fd, bytes, length);
    answer(bytes, length, AFTER);
    return written;
}

ssize_t writev(int fd, const struct iovec *parts, int number) {
    REAL(writev);
    if (kind_of(fd)) {
        ssize_t total = 0;
        for (int index = 0; index < number; index++) {
            ssize_t written = write(fd, parts[index].iov_base, parts[index].iov_len);
            if (written < 0) return total ? total : -1;
            total += written;
            if ((size_t)written < parts[index].iov_len) break;
        }
        return total;
    }
    if (number > 0) answer(parts[0].iov_base, parts[0].iov_len, BEFORE);
    ssize_t written = real_writev(fd, parts, number);
    if (number > 0) answer(parts[0].iov_base, parts[0].iov_len, AFTER);
    return written;
}

ssize_t pwritev(int fd, const struct iovec *parts, int number, off_t offset) {
    REAL(pwritev);
    if (!kind_of(fd)) return real_pwritev(fd, parts, number, offset);
    ssize_t total = 0;
    for (int index = 0; index < number; index++) {
        ssize_t written = hooked_write(fd, parts[index].iov_base, parts[index].iov_len, offset + total);
        if (written < 0) return total ? total : -1;
        total += written;
        if ((size_t)written < parts[index].iov_len) break;
    }
    return total;
}

ssize_t pwritev64(int fd, const struct iovec *parts, int number, off64_t offset) {
    return pwritev(fd, parts, number, (off_t)offset);
}

/* ---- syncs ------------------------------------------------------------------------------------------------------- */

/* The kernel marks what it could not write as clean: the next sync succeeds and says nothing about it. */
static void fail_sync(int fd, int loses) {
    struct stat status;
    if (fstat(fd, &status)) return;
    pthread_mutex_lock(&records_lock);
    if (failed_count < 64) {
        failed[failed_count].device = status.st_dev;
        failed[failed_count++].file = status.st_ino;
    }
    for (struct record **place = &last; *place;) {
        struct record *record = *place;
        if (is_name(record) || record->file != status.st_ino || record->device != status.st_dev) {
            place = &record->before;
            continue;
        }
        record->is_doomed = 1;
        if (!loses) {
            place = &record->before;
            continue;
        }
        undo_file(record, record->current);
        *place = record->before;
        discard(record);
    }
    pthread_mutex_unlock(&records_lock);
}

static void note_sync(int fd) {
    struct stat status;
    if (!failed_count || fstat(fd, &status)) return;
    pthread_mutex_lock(&records_lock);
    for (int index = 0; index < failed_count; index++) {
        if (failed[index].file == status.st_ino && failed[index].device == status.st_dev) {
            control->syncs_after_failure++;
            break;
        }
    }
    pthread_mutex_unlock(&records_lock);
}

static int hooked_sync(int fd, int (*real)(int)) {
    enum kind kind = kind_of(fd);
    count(SYNC, kind);
    note_sync(fd);
    struct rule *rule = consult(SYNC, kind, BEFORE);
    if (rule && rule->action == LIE) return 0;
    if (rule && (rule->action == FAIL || rule->action == FAIL_AND_LOSE)) {
        fail_sync(fd, rule->action == FAIL_AND_LOSE);
        errno = rule->argument ? (int)rule->argument : EIO;
        return -1;
    }
    pthread_mutex_lock(&records_lock);
    uint64_t until = next_number;
    pthread_mutex_unlock(&records_lock);
    int result = real(fd);
    if (result == 0 && tracks(kind)) {
        pthread_mutex_lock(&records_lock);
        forget_synced(fd, until);
        pthread_mutex_unlock(&records_lock);
    }
    consult(SYNC, kind, AFTER);
    return result;
}

int fsync(int fd) {
    REAL(fsync);
    return kind_of(fd) ? hooked_sync(fd, real_fsync) : real_fsync(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    return kind_of(fd) ? hooked_sync(fd, real_fdatasync) : real_fdatasync(fd);
}

/* ---- sizes ------------------------------------------------------------------------------------------------------- */

int ftruncate(int fd, off_t size) {
    REAL(ftruncate);
    enum kind kind = kind_of(fd);
    if (!kind) return real_ftruncate(fd, size);
    count(RESIZE, kind);
    struct rule *rule = consult(RESIZE, kind, BEFORE);
    if (rule && rule->action == FAIL) {
        errno = (int)rule->argument;
        return -1;
    }
    pthread_mutex_lock(&records_lock);
    if (tracks(kind)) remember_resize(fd, size);
    int result = real_ftruncate(fd, size);
    pthread_mutex_unlock(&records_lock);
    consult(RESIZE, kind, AFTER);
    return result;
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, (off_t)size); }

/* Answers like posix_fallocate: with an errno. */
static int hooked_allocate(int fd, off_t offset, off_t length, int (*real)(int, off_t, off_t)) {
    enum kind kind = kind_of(fd);
    count(ALLOCATE, kind);
    struct rule *rule = consult(ALLOCATE, kind, BEFORE);
    if (rule && rule->action == FAIL) return (int)rule->argument;
    struct stat status;
    pthread_mutex_lock(&records_lock);
    if (tracks(kind) && !fstat(fd, &status) && status.st_size < offset + length) remember_resize(fd, offset + length);
    int result = real(fd, offset, length);
    pthread_mutex_unlock(&records_lock);
    consult(ALLOCATE, kind, AFTER);
    return result;
}

int posix_fallocate(int fd, off_t offset, off_t length) {
    REAL(posix_fallocate);
    return kind_of(fd) ? hooked_allocate(fd, offset, length, real_posix_fallocate)
                       : real_posix_fallocate(fd, offset, length);
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) { return posix_fallocate(fd, offset, length); }

/* ---- names ------------------------------------------------------------------------------------------------------- */

static void opened(int fd) {
    if (fd < 0 || fd >= FILES || !folder_length) return;
    char *path = path_of(fd);
    kinds[fd] = path ? kind_of_path(path) : ELSEWHERE;
    ends_commit[fd] = 0;
    free(path);
}

static int hooked_open(int at, const char *path, int flags, mode_t mode) {
    REAL(openat);
    if (!control || !(flags & O_CREAT) || at != AT_FDCWD) {
        int fd = real_openat(at, path, flags, mode);
        if (control) opened(fd);
        return fd;
    }
    char *name = whole(path);
    enum kind kind = name ? kind_of_path(name) : ELSEWHERE;
    int is_new = kind != ELSEWHERE && access(path, F_OK) != 0;
    if (is_new) {
        count(CREATE, kind);
        struct rule *rule = consult(CREATE, kind, BEFORE);
        if (rule && rule->action == FAIL) {
            free(name);
            errno = (int)rule->argument;
            return -1;
        }
    }
    pthread_mutex_lock(&records_lock);
    int fd = real_openat(at, path, flags, mode);
    int error = errno;
    if (fd >= 0 && is_new && tracks(kind)) {
        remember(CREATED, name, NULL);
        name = NULL;
    }
    pthread_mutex_unlock(&records_lock);
    free(name);
    opened(fd);
    if (fd >= 0 && is_new) consult(CREATE, kind, AFTER);
    errno = error;
    return fd;
}

#define MODE(flags, mode) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | __O_TMPFILE)) { \
        va_list list; \
        va_start(list, flags); \
        mode = va_arg(list, mode_t); \
        va_end(list); \
    }

int open(const char *path, int flags, ...) {
    MODE(flags, mode);
    return hooked_open(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags, mode);
    return hooked_open(AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...) {
    MODE(flags, mode);
    return hooked_open(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...) {
    MODE(flags, mode);
    return hooked_open(at, path, flags, mode);
}

int close(int fd) {
    REAL(close);
    if (fd >= 0 && fd < FILES) kinds[fd] = ELSEWHERE;
    return real_close(fd);
}

int rename(const char *path, const char *target) {
    REAL(rename);
    char *from = control ? whole(path) : NULL, *to = control ? whole(target) : NULL;
    enum kind kind = from && to ? kind_of_path(to) : ELSEWHERE;
    if (kind == ELSEWHERE) {
        free(from);
        free(to);
        return real_rename(path, target);
    }
    count(RENAME, kind);
    struct rule *rule = consult(RENAME, kind, BEFORE);
    if (rule && rule->action == FAIL) {
        free(from);
        free(to);
        errno = (int)rule->argument;
        return -1;
    }
    pthread_mutex_lock(&records_lock);
    char *kept = tracks(kind) ? keep(to) : NULL;
    int result = real_rename(path, target);
    if (result == 0 && tracks(kind)) {
        for (struct record *record = last; record; record = record->before) {
            if (!is_name(record) && !strcmp(record->current, from)) {
                free(record->current);
                record->current = strdup(to);
            }
        }
        struct record *record = remember(RENAMED, strdup(from), NULL);
        record->target = strdup(to);
        record->stashed = kept;
    } else {
        free(kept);
    }
    pthread_mutex_unlock(&records_lock);
    free(from);
    free(to);
    consult(RENAME, kind, AFTER);
    return result;
}

int unlink(const char *path) {
    REAL(unlink);
    char *name = control ? whole(path) : NULL;
    enum kind kind = name ? kind_of_path(name) : ELSEWHERE;
    if (kind == ELSEWHERE || access(path, F_OK) != 0) {
        free(name);
        return real_unlink(path);
    }
    count(UNLINK, kind);
    struct rule *rule = consult(UNLINK, kind, BEFORE);
    if (rule && rule->action == FAIL) {
        free(name);
        errno = (int)rule->argument;
        return -1;
    }
    pthread_mutex_lock(&records_lock);
    char *kept = tracks(kind) ? keep(name) : NULL;
    int result = real_unlink(path);
    if (result == 0 && tracks(kind)) {
        struct record *record = remember(UNLINKED, name, NULL);
        record->stashed = kept;
        name = NULL;
    } else {
        free(kept);
    }
    pthread_mutex_unlock(&records_lock);
    free(name);
    consult(UNLINK, kind, AFTER);
    return result;
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    char *name = control ? whole(path) : NULL;
    enum kind kind = name ? kind_of_path(name) : ELSEWHERE;
    if (kind == ELSEWHERE) {
        free(name);
        return real_mkdir(path, mode);
    }
    count(MAKE_FOLDER, kind);
    struct rule *rule = consult(MAKE_FOLDER, kind, BEFORE);
    if (rule && rule->action == FAIL) {
        free(name);
        errno = (int)rule->argument;
        return -1;
    }
    pthread_mutex_lock(&records_lock);
    int result = real_mkdir(path, mode), error = errno;
    if (result == 0 && tracks(kind)) {
        remember(MADE_FOLDER, name, NULL);
        name = NULL;
    }
    pthread_mutex_unlock(&records_lock);
    free(name);
    if (result == 0) consult(MAKE_FOLDER, kind, AFTER);
    errno = error;
    return result;
}

/* ---- the clock --------------------------------------------------------------------------------------------------- */

static int64_t offset_of(clockid_t id) {
    return control && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) ? control->clock_offset : 0;
}

int clock_gettime(clockid_t id, struct timespec *time) {
    REAL(clock_gettime);
    int result = real_clock_gettime(id, time);
    if (result == 0) time->tv_sec += (time_t)offset_of(id);
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    REAL(gettimeofday);
    int result = real_gettimeofday(time, zone);
    if (result == 0) time->tv_sec += (time_t)offset_of(CLOCK_REALTIME);
    return result;
}

time_t time(time_t *place) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (place) *place = now.tv_sec;
    return now.tv_sec;
}

/* ---- the beginning ----------------------------------------------------------------------------------------------- */

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("LGSP_FAULTS_CONTROL"), *watched = getenv("LGSP_FAULTS_FOLDER");
    if (!path || !watched || !realpath(watched, folder)) return;
    /* A hub must not outlive the harness, however that ends. */
    if (getenv("LGSP_FAULTS_TIED")) prctl(PR_SET_PDEATHSIG, SIGKILL);
    folder_length = strlen(folder);
    snprintf(stash, sizeof stash, "%s.kept", path);
    REAL(open);
    REAL(close);
    int fd = real_open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *memory = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    real_close(fd);
    if (memory == MAP_FAILED) return;
    control = memory;
    snprintf(unsynced, sizeof unsynced, "%s.unsynced", path);
    load();
}
