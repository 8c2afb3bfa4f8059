/* Faults for klbench, by LD_PRELOAD: counts the calls that change files under one folder and disturbs one of them.

   KLBENCH_FAULT_FOLDER   absolute folder; calls on other files are left alone
   KLBENCH_FAULT_COMMAND  only in processes whose first argument is this ("run", "cell"); empty: in all
   KLBENCH_FAULT          kill     SIGKILL to this process right after call number AT
                          tear     the same, but call AT, if it is a write, writes only half of its bytes
                          fail     from call AT on, calls fail with ERRNO as a kernel in that state lets them fail;
                                   a write that runs into ENOSPC writes half of its bytes first
                          no_folder_sync  fsync of a folder fails with ERRNO, as on CIFS and some FUSE file systems
                          no_flock  flock fails with ERRNO, as on file systems without locks
                          storm    handlers for the signals that may come at any time, without a stack of their own,
                                   and such a signal, or a tick of two timers, every millisecond
                          log      appends every call with its data to LOG: what power-loss images are made from
   KLBENCH_FAULT_AT       number of the call, from 1
   KLBENCH_FAULT_ERRNO    number of the error
   KLBENCH_FAULT_LOG      file; a line "call<TAB>path<TAB>path or offset<TAB>bytes<LF>" and the bytes, one write a call */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>

#include "interpose.h"

enum Mode { kOff, kKill, kTear, kFail, kLog, kNoFolderSync, kNoFlock };
/* What a call does to a file system, for the errors that refuse it. */
enum Kind { kWrite = 1, kSync = 2, kCreate = 4, kChange = 8 };

static enum Mode mode;
static long fault_at;
static int fault_errno;
static const char* log_path;
static atomic_long calls;

static int is_command(const char* wanted) {
  char line[4096];
  const int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  const ssize_t size = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
  if (fd >= 0) close(fd);
  if (size <= 0) return 0;
  line[size] = 0;
  const char* first = line + strlen(line) + 1;
  return first < line + size && strcmp(first, wanted) == 0;
}

static void do_nothing(int signal_number) { (void)signal_number; }

static void* send_signals(void* nothing) {
  static const int some[] = {SIGWINCH, SIGCHLD, SIGCONT, SIGURG, SIGIO, SIGUSR2, SIGVTALRM};
  (void)nothing;
  for (unsigned i = 0;; i = (i + 1) % (sizeof some / sizeof *some)) {
    usleep(1000);
    kill(getpid(), some[i]);
  }
  return 0;
}

static void start_storm(void) {
  struct sigaction action = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};
  const int all[] = {SIGWINCH, SIGCHLD, SIGCONT, SIGURG, SIGIO, SIGUSR2, SIGVTALRM, SIGALRM, SIGPROF};
  for (unsigned i = 0; i < sizeof all / sizeof *all; ++i) sigaction(all[i], &action, 0);
  /* The sender itself takes none of them. */
  sigset_t every, before;
  pthread_t sender;
  sigfillset(&every);
  pthread_sigmask(SIG_SETMASK, &every, &before);
  pthread_create(&sender, 0, send_signals, 0);
  pthread_sigmask(SIG_SETMASK, &before, 0);
  const struct itimerval tick = {{0, 1000}, {0, 1000}};
  setitimer(ITIMER_REAL, &tick, 0);
  setitimer(ITIMER_PROF, &tick, 0);
}

__attribute__((constructor)) static void start(void) {
  const char* name = getenv("KLBENCH_FAULT");
  const char* command = getenv("KLBENCH_FAULT_COMMAND");
  const char* at = getenv("KLBENCH_FAULT_AT");
  const char* error = getenv("KLBENCH_FAULT_ERRNO");
  look_after(getenv("KLBENCH_FAULT_FOLDER"));
  log_path = getenv("KLBENCH_FAULT_LOG");
  if (!name || !folder || (command && *command && !is_command(command))) return;
  fault_at = at ? atol(at) : 0;
  fault_errno = error ? atoi(error) : 0;
  if (strcmp(name, "kill") == 0) mode = kKill;
  if (strcmp(name, "tear") == 0) mode = kTear;
  if (strcmp(name, "fail") == 0) mode = kFail;
  if (strcmp(name, "log") == 0 && log_path) mode = kLog;
  if (strcmp(name, "no_folder_sync") == 0) mode = kNoFolderSync;
  if (strcmp(name, "no_flock") == 0) mode = kNoFlock;
  if (strcmp(name, "storm") == 0) start_storm();
}

static int watched_path(const char* path, char* absolute) { return mode != kOff && path_inside(path, absolute); }
static int watched_fd(int fd, char* path) { return mode != kOff && fd_inside(fd, path); }

/* Counts a call before it is done; -1 with errno set when it is to fail, 1 when it is to be torn, else 0. */
static int before(enum Kind kind) {
  const long number = atomic_fetch_add(&calls, 1) + 1;
  if (mode == kTear && number == fault_at) return 1;
  if (mode != kFail || number < fault_at) return 0;
  int refused = kWrite | kSync | kCreate | kChange; /* EROFS */
  if (fault_errno == ENOSPC) refused = kWrite | kCreate;
  if (fault_errno == EFBIG) refused = kWrite;
  if (fault_errno == EIO) refused = kWrite | kSync;
  if (!(refused & kind)) return 0;
  if (kind == kWrite && fault_errno == ENOSPC && number == fault_at) return 1;
  errno = fault_errno;
  return -1;
}

