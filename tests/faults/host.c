/* Loaded before the C library (LD_PRELOAD): makes a process see a folder as one of several hosts that share it over a
   network file system. With namespaces of its own for host name and processes that makes a host out of a process
   (tests/cluster/hosts.py).

   KLBENCH_HOST_FOLDER: what is shared; other files are left alone.

   KLBENCH_HOST_NUMBER: 1 to 60. flock holds among processes of one number (NFS local_lock, Lustre localflock), and
   files have other inode numbers on each host (CIFS, FUSE).

   KLBENCH_HOST_FLOCK: number of the error that flock ends with instead.

   KLBENCH_HOST_CLOCK: seconds by which the clock is ahead, or behind; files are stamped by the clock of who writes
   them.

   KLBENCH_HOST_LATE: seconds for which what is known of a path's attributes, or that it is not there, is believed;
   opening the file, or for what is not there its folder, asks anew.

   KLBENCH_HOST_CACHE: folder of this host where it is kept.

   The folder's file system calls itself NFS, and refuses to sync folders (EINVAL). */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <time.h>

#include "interpose.h"

static const char* cache;
static long number, clock_offset;
static int flock_error;
static double late;

static double value_of(const char* name) {
  const char* text = getenv(name);
  return text ? atof(text) : 0;
}

__attribute__((constructor)) static void start(void) {
  number = (long)value_of("KLBENCH_HOST_NUMBER");
  clock_offset = (long)value_of("KLBENCH_HOST_CLOCK");
  flock_error = (int)value_of("KLBENCH_HOST_FLOCK");
  cache = getenv("KLBENCH_HOST_CACHE");
  late = cache ? value_of("KLBENCH_HOST_LATE") : 0;
  look_after(getenv("KLBENCH_HOST_FOLDER"));
}

/* The absolute path of a path, without slashes at its end; 0 where it is not shared. */
static int shared_path(const char* path, char* absolute) {
  const int is_shared = path_inside(path, absolute);
  size_t size = is_shared ? strlen(absolute) : 0;
  while (size > 1 && absolute[size - 1] == '/') absolute[--size] = 0;
  return is_shared;
}

static int shared_fd(int fd) {
  char path[PATH_MAX];
  return fd_inside(fd, path);
}

/* --- clocks --- */

int clock_gettime(clockid_t id, struct timespec* now) {
  REAL(int, clock_gettime, clockid_t, struct timespec*);
  const int done = real_clock_gettime(id, now);
  if (done == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) now->tv_sec += clock_offset;
  return done;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval* restrict out, void* restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

/* The file gets the time of our clock. */
static void stamp(int fd) {
  struct timespec times[2] = {{0, UTIME_OMIT}, {0, 0}};
  const int saved = errno;
  clock_gettime(CLOCK_REALTIME, &times[1]);
  futimens(fd, times);
  errno = saved;
}

ssize_t write(int fd, const void* data, size_t size) {
  REAL(ssize_t, write, int, const void*, size_t);
  const ssize_t done = real_write(fd, data, size);
  if (clock_offset && done > 0 && shared_fd(fd)) stamp(fd);
  return done;
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  REAL(ssize_t, pwrite, int, const void*, size_t, off_t);
  const ssize_t done = real_pwrite(fd, data, size, at);
  if (clock_offset && done > 0 && shared_fd(fd)) stamp(fd);
  return done;
}

/* --- attributes that are remembered --- */

struct Known {
  double when;
  int result, error;
  struct stat status;
};

static double monotonic(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The file of the cache for a path; `kind` 'p', or 'd': when a folder was last opened. */
static void cache_name(char* out, char kind, const char* path, size_t size) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ (unsigned char)path[i]) * 1099511628211u;
  snprintf(out, PATH_MAX, "%s/%c%016llx", cache, kind, (unsigned long long)hash);
}

static int load(const char* name, struct Known* known) {
  REAL(int, open, const char*, int, ...);
  const int fd = real_open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const int good = read(fd, known, sizeof *known) == sizeof *known;
  close(fd);
  return good;
}

static void save(char kind, const char* path, size_t size, struct Known* known) {
  REAL(int, open, const char*, int, ...);
  REAL(ssize_t, write, int, const void*, size_t);
  char name[PATH_MAX];
  const int saved = errno;
  cache_name(name, kind, path, size);
  known->when = monotonic();
  const int fd = real_open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd >= 0 && real_write(fd, known, sizeof *known) < 0) abort();
  if (fd >= 0) close(fd);
  errno = saved;
}

/* What is still believed of a path. */
static int believed(const char* path, struct Known* known) {
  char name[PATH_MAX];
  struct Known opened;
  if (late <= 0) return 0;
  cache_name(name, 'p', path, strlen(path));
  if (!load(name, known) || monotonic() - known->when > late) return 0;
  if (known->result == 0) return 1;
  cache_name(name, 'd', path, (size_t)(strrchr(path, '/') - path));
  return !load(name, &opened) || opened.when < known->when;
}

static void forget(const char* path) {
  REAL(int, unlink, const char*);
  char name[PATH_MAX];
  const int saved = errno;
  if (late > 0) {
    cache_name(name, 'p', path, strlen(path));
    real_unlink(name);
  }
  errno = saved;
}

