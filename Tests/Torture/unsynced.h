/*
 * What a power cut would take back: a record of every write, size and name that was not synced, how to undo each, and how
 * the records outlive a process that is killed.
 *
 * Included by faults.c once, behind what it shares.
 */
#pragma once

enum change { WROTE, RESIZED, CREATED, RENAMED, UNLINKED, MADE_FOLDER };

struct record {
    struct record *before; /* the change before this one */
    enum change change;
    uint64_t number;
    dev_t device;
    ino_t file;
    int is_doomed; /* its sync failed: a later one that succeeds does not bring it to the disk */
    char *path;    /* at the time of the change */
    char *current; /* after the renames that followed */
    char *target;  /* of a rename */
    char *stashed; /* a second name for what a rename or unlink removed */
    off_t offset, old_size, new_size;
    size_t length, old_length;
    unsigned char *bytes, *old_bytes;
};

static pthread_mutex_t records_lock = PTHREAD_MUTEX_INITIALIZER;
static struct record *last;
static uint64_t next_number = 1, next_stash;
static struct { dev_t device; ino_t file; } failed[64];
static int failed_count;

static int tracks(enum kind kind) {
    return control && control->tracks && kind != ELSEWHERE && kind != SHARED && kind != SOCKET;
}

static char *path_of(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return NULL;
    path[length] = 0;
    return strdup(path);
}

/* A path without links and dots; what it names need not exist. NULL when its folder does not. */
static char *whole(const char *path) {
    char copy[PATH_MAX], parent[PATH_MAX], result[PATH_MAX * 2];
    snprintf(copy, sizeof copy, "%s", path);
    char *slash = strrchr(copy, '/');
    const char *name = slash ? slash + 1 : copy;
    if (slash) *slash = 0;
    if (!strcmp(name, "..") || !strcmp(name, ".")) return realpath(path, NULL);
    if (!realpath(slash ? (slash == copy ? "/" : copy) : ".", parent)) return NULL;
    snprintf(result, sizeof result, "%s/%s", parent, name);
    return strdup(result);
}

static int ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && !strcmp(text + length - tail, end);
}

static enum kind kind_of_path(const char *path) {
    if (!folder_length || strncmp(path, folder, folder_length)) return ELSEWHERE;
    const char *rest = path + folder_length;
    if (!*rest) return JOURNAL_FOLDER;
    if (*rest != '/') return ELSEWHERE;
    if (!strcmp(rest, "/journal")) return JOURNAL_FOLDER;
    if (!strcmp(rest, "/journal/segments")) return SEGMENTS_FOLDER;
    if (!strncmp(rest, "/journal/spool", 14)) return strlen(rest) <= 17 ? SPOOL_FOLDER : SPOOLED;
    if (ends_with(rest, ".seg")) return SEGMENT;
    if (ends_with(rest, ".seg.part")) return REWRITTEN;
    if (ends_with(rest, ".sqlite")) return DATABASE;
    if (ends_with(rest, ".sqlite-wal")) return LOG;
    if (ends_with(rest, ".sqlite-shm")) return SHARED;
    return OTHER;
}

static enum kind kind_of(int fd) { return fd >= 0 && fd < FILES ? kinds[fd] : ELSEWHERE; }

static struct record *remember(enum change change, char *path, const struct stat *status) {
    struct record *record = calloc(1, sizeof *record);
    record->change = change;
    record->number = next_number++;
    record->path = path;
    record->current = strdup(path);
    if (status) {
        record->device = status->st_dev;
        record->file = status->st_ino;
        record->old_size = status->st_size;
    }
    record->before = last;
    last = record;
    return record;
}

static void discard(struct record *record) {
    if (record->stashed) {
        REAL(unlink);
        real_unlink(record->stashed);
    }
    free(record->path);
    free(record->current);
    free(record->target);
    free(record->stashed);
    free(record->bytes);
    free(record->old_bytes);
    free(record);
}

static void remember_write(int fd, const void *bytes, size_t length, off_t offset) {
    struct stat status;
    char *path = path_of(fd);
    if (!path || fstat(fd, &status)) {
        free(path);
        return;
    }
    struct record *record = remember(WROTE, path, &status);
    record->offset = offset;
    record->length = length;
    record->bytes = malloc(length + 1);
    memcpy(record->bytes, bytes, length);
    record->old_bytes = malloc(length + 1);
    ssize_t count = pread(fd, record->old_bytes, length, offset);
    record->old_length = count > 0 ? (size_t)count : 0;
}

/* The bytes that a shorter size cuts off, without the zeros at their end. */
static void remember_resize(int fd, off_t size) {
    struct stat status;
    char *path = path_of(fd);
    if (!path || fstat(fd, &status)) {
        free(path);
        return;
    }
    struct record *record = remember(RESIZED, path, &status);
    record->new_size = size;
    record->offset = size;
    if (size >= status.st_size) return;
    size_t length = (size_t)(status.st_size - size);
    record->old_bytes = malloc(length + 1);
    ssize_t count = pread(fd, record->old_bytes, length, size);
    while (count > 0 && !record->old_bytes[count - 1]) count--;
    record->old_length = count > 0 ? (size_t)count : 0;
}

