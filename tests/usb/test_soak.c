/* What months do to a board's host, in an hour: an unmodified libusb on the bus of umockdev, the simulated chip
 * behind it.
 *
 *     umockdev-wrapper test_soak loops LENET.weft COUNT     open, run, close so often, in a process of its own: no
 *                                                           descriptor, thread or memory is left over
 *     umockdev-wrapper test_soak faults COUNT               so many transfers, faults of every kind at random among
 *                                                           them: what was written is read back, and going on after
 *                                                           a fault takes at most two seconds
 *
 * (test_soak.sh) */
#include <dirent.h>
#include <libusb.h>
#include <malloc.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chip_model.h"
#include "client.h"
#include "host/transport/transport.h"
#include "tests/test.h"
#include "usb_bus.h"

enum {
    WARM_LOOPS = 20,
    MOST_GROWN_BYTES = 64 << 10,
    SHADOW_BYTES = 32 << 10,
    PIECE_BYTES = 4096,
    MOST_RECOVERY_MS = 2000,
    GAP_LEAST = 2,
    GAP_MOST = 300,
    TRIES = 8
};

/* --- what a process holds ----------------------------------------------------------------------- */

typedef struct holding {
    unsigned files, threads;
    size_t heap_bytes;
} holding;

static unsigned entries(const char *path)
{
    unsigned n = 0;
    DIR *d = opendir(path);
    for (const struct dirent *e; d && (e = readdir(d));)
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

static holding look(void)
{
    return (holding){ entries("/proc/self/fd") - 1, entries("/proc/self/task"),
                      mallinfo2().uordblks };
}

/* The process that uses the board. */
static int loops(const char *path, unsigned count)
{
    test t = test_begin("usb_loops", 0, NULL, 1, count);
    client c = { 0 };
    weft_error err = { 0 };
    holding before = { 0 };
    CHECK(&t, client_begin(&c, path, t.seed, &err) == WEFT_OK, "%s", err.text);
    for (unsigned i = 0; i < count + WARM_LOOPS && !t.failures; i++) {
        float out[CLIENT_OUTPUTS];
        int right = 0;
        if (i == WARM_LOOPS)
            before = look();
        const int rc = client_use(&c, "usb:", 1, out, &right, &err);
        CHECK(&t, rc == WEFT_OK && right, "loop %u: status %d, bytes %s: %s", i, rc,
              right ? "right" : "wrong", err.text);
    }
    const holding after = look();
    CHECK(&t, after.files == before.files && after.threads == before.threads,
          "%u files and %u threads became %u and %u", before.files, before.threads, after.files,
          after.threads);
    CHECK(&t, after.heap_bytes <= before.heap_bytes + MOST_GROWN_BYTES,
          "the heap grew from %zu to %zu bytes", before.heap_bytes, after.heap_bytes);
    char what[160];
    snprintf(
        what, sizeof what,
        "%u times open, run, close: %u files, %u threads before and after, heap %zu and %zu bytes",
        count, after.files, after.threads, before.heap_bytes, after.heap_bytes);
    return test_end(&t, what);
}

/* --- transfers under faults --------------------------------------------------------------------- */

typedef struct soak {
    test t;
    rng r;
    usb_bus *bus;
    weft_transport *link;
    uint8_t shadow[SHADOW_BYTES];
    uint64_t transfers, faults[USB_FAULTS];
    double worst_ms[USB_FAULTS];
    usb_fault fault; /* the present one */
} soak;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int plan_fault(soak *s)
{
    s->fault = (usb_fault)rng_range(&s->r, USB_FAULT_UNPLUG, USB_FAULTS - 1);
    const unsigned at = (unsigned)rng_range(&s->r, GAP_LEAST, GAP_MOST);
    usb_bus_replug(s->bus, &(usb_plan){ .fault = s->fault, .at = at });
    s->faults[s->fault]++;
    return (int)at;
}

/* One piece written and read again, anywhere; what lies beside it, too. */
static int move(soak *s, weft_error *err)
{
    static uint8_t back[SHADOW_BYTES];
    const uint32_t bytes = 32u * (1 + rng_u32(&s->r) % (PIECE_BYTES / 32));
    const uint32_t address = 32u * (rng_u32(&s->r) % ((SHADOW_BYTES - bytes) / 32 + 1));
    for (uint32_t i = 0; i < bytes; i++)
        s->shadow[address + i] = (uint8_t)rng_u32(&s->r);
    int rc = s->link->ops->mem_write(s->link, address, s->shadow + address, bytes, err);
    const uint32_t from = rng_range(&s->r, 0, 1) ? address : 0;
    const uint32_t count = from ? bytes : PIECE_BYTES;
    if (rc == WEFT_OK)
        rc = s->link->ops->mem_read(s->link, from, back, count, err);
    if (rc == WEFT_OK)
        CHECK(&s->t, !memcmp(back, s->shadow + from, count), "wrong bytes at %u", from);
    return rc;
}

/* As weft_recover does: connect again, load again. */
static int recover(soak *s, weft_error *err)
{
    if (!s->link)
        return weft_transport_open("usb:", &s->link, err);
    return s->link->ops->reset(s->link, err);
}

/* A board that was switched off and on, and used until the fault that awaits it is over. */
static void one_round(soak *s)
{
    weft_error err = { 0 };
    const unsigned at = (unsigned)plan_fault(s);
    int rc = recover(s, &err);
    if (rc == WEFT_OK)
        rc = s->link->ops->mem_write(s->link, 0, s->shadow, SHADOW_BYTES, &err);
    double begin = now_ms(); /* of the call in which the fault comes, at last */
    while (rc == WEFT_OK && usb_bus_submitted(s->bus) <= at && !s->t.failures) {
        begin = now_ms();
        rc = move(s, &err);
    }
    if (rc == WEFT_OK) /* a write returns before its fault is known */
        rc = move(s, &err);
    s->transfers += usb_bus_submitted(s->bus);
    if (rc != WEFT_OK)
        usb_bus_replug(s->bus, &(usb_plan){ 0 });
    for (int tries = 0; rc != WEFT_OK && tries < TRIES; tries++) {
        rc = recover(s, &err);
        if (rc == WEFT_OK)
            rc = s->link->ops->mem_write(s->link, 0, s->shadow, SHADOW_BYTES, &err);
    }
    if (rc == WEFT_OK)
        rc = move(s, &err);
    const double took = now_ms() - begin;
    s->worst_ms[s->fault] = took > s->worst_ms[s->fault] ? took : s->worst_ms[s->fault];
    CHECK(&s->t, rc == WEFT_OK, "after %s at %u: %s", usb_fault_name(s->fault), at, err.text);
    CHECK(&s->t, took <= MOST_RECOVERY_MS, "after %s at %u: %.0f ms", usb_fault_name(s->fault), at,
          took);
}

static int faults(soak *s, uint64_t count)
{
    s->t = test_begin("usb_faults", 0, NULL, 1, count);
    s->r = rng_make(s->t.seed);
    while (s->transfers < count && s->t.failures < 5)
        one_round(s);
    if (s->link)
        s->link->ops->close(s->link);
    uint64_t all = 0;
    double worst = 0;
    for (unsigned f = USB_FAULT_UNPLUG; f < USB_FAULTS; f++) {
        printf("%8" PRIu64 " %-12s longest recovery %6.1f ms\n", s->faults[f],
               usb_fault_name((usb_fault)f), s->worst_ms[f]);
        all += s->faults[f];
        worst = s->worst_ms[f] > worst ? s->worst_ms[f] : worst;
    }
    char what[160];
    snprintf(what, sizeof what,
             "%" PRIu64 " transfers, %" PRIu64
             " faults, every byte right, longest recovery %.1f ms",
             s->transfers, all, worst);
    return test_end(&s->t, what);
}

/* --- main --------------------------------------------------------------------------------------- */

/* The client is a program of its own, so that what it holds is not what plays the bus. */
static int in_child(char **argv)
{
    int status = 1;
    const pid_t child = fork();
    if (child == 0) {
        execl("/proc/self/exe", argv[0], "client", argv[2], argv[3], (char *)NULL);
        _exit(127);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    static soak s;
    const char *preload = getenv("LD_PRELOAD");
    const test t = test_begin("usb_soak", argc, argv, 1, 1);
    if (argc < 3 || !preload || !strstr(preload, "umockdev"))
        return test_skip(&t, "run it by test_soak.sh");
    if (argc == 4 && !strcmp(argv[1], "client"))
        return loops(argv[2], (unsigned)atoi(argv[3]));
    chip_model *chip = chip_model_new(CLIENT_SHAPE);
    const usb_model model = chip ? chip_model_usb(chip) : (usb_model){ 0 };
    s.bus = chip ? usb_bus_new(&model, LIBUSB_SPEED_HIGH, 0, NULL) : NULL;
    int rc = 1;
    if (s.bus && argc == 4 && !strcmp(argv[1], "loops")) {
        usb_bus_replug(s.bus, &(usb_plan){ 0 });
        rc = in_child(argv);
    } else if (s.bus) {
        rc = faults(&s, strtoull(argv[2], NULL, 0));
    }
    if (s.bus)
        usb_bus_free(s.bus);
    chip_model_free(chip);
    return rc;
}