/* After a call was done: kills or logs. Keeps errno. */
static void after(const char* call, const char* path, const char* other, const void* data, size_t size) {
  const int saved = errno;
  if ((mode == kKill || mode == kTear) && atomic_load(&calls) == fault_at) kill(getpid(), SIGKILL);
  if (mode == kLog) {
    REAL(ssize_t, write, int, const void*, size_t);
    const int fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    char* line = malloc(3 * PATH_MAX + size);
    if (fd >= 0 && line) {
      const int head = snprintf(line, 3 * PATH_MAX, "%s\t%s\t%s\t%zu\n", call, path, other, size);
      if (size) memcpy(line + head, data, size);
      if (real_write(fd, line, (size_t)head + size) < 0) abort();
    }
    free(line);
    if (fd >= 0) close(fd);
  }
  errno = saved;
}

static void after_write(const char* path, int fd, const void* data, ssize_t size) {
  char offset[32];
  snprintf(offset, sizeof offset, "%lld", (long long)lseek(fd, 0, SEEK_CUR) - (long long)size);
  after("write", path, offset, data, (size_t)size);
}

ssize_t write(int fd, const void* data, size_t size) {
  REAL(ssize_t, write, int, const void*, size_t);
  char path[PATH_MAX];
  if (!watched_fd(fd, path)) return real_write(fd, data, size);
  const int fate = before(kWrite);
  if (fate < 0) return -1;
  const ssize_t done = real_write(fd, data, fate > 0 ? size / 2 : size);
  if (done >= 0) after_write(path, fd, data, done);
  return done;
}

static int sync_with(int (*real)(int), int fd, const char* name) {
  char path[PATH_MAX];
  struct stat status;
  if (!watched_fd(fd, path)) return real(fd);
  if (mode == kNoFolderSync && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    errno = fault_errno;
    return -1;
  }
  if (before(kSync) < 0) return -1;
  const int done = real(fd);
  if (done == 0) after(name, path, "", 0, 0);
  return done;
}

int fsync(int fd) {
  REAL(int, fsync, int);
  return sync_with(real_fsync, fd, "sync");
}

int fdatasync(int fd) {
  REAL(int, fdatasync, int);
  return sync_with(real_fdatasync, fd, "sync");
}

int flock(int fd, int operation) {
  REAL(int, flock, int, int);
  if (mode != kNoFlock) return real_flock(fd, operation);
  errno = fault_errno;
  return -1;
}

int ftruncate(int fd, off_t size) {
  REAL(int, ftruncate, int, off_t);
  char path[PATH_MAX];
  if (!watched_fd(fd, path)) return real_ftruncate(fd, size);
  if (before(kChange) < 0) return -1;
  const int done = real_ftruncate(fd, size);
  char text[32];
  snprintf(text, sizeof text, "%lld", (long long)size);
  if (done == 0) after("truncate", path, text, 0, 0);
  return done;
}

int rename(const char* from, const char* to) {
  REAL(int, rename, const char*, const char*);
  char source[PATH_MAX], target[PATH_MAX];
  if (!watched_path(from, source) || !watched_path(to, target)) return real_rename(from, to);
  if (before(kChange) < 0) return -1;
  const int done = real_rename(from, to);
  if (done == 0) after("rename", source, target, 0, 0);
  return done;
}

static int remove_with(int (*real)(const char*), const char* name) {
  char path[PATH_MAX];
  struct stat status;
  if (!watched_path(name, path) || lstat(name, &status) != 0) return real(name);
  if (before(kChange) < 0) return -1;
  const int done = real(name);
  if (done == 0) after("remove", path, "", 0, 0);
  return done;
}

int unlink(const char* name) {
  REAL(int, unlink, const char*);
  return remove_with(real_unlink, name);
}

int remove(const char* name) {
  REAL(int, remove, const char*);
  return remove_with(real_remove, name);
}

int mkdir(const char* name, mode_t access) {
  REAL(int, mkdir, const char*, mode_t);
  char path[PATH_MAX];
  if (!watched_path(name, path)) return real_mkdir(name, access);
  if (before(kCreate) < 0) return -1;
  const int done = real_mkdir(name, access);
  if (done == 0) after("mkdir", path, "", 0, 0);
  return done;
}

int open(const char* name, int flags, ...) {
  REAL(int, open, const char*, int, ...);
  ACCESS_OF_OPEN(access, flags);
  char path[PATH_MAX];
  struct stat status;
  if ((flags & O_ACCMODE) == O_RDONLY || !watched_path(name, path)) return real_open(name, flags, access);
  const int is_new = lstat(name, &status) != 0;
  if (before(is_new ? kCreate : kChange) < 0) return -1;
  const int fd = real_open(name, flags, access);
  if (fd >= 0) after(is_new ? "create" : "open", path, "", 0, 0);
  return fd;
}

int open64(const char* name, int flags, ...) __attribute__((alias("open")));
int ftruncate64(int fd, off_t size) __attribute__((alias("ftruncate")));
