/* LeNet-5 through the whole USB: an unmodified libusb, umockdev, a host that speaks packets, ULPI or D+ and D-, the
 * RTL of the device core, the link, the array, memory, and back; the bytes are those of the C model, and so are they
 * when packets are lost and damaged between host and core.
 *
 *     umockdev-wrapper test_core LENET.weft CORE.vvp DIRECTORY SPEED FAULT     (test_core.sh)
 *
 * SPEED is high or full; of 256 packets FAULT are spoiled.  The core is simulated by Icarus, hundreds of times slower
 * than it is, so the clock by which the host's library waits is slowed down as well (--wrap in tests.mk). */
#include <libusb.h>
#include <pthread.h>
#include <time.h>

#include "chip_model.h"
#include "client.h"
#include "core_model.h"
#include "tests/test.h"

enum { SLOWER = 200, SECOND_NS = 1000000000, HIGH_BYTES = 512, FULL_BYTES = 64, RUNS = 2 };

/* --- a slow clock, for the objects of this program only ----------------------------------------- */

int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __real_pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t);
int __wrap_pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t);

static struct timespec scaled(const struct timespec *t, int64_t by, int64_t over)
{
    const int64_t ns =
        (int64_t)t->tv_nsec * by / over + (int64_t)t->tv_sec * by % over * (SECOND_NS / over);
    return (struct timespec){ .tv_sec = (time_t)((int64_t)t->tv_sec * by / over + ns / SECOND_NS),
                              .tv_nsec = (long)(ns % SECOND_NS) };
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
    const int rc = __real_clock_gettime(clock, t);
    if (rc == 0 && clock == CLOCK_MONOTONIC)
        *t = scaled(t, 1, SLOWER);
    return rc;
}

int __wrap_pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t)
{
    const struct timespec real = scaled(t, SLOWER, 1);
    return __real_pthread_cond_timedwait(c, m, &real);
}

/* --- the test ----------------------------------------------------------------------------------- */

static void run(test *t, const client *c, core_model *core)
{
    float out[CLIENT_OUTPUTS];
    weft_error err = { 0 };
    int right = 0;
    const int rc = client_use(c, "usb:", RUNS, out, &right, &err);
    const core_count n = core_model_count(core);
    CHECK(t, rc == WEFT_OK && right, "status %d, bytes %s: %s", rc, right ? "right" : "wrong",
          err.text);
    CHECK(t, n.out_packets > 20 && n.in_packets > 5, "%lu packets out, %lu in", n.out_packets,
          n.in_packets);
}

int main(int argc, char **argv)
{
    test t = test_begin("usb_core", argc, argv, 1, 1);
    const char *preload = getenv("LD_PRELOAD");
    if (!preload || !strstr(preload, "umockdev") || argc != 6)
        return test_skip(&t, "run it by test_core.sh");
    const int full = !strcmp(argv[4], "full");
    client c = { 0 };
    weft_error err = { 0 };
    CHECK(&t, client_begin(&c, argv[1], t.seed, &err) == WEFT_OK, "%s", err.text);
    chip_model *chip = chip_model_new(CLIENT_SHAPE);
    const usb_model behind = chip ? chip_model_usb(chip) : (usb_model){ 0 };
    core_model *core = chip ? core_model_new(argv[2], argv[3], full ? FULL_BYTES : HIGH_BYTES,
                                             (unsigned)atoi(argv[5]), &behind)
                            : NULL;
    const usb_model model = core ? core_model_usb(core) : (usb_model){ 0 };
    usb_bus *bus =
        core ? usb_bus_new(&model, full ? LIBUSB_SPEED_FULL : LIBUSB_SPEED_HIGH, 0, NULL) : NULL;
    CHECK(&t, bus, "no chip, no core or no bus");
    core_count n = { 0 };
    if (bus) {
        run(&t, &c, core);
        n = core_model_count(core);
        usb_bus_free(bus);
    }
    CHECK(&t, core_model_free(core), "the core's simulation failed");
    chip_model_free(chip);
    char what[160];
    snprintf(
        what, sizeof what,
        "LeNet-5 %d times over libusb and the RTL of the USB core at %s speed, %lu packets out, "
        "%lu in, %lu NAKs",
        RUNS, argv[4], n.out_packets, n.in_packets, n.naks);
    return test_end(&t, what);
}
