/* Makes the node of the process that preloads it go wrong, as the file SOAK_NODE says: its wall clock
 * by so many seconds, and its resolver.
 *
 * The monotonic clock is left alone, as it is where somebody sets the time of a node. Addresses need
 * no resolver, so the API server is reached meanwhile.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { WORKS, FAILS, DENIES, SILENT, LIES };

struct wrong {
    int64_t seconds;
    int64_t resolver;
};

static const volatile struct wrong *wrong;
static int (*real)(clockid_t, struct timespec *);

static const unsigned SILENT_SECONDS = 10; /* what a resolver takes that asks twice */
static const char *const NOBODY = "127.0.0.2";

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("SOAK_NODE");
    int file = path ? open(path, O_RDONLY) : -1;
    real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    if (file < 0)
        return;
    void *mapped = mmap(NULL, sizeof *wrong, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED)
        wrong = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (!real)
        begin();
    int failed = real(clock, now);
    if (!failed && wrong && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += wrong->seconds;
    return failed;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

static int is_name(const char *host)
{
    struct in6_addr address;
    return host && inet_pton(AF_INET, host, &address) != 1 && inet_pton(AF_INET6, host, &address) != 1;
}

typedef int (*look_up)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *restrict host, const char *restrict port,
                const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
    look_up usual = (look_up)dlsym(RTLD_NEXT, "getaddrinfo");
    int64_t resolver = wrong && is_name(host) ? wrong->resolver : WORKS;
    switch (resolver) {
    case FAILS:
        return EAI_AGAIN;
    case DENIES:
        return EAI_NONAME;
    case SILENT:
        sleep(SILENT_SECONDS);
        return EAI_AGAIN;
    case LIES:
        return usual(NOBODY, port, hints, found);
    default:
        return usual(host, port, hints, found);
    }
}