/* A second name, so that what is removed can come back. */
static char *keep(const char *path) {
    char name[PATH_MAX + 32];
    snprintf(name, sizeof name, "%s.%d.%llu", stash, (int)getpid(), (unsigned long long)next_stash++);
    return link(path, name) ? NULL : strdup(name);
}

static int is_name(const struct record *record) { return record->change >= CREATED; }

static int is_in(const char *path, const char *parent) {
    size_t length = strlen(parent);
    return path && !strncmp(path, parent, length) && path[length] == '/' && !strchr(path + length + 1, '/');
}

static void forget_synced(int fd, uint64_t until) {
    struct stat status;
    if (fstat(fd, &status)) return;
    char *path = S_ISDIR(status.st_mode) ? path_of(fd) : NULL;
    for (struct record **place = &last; *place;) {
        struct record *record = *place;
        int is_synced =
            record->number < until &&
            (path ? is_name(record) && is_in(record->path, path)
                  : !is_name(record) && !record->is_doomed && record->file == status.st_ino &&
                        record->device == status.st_dev);
        if (is_synced) {
            *place = record->before;
            discard(record);
        } else {
            place = &record->before;
        }
    }
    free(path);
}

static void undo_file(const struct record *record, const char *path) {
    REAL(open);
    REAL(pwrite);
    REAL(ftruncate);
    int fd = real_open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    if (record->old_length) real_pwrite(fd, record->old_bytes, record->old_length, record->offset);
    real_ftruncate(fd, record->old_size);
    control->undone_writes++;
    /* Not closed: SQLite's locks would go with it, and the process has no more than a moment to live. */
}

static void undo_name(const struct record *record) {
    REAL(unlink);
    REAL(rename);
    switch (record->change) {
    case CREATED: real_unlink(record->path); break;
    case MADE_FOLDER: rmdir(record->path); break;
    case RENAMED:
        real_rename(record->target, record->path);
        if (record->stashed) link(record->stashed, record->target);
        break;
    case UNLINKED:
        if (record->stashed) link(record->stashed, record->path);
        break;
    default: break;
    }
    control->undone_names++;
}

static uint64_t random_state;
static uint64_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Some of what was not synced had reached the disk all the same, sector by sector. */
static void redo_sectors(struct record *record, const char *path, uint64_t share) {
    REAL(open);
    REAL(pwrite);
    int fd = real_open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    for (size_t done = 0; done < record->length;) {
        size_t step = 512 - (size_t)((record->offset + (off_t)done) % 512);
        if (step > record->length - done) step = record->length - done;
        if (next_random() % 1000 < share) {
            real_pwrite(fd, record->bytes + done, step, record->offset + (off_t)done);
            control->kept_sectors++;
        }
        done += step;
    }
}

static void redo(struct record *record, int keeps_names, uint64_t share) {
    /* The list runs backwards, the disk forwards. */
    if (record->before) redo(record->before, keeps_names, share);
    if (record->change == WROTE) redo_sectors(record, keeps_names ? record->current : record->path, share);
}

/* What a killed process had written and not synced is in the memory of the system, and a power cut that comes later takes
 * it back as well: the records outlive the process in a file. */
static char unsynced[PATH_MAX];

static void put(int fd, const void *bytes, size_t length) {
    REAL(write);
    if (real_write(fd, bytes, length) != (ssize_t)length) abort();
}

static void put_text(int fd, const char *text) {
    int64_t length = text ? (int64_t)strlen(text) : -1;
    put(fd, &length, sizeof length);
    if (text) put(fd, text, (size_t)length);
}

static void save(void) {
    REAL(open);
    int fd = last ? real_open(unsynced, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (fd < 0) return;
    for (struct record *record = last; record; record = record->before) {
        put(fd, record, sizeof *record);
        put_text(fd, record->path);
        put_text(fd, record->current);
        put_text(fd, record->target);
        put_text(fd, record->stashed);
        if (record->bytes) put(fd, record->bytes, record->length);
        if (record->old_bytes) put(fd, record->old_bytes, record->old_length);
    }
}

static void *get(int fd, size_t length) {
    char *bytes = calloc(1, length + 1);
    if (read(fd, bytes, length) != (ssize_t)length) abort();
    return bytes;
}

static char *get_text(int fd) {
    int64_t length;
    if (read(fd, &length, sizeof length) != sizeof length) abort();
    return length < 0 ? NULL : get(fd, (size_t)length);
}

static void load(void) {
    REAL(open);
    REAL(close);
    REAL(unlink);
    int fd = real_open(unsynced, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    struct record head, **place = &last;
    while (read(fd, &head, sizeof head) == sizeof head) {
        struct record *record = malloc(sizeof *record);
        *record = head;
        record->before = NULL;
        record->path = get_text(fd);
        record->current = get_text(fd);
        record->target = get_text(fd);
        record->stashed = get_text(fd);
        if (record->bytes) record->bytes = get(fd, record->length);
        if (record->old_bytes) record->old_bytes = get(fd, record->old_length);
        if (record->number >= next_number) next_number = record->number + 1;
        *place = record;
        place = &record->before;
    }
    real_close(fd);
    real_unlink(unsynced);
}
