/* What libraries need that stand before the C library (LD_PRELOAD) and look after the calls on one folder. */
#pragma once
#include <dlfcn.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* real_<name>: the function of the C library. */
#define REAL(type, name, ...)              \
  static type (*real_##name)(__VA_ARGS__); \
  if (!real_##name) *(void**)&real_##name = dlsym(RTLD_NEXT, #name)

/* In open(..., flags, ...): the access of the new file, 0 where none is made. */
#define ACCESS_OF_OPEN(access, flags)    \
  mode_t access = 0;                     \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list arguments;                   \
    va_start(arguments, flags);          \
    access = va_arg(arguments, mode_t);  \
    va_end(arguments);                   \
  }

/* The folder, absolute; none: 0. */
static const char* folder;
static size_t folder_size;

static void look_after(const char* path) {
  folder = path;
  folder_size = path ? strlen(path) : 0;
}

static int inside(const char* path) {
  return folder && strncmp(path, folder, folder_size) == 0 && (path[folder_size] == '/' || path[folder_size] == 0);
}

/* The absolute path of a path (PATH_MAX); 0 where it is not under the folder. */
static int path_inside(const char* path, char* absolute) {
  char here[PATH_MAX / 2];
  if (path[0] == '/') {
    snprintf(absolute, PATH_MAX, "%s", path);
  } else if (getcwd(here, sizeof here)) {
    snprintf(absolute, PATH_MAX, "%s/%.*s", here, PATH_MAX / 2 - 2, path);
  } else {
    return 0;
  }
  return inside(absolute);
}

/* The same of an open file. */
static int fd_inside(int fd, char* path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = folder ? readlink(link, path, PATH_MAX - 1) : 0;
  if (size <= 0) return 0;
  path[size] = 0;
  return inside(path);
}
