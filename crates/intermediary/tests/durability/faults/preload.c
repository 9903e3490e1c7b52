/* Loaded into the server under test (or into its PostgreSQL) by LD_PRELOAD. While the file FAULT_FLAG holds a number, each
   write to a file below FAULT_FOLDER fails with that errno. While FAULT_CLOCK holds a number, the clock of the day is off
   by so many seconds; the monotonic one is not. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static long number(const char *variable) {
    const char *name = getenv(variable);
    if (!name) return 0;
    char text[32] = {0};
    int before = errno;
    int file = syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
    if (file < 0) { errno = before; return 0; }
    long count = syscall(SYS_read, file, text, sizeof text - 1);
    syscall(SYS_close, file);
    errno = before;
    return count > 0 ? strtol(text, NULL, 10) : 0;
}

static int is_below(const char *path) {
    const char *folder = getenv("FAULT_FOLDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_file_below(int file) {
    char link[64], path[4096] = {0};
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    int before = errno;
    int below = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1) > 0 && is_below(path);
    errno = before;
    return below;
}

/* Nonzero if a write to this file has to fail; errno says how. */
static int fails(int file) {
    long fault = number("FAULT_FLAG");
    if (!fault || !is_file_below(file)) return 0;
    errno = (int)fault;
    return 1;
}

enum { SYNC = 1, WRITE = 2 };

static void hold(int file, long kind) {
    static long held;
    if (number("FAULT_HOLD") != kind || !is_file_below(file)) return;
    long mine = __atomic_add_fetch(&held, 1, __ATOMIC_SEQ_CST);
    char text[32];
    int length = snprintf(text, sizeof text, "%ld", mine);
    char next[4096];
    snprintf(next, sizeof next, "%s.%ld", getenv("FAULT_HELD"), mine);
    int tell = syscall(SYS_openat, AT_FDCWD, next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (tell >= 0) { syscall(SYS_write, tell, text, length); syscall(SYS_close, tell); }
    rename(next, getenv("FAULT_HELD"));
    struct timespec pause = {0, 1000000};
    while (number("FAULT_HOLD") == kind && number("FAULT_PASS") < mine) nanosleep(&pause, NULL);
}

#define RESULT(call) (hold(file, WRITE), fails(file) ? -1 : (call))
#define SYNCED(call) (hold(file, SYNC), fails(file) ? -1 : (call))

ssize_t write(int file, const void *from, size_t count) { return RESULT(syscall(SYS_write, file, from, count)); }
ssize_t pwrite(int file, const void *from, size_t count, off_t at) {
    return RESULT(syscall(SYS_pwrite64, file, from, count, at));
}
ssize_t pwrite64(int file, const void *from, size_t count, off64_t at) {
    return RESULT(syscall(SYS_pwrite64, file, from, count, at));
}
ssize_t pwritev(int file, const struct iovec *from, int count, off_t at) {
    return RESULT(syscall(SYS_pwritev, file, from, count, at, 0));
}
ssize_t pwritev64(int file, const struct iovec *from, int count, off64_t at) {
    return RESULT(syscall(SYS_pwritev, file, from, count, at, 0));
}
int fsync(int file) { return SYNCED(syscall(SYS_fsync, file)); }
int fdatasync(int file) { return SYNCED(syscall(SYS_fdatasync, file)); }
int ftruncate(int file, off_t size) { return RESULT(syscall(SYS_ftruncate, file, size)); }
int ftruncate64(int file, off64_t size) { return RESULT(syscall(SYS_ftruncate, file, size)); }
int fallocate(int file, int mode, off_t at, off_t size) { return RESULT(syscall(SYS_fallocate, file, mode, at, size)); }

/* A read-only file system refuses to open files for writing too. */
static int open_at(int folder, const char *path, int flags, mode_t mode) {
    int writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT);
    if (writes && is_below(path) && number("FAULT_FLAG") == EROFS) { errno = EROFS; return -1; }
    return syscall(SYS_openat, folder, path, flags, mode);
}

#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); \
    mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return open_at(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE return open_at(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE return open_at(folder, path, flags, mode); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = syscall(SYS_clock_gettime, clock, now);
    if (done == 0 && clock == CLOCK_REALTIME) now->tv_sec += number("FAULT_CLOCK");
    return done;
}
