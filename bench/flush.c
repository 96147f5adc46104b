/* Makes the flushes of PostgreSQL take as long as on another disk, and counts them. Loaded with LD_PRELOAD.

   UDAAN_FLUSH_FILE names a file of three 64-bit numbers, mapped by every process: how long a flush takes at least, in
   nanoseconds; how many there were; how long they took altogether. Nothing is skipped: the real flush is done first, and
   only the rest of the time is slept. With zero it only counts. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct shared {
    _Atomic uint64_t at_least, count, took;
};

static struct shared *shared;
static int (*real_fdatasync)(int), (*real_fsync)(int);

__attribute__((constructor)) static void load(void) {
    const char *path = getenv("UDAAN_FLUSH_FILE");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) shared = mapped;
    close(file);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int flush(int (*real)(int), int file) {
    if (!shared) return real(file);
    uint64_t began = now(), at_least = atomic_load(&shared->at_least);
    int result = real(file);
    uint64_t until = began + at_least;
    if (now() < until) {
        struct timespec wake = {(time_t)(until / 1000000000u), (long)(until % 1000000000u)};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL) != 0) {
        }
    }
    atomic_fetch_add(&shared->count, 1);
    atomic_fetch_add(&shared->took, now() - began);
    return result;
}

int fdatasync(int file) { return flush(real_fdatasync, file); }
int fsync(int file) { return flush(real_fsync, file); }