static void opened_folder(const char* path) {
  struct Known now = {0};
  if (late > 0) save('d', path, strlen(path), &now);
}

static int stat_with(int (*real)(const char*, struct stat*), const char* name, struct stat* status) {
  char path[PATH_MAX];
  struct Known known = {0};
  if (!shared_path(name, path)) return real(name, status);
  if (!believed(path, &known)) {
    known.result = real(name, &known.status);
    known.error = errno;
    known.status.st_ino ^= (ino_t)number << 40;
    if (late > 0) save('p', path, strlen(path), &known);
  }
  *status = known.status;
  errno = known.result == 0 ? errno : known.error;
  return known.result;
}

int stat(const char* restrict name, struct stat* restrict status) {
  REAL(int, stat, const char*, struct stat*);
  return stat_with(real_stat, name, status);
}

int lstat(const char* restrict name, struct stat* restrict status) {
  REAL(int, lstat, const char*, struct stat*);
  return stat_with(real_lstat, name, status);
}

int fstat(int fd, struct stat* status) {
  REAL(int, fstat, int, struct stat*);
  const int done = real_fstat(fd, status);
  if (done == 0 && shared_fd(fd)) status->st_ino ^= (ino_t)number << 40;
  return done;
}

int stat64(const char* restrict name, struct stat64* restrict status) { return stat(name, (struct stat*)status); }
int lstat64(const char* restrict name, struct stat64* restrict status) { return lstat(name, (struct stat*)status); }
int fstat64(int fd, struct stat64* status) { return fstat(fd, (struct stat*)status); }

/* Before a file is opened: -1 where it is believed not to be there. */
static int opening(const char* name, int creates) {
  char path[PATH_MAX];
  struct Known known;
  if (late <= 0 || !shared_path(name, path)) return 0;
  if (!creates && believed(path, &known) && known.result != 0) {
    errno = known.error;
    return -1;
  }
  forget(path);
  return 0;
}

int open(const char* name, int flags, ...) {
  REAL(int, open, const char*, int, ...);
  char path[PATH_MAX];
  struct stat status;
  ACCESS_OF_OPEN(access, flags);
  if (opening(name, flags & O_CREAT) != 0) return -1;
  const int fd = real_open(name, flags, access);
  if (fd >= 0 && late > 0 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) && shared_path(name, path))
    opened_folder(path);
  return fd;
}

int open64(const char* name, int flags, ...) __attribute__((alias("open")));

int openat(int at, const char* name, int flags, ...) {
  REAL(int, openat, int, const char*, int, ...);
  ACCESS_OF_OPEN(access, flags);
  return at == AT_FDCWD ? open(name, flags, access) : real_openat(at, name, flags, access);
}

FILE* fopen64(const char* restrict name, const char* restrict mode) {
  REAL(FILE*, fopen64, const char*, const char*);
  return opening(name, mode[0] != 'r') == 0 ? real_fopen64(name, mode) : 0;
}

DIR* opendir(const char* name) {
  REAL(DIR*, opendir, const char*);
  char path[PATH_MAX];
  DIR* opened = real_opendir(name);
  if (opened && late > 0 && shared_path(name, path)) opened_folder(path);
  return opened;
}

int rename(const char* from, const char* to) {
  REAL(int, rename, const char*, const char*);
  char path[PATH_MAX];
  const int done = real_rename(from, to);
  if (shared_path(from, path)) forget(path);
  if (shared_path(to, path)) forget(path);
  return done;
}

static int changed(const char* name, int done) {
  char path[PATH_MAX];
  if (shared_path(name, path)) forget(path);
  return done;
}

int unlink(const char* name) {
  REAL(int, unlink, const char*);
  return changed(name, real_unlink(name));
}

int remove(const char* name) {
  REAL(int, remove, const char*);
  return changed(name, real_remove(name));
}

int mkdir(const char* name, mode_t access) {
  REAL(int, mkdir, const char*, mode_t);
  return changed(name, real_mkdir(name, access));
}

/* --- locks and syncs --- */

/* A lock of one byte of the file, which belongs to what was opened, as that of flock does. */
int flock(int fd, int operation) {
  REAL(int, flock, int, int);
  if (!shared_fd(fd)) return real_flock(fd, operation);
  if (flock_error) {
    errno = flock_error;
    return -1;
  }
  struct flock lock = {.l_type = operation & LOCK_EX   ? F_WRLCK
                                 : operation & LOCK_SH ? F_RDLCK
                                                       : F_UNLCK,
                       .l_whence = SEEK_SET,
                       .l_start = 1000000 + number,
                       .l_len = 1};
  return fcntl(fd, operation & LOCK_NB ? F_OFD_SETLK : F_OFD_SETLKW, &lock);
}

int fsync(int fd) {
  REAL(int, fsync, int);
  struct stat status;
  if (shared_fd(fd) && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    errno = EINVAL;
    return -1;
  }
  return real_fsync(fd);
}

int fstatfs(int fd, struct statfs* status) {
  REAL(int, fstatfs, int, struct statfs*);
  const int done = real_fstatfs(fd, status);
  if (done == 0 && shared_fd(fd)) status->f_type = 0x6969;
  return done;
}
