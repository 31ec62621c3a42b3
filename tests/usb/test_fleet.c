/* A data set spread over boards on the USB by the command, with boards unplugged in the middle of it that come back, or
 * do not.  Unmodified libusb on a bus of umockdev, the simulated chip behind each plug.  Predictions are those of
 * ref:, byte for byte, and every sample is counted once.
 *
 *     umockdev-wrapper test_fleet WEFT DIRECTORY [STEP]      the command; where its files may lie; with STEP a board is
 *                                                            unplugged at every STEP-th transfer
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "boards.h"
#include "models/base/files.h"
#include "tests/rng.h"

#define NETWORK "models/nets/lenet5/lenet5_int8.onnx"

enum { SAMPLES = 18, PIXELS = 784, RUN_SECONDS = 30, LAST_TRANSFER = 330 };

static void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* How a board is treated while the command runs. */
typedef struct fate {
    unsigned unplug_at; /* transfer; 0: stays plugged in */
    long back_after_ms; /* -1: never */
} fate;

static void write_data(const boards *b, rng *r)
{
    static uint8_t pixels[SAMPLES * PIXELS];
    char path[BOARDS_PATH_BYTES], labels[SAMPLES * 4] = "";
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)rng_u32(r);
    for (unsigned i = 0; i < SAMPLES; i++)
        snprintf(labels + strlen(labels), 4, "%u\n", i % 10);
    boards_path(b, "pixels", path);
    CHECK(b->t, weft_file_write(path, pixels, sizeof pixels, NULL) == WEFT_OK, "%s", path);
    boards_path(b, "labels", path);
    CHECK(b->t, weft_file_write(path, labels, strlen(labels), NULL) == WEFT_OK, "%s", path);
}

