/* Between a process and its disk (LD_PRELOAD): writes down what it does to the files of one folder, and lets
 * writes, syncs and opens fail when told. tests/support/disk.py compiles it, tells it and reads it.
 *
 * DISK_ROOT: the folder. DISK_LOG: where to record, if anywhere. DISK_ORDERS: 16 shared bytes, `struct orders`. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 65536
enum { FULL = 1, READ_ONLY = 2, SYNC_FAILS = 4, WRITE_FAILS = 8 };

struct orders { uint32_t mode, skip, left, hits; };
struct record { uint8_t op, spare; uint16_t name; uint32_t size; int64_t offset; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *names[FILES];
static const char *root;
static size_t root_length;
static int log_file = -1;
static struct orders *orders;

__attribute__((constructor)) static void begin(void) {
    root = getenv("DISK_ROOT");
    if (!root) return;
    root_length = strlen(root);
    const char *log = getenv("DISK_LOG"), *told = getenv("DISK_ORDERS");
    if (log) log_file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (told) {
        int file = syscall(SYS_openat, AT_FDCWD, told, O_RDWR | O_CLOEXEC);
        void *shared = mmap(0, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (shared != MAP_FAILED) orders = shared;
        syscall(SYS_close, file);
    }
}

static int ours(const char *path) {
    return root && path && !strncmp(path, root, root_length) && (path[root_length] == '/' || !path[root_length]);
}

static char *of(int file) { return file >= 0 && file < FILES ? names[file] : 0; }

static void all(const void *data, size_t size) {
    for (const char *at = data; size;) {
        ssize_t done = syscall(SYS_write, log_file, at, size);
        if (done <= 0) _exit(97); /* a record with a hole proves nothing */
        at += done, size -= done;
    }
}

static void note(char op, const char *path, int64_t offset, const void *data, size_t size) {
    if (log_file < 0 || !path) return;
    const char *name = path[root_length] ? path + root_length + 1 : "";
    struct record record = { op, 0, strlen(name), size, offset };
    all(&record, sizeof record);
    all(name, record.name);
    all(data, size);
}

static int fails(uint32_t mode, const char *path) {
    if (!orders || !path || !(__atomic_load_n(&orders->mode, __ATOMIC_SEQ_CST) & mode)) return 0;
    if (orders->skip) { orders->skip--; return 0; }
    if (!orders->left) return 0;
    if (orders->left != UINT32_MAX) orders->left--;
    orders->hits++;
    return 1;
}

static int refused(const char *path) {
    if (fails(FULL, path)) return ENOSPC;
    if (fails(READ_ONLY, path)) return EROFS;
    return fails(WRITE_FAILS, path) ? EIO : 0;
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
    if (!ours(path)) return syscall(SYS_openat, folder, path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat known;
    int file = -1, fresh = (flags & O_CREAT) && stat(path, &known), writes = (flags & O_ACCMODE) != O_RDONLY;
    int error = writes && fails(READ_ONLY, path) ? EROFS : fresh && fails(FULL, path) ? ENOSPC : 0;
    if (!error) {
        file = syscall(SYS_openat, folder, path, flags, mode);
        error = file < 0 ? errno : 0;
    }
    if (file >= 0 && file < FILES) {
        free(names[file]);
        names[file] = strdup(path);
        if (fresh) note('C', path, 0, 0, 0);
        else if (flags & O_TRUNC) note('T', path, 0, 0, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return file;
}

#define OPEN(name, first, folder) \
    int name first { \
        mode_t mode = 0; \
        if (flags & (O_CREAT | __O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); } \
        return opened(folder, path, flags, mode); \
    }
OPEN(open, (const char *path, int flags, ...), AT_FDCWD)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN(openat, (int folder, const char *path, int flags, ...), folder)
OPEN(openat64, (int folder, const char *path, int flags, ...), folder)

int close(int file) {
    pthread_mutex_lock(&lock);
    if (of(file)) { free(names[file]); names[file] = 0; }
    int done = syscall(SYS_close, file);
    pthread_mutex_unlock(&lock);
    return done;
}

static ssize_t written(int file, const void *data, size_t size, off_t offset) {
    pthread_mutex_lock(&lock);
    int error = refused(of(file));
    ssize_t done = -1;
    if (error) errno = error;
    else if (offset >= 0) done = syscall(SYS_pwrite64, file, data, size, offset);
    else {
        struct stat now;
        off_t at = fcntl(file, F_GETFL) & O_APPEND && !fstat(file, &now) ? now.st_size : lseek(file, 0, SEEK_CUR);
        done = syscall(SYS_write, file, data, size), offset = at;
    }
    int saved = errno;
    if (done > 0) note('W', of(file), offset, data, done);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset) {
    return of(file) ? written(file, data, size, offset) : syscall(SYS_pwrite64, file, data, size, offset);
}
ssize_t pwrite(int file, const void *data, size_t size, off_t offset) { return pwrite64(file, data, size, offset); }
ssize_t write(int file, const void *data, size_t size) {
    return of(file) ? written(file, data, size, -1) : syscall(SYS_write, file, data, size);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        ssize_t wrote = write(file, parts[i].iov_base, parts[i].iov_len);
        if (wrote < 0) return all ? all : -1;
        all += wrote;
        if ((size_t)wrote < parts[i].iov_len) break;
    }
    return all;
}
int ftruncate64(int file, off64_t size) {
    if (!of(file)) return syscall(SYS_ftruncate, file, size);
    pthread_mutex_lock(&lock);
    int error = refused(of(file)), done = error ? -1 : syscall(SYS_ftruncate, file, size);
    if (error) errno = error;
    int saved = errno;
    if (!done) note('T', of(file), size, 0, 0);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}
int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

static int synced(int file, long call) {
    if (!of(file)) return syscall(call, file);
    pthread_mutex_lock(&lock);
    /* What Linux does after a failed sync: the error is told once, and the pages count as clean. */
    int failed = fails(SYNC_FAILS, of(file)), done = failed ? -1 : syscall(call, file);
    note(failed ? 'F' : 'S', of(file), 0, 0, 0);
    pthread_mutex_unlock(&lock);
    if (failed) errno = EIO;
    return done;
}
int fsync(int file) { return synced(file, SYS_fsync); }
int fdatasync(int file) { return synced(file, SYS_fdatasync); }

int unlink(const char *path) {
    pthread_mutex_lock(&lock);
    int error = ours(path) && fails(READ_ONLY, path) ? EROFS : 0;
    int done = error ? -1 : syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (error) errno = error;
    int saved = errno;
    if (!done && ours(path)) note('U', path, 0, 0, 0);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}