static int start_eval(const boards *b, const char *via)
{
    char pixels[BOARDS_PATH_BYTES], labels[BOARDS_PATH_BYTES], predictions[BOARDS_PATH_BYTES];
    char line[4 * BOARDS_PATH_BYTES], *words[16] = { NULL };
    boards_path(b, "pixels", pixels);
    boards_path(b, "labels", labels);
    boards_path(b, "predictions", predictions);
    unlink(predictions);
    snprintf(line, sizeof line,
             "weft eval " NETWORK " --data %s --labels %s --pixels --via %s --predictions %s",
             pixels, labels, via, predictions);
    char *rest = NULL;
    unsigned count = 0;
    for (char *word = strtok_r(line, " ", &rest); word && count < 15;
         word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    return boards_start(b, words);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Run it to its end, with boards pulled and plugged in again; its exit status. */
static int run_eval(const boards *b, const char *via, const fate *fates, unsigned count)
{
    double back_at[BOARDS] = { 0 };
    int status = 0;
    for (unsigned i = 0; i < count; i++) {
        const usb_plan plan = { fates[i].unplug_at ? USB_FAULT_UNPLUG : USB_FAULT_NONE,
                                fates[i].unplug_at };
        usb_bus_plug(b->bus, i, &plan);
    }
    const int child = start_eval(b, via);
    const double from = seconds();
    while (waitpid(child, &status, WNOHANG) == 0) {
        for (unsigned i = 0; i < count; i++) {
            if (usb_bus_is_gone(b->bus, i) && back_at[i] == 0.0) {
                usb_bus_pull(b->bus, i);
                back_at[i] = fates[i].back_after_ms < 0
                                 ? from + 1e9
                                 : seconds() + 1e-3 * (double)fates[i].back_after_ms;
            }
            if (back_at[i] > 0.0 && seconds() >= back_at[i]) {
                usb_bus_plug(b->bus, i, &(usb_plan){ 0 });
                back_at[i] = -1.0;
            }
        }
        if (seconds() - from > RUN_SECONDS)
            kill(child, SIGKILL);
        sleep_ms(5);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Samples that the boards say they have done, together. */
static unsigned count_images(const char *said)
{
    unsigned sum = 0;
    for (const char *at = said; (at = strstr(at, "usb:")) != NULL; at++) {
        const char *colon = strstr(at, ": ");
        sum += colon ? (unsigned)strtoul(colon + 2, NULL, 10) : 0;
    }
    return sum;
}

typedef struct scene {
    const char *name, *via;
    unsigned boards;
    fate fates[BOARDS];
    int status;       /* exit status of the command */
    const char *says; /* in what it prints; or NULL */
} scene;

static void check_scene(const boards *b, const scene *s, const uint8_t *want)
{
    const double from = seconds();
    const int status = run_eval(b, s->via, s->fates, s->boards);
    if (getenv("V"))
        fprintf(stderr, "%s: %.1f s\n", s->name, seconds() - from);
    uint8_t *said = boards_read(b, "said"), *got = boards_read(b, "predictions");
    CHECK(b->t, status == s->status, "%s: exit status %d: %s", s->name, status, said);
    CHECK(b->t, !s->says || strstr((char *)said, s->says), "%s: %s", s->name, said);
    if (s->status == 0) {
        CHECK(b->t, !strcmp((char *)got, (const char *)want), "%s: other predictions: %s", s->name,
              said);
        CHECK(b->t, s->boards == 1 || count_images((char *)said) == SAMPLES, "%s: counted %s",
              s->name, said);
    }
    CHECK(b->t, !usb_bus_flying(b->bus), "%s: transfers out at the end", s->name);
    free(said);
    free(got);
}

static void check_command(boards *b, unsigned step)
{
    static const char *const serial[] = { "a1", "b2", "c3" };
    static const scene scenes[] = {
        { "two", "usb:*", 2, { { 0 } }, 0, "usb:serial=b2: " },
        { "one", "usb:*", 1, { { 0 } }, 0, "images/s" },
        { "one comes back", "usb:*,wait=20", 1, { { 250, 300 } }, 0, "images/s" },
        { "unplugged while it is loaded", "usb:*,wait=20", 2, { { 0, 0 }, { 120, 200 } }, 0, NULL },
        { "at once", "usb:serial=a1,wait=20", 1, { { 210, 0 } }, 0, "images/s" },
        { "three, one comes back", "usb:*,wait=20", 3, { { 0, 0 }, { 230, 400 } }, 0, NULL },
        { "three, one stays away",
          "usb:*",
          3,
          { { 0, 0 }, { 0, 0 }, { 225, -1 } },
          0,
          "then it did not come back: no Weft device with the serial number c3" },
        { "nobody waits for one that is not needed",
          "usb:*,wait=3000",
          2,
          { { 0, 0 }, { 240, -1 } },
          0,
          NULL },
        { "both, one comes back", "usb:*,wait=20", 2, { { 222, -1 }, { 233, 500 } }, 0, NULL },
        { "all stay away",
          "usb:*,wait=1",
          2,
          { { 222, -1 }, { 233, -1 } },
          4,
          "no device is left" },
        { "one stays away", "usb:", 1, { { 240, -1 } }, 4, "with wait=SECONDS" },
    };
    rng r = rng_make(b->t->seed);
    write_data(b, &r);
    CHECK(b->t, run_eval(b, BOARDS_SAME, NULL, 0) == 0, "no reference");
    uint8_t *want = boards_read(b, "predictions");
    for (unsigned at = 1; step && at < LAST_TRANSFER; at += step) {
        const scene one = { "swept", "usb:*,wait=20", 2, { { at, 50 } }, 0, NULL };
        CHECK(b->t, boards_plug_in(b, one.boards, serial), "no boards");
        check_scene(b, &one, want);
        boards_plug_out(b);
    }
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        CHECK(b->t, boards_plug_in(b, scenes[i].boards, serial), "no boards");
        check_scene(b, &scenes[i], want);
        boards_plug_out(b);
    }
    free(want);
}

int main(int argc, char **argv)
{
    test t = test_begin("usb_fleet", argc, argv, 1, 1);
    const char *preload = getenv("LD_PRELOAD");
    if (!preload || !strstr(preload, "umockdev"))
        return test_skip(&t, "run it under umockdev-wrapper (package umockdev)");
    boards b = { .t = &t, .weft = argc > 1 ? argv[1] : "", .folder = argc > 2 ? argv[2] : "." };
    check_command(&b, argc > 3 ? (unsigned)atoi(argv[3]) : 0);
    boards_free(&b);
    return test_end(&t, "a data set over one to three boards, unplugged on the way, back or not");
}
