/* What the USB costs, measured on a bus without hardware: unmodified libusb, umockdev, the simulated chip.
 *
 *     umockdev-wrapper perf_usb [NETWORK]      prints two tables; NETWORK: ResNet-8, for the jobs
 *
 * Jobs: a second of this machine, which simulates the chip too, and of simulated time would be what a board gives
 * (perf_link); the processor's share of the host alone, as a process of its own, without the simulation.  Recovery:
 * how much longer a LeNet-5 job takes when the fault happens to one of its transfers, the median of TRIES;
 * after an unplug, weft_recover and the job. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "boards.h"
#include <libusb.h>
#include <weft/weft.h>
#include <weft/weft_compiler.h>

#define LENET "models/nets/lenet5/lenet5_int8.onnx"

enum { MOST_INPUTS = 3072, OUTPUTS = 10, TRIES = 7, JOBS = 32, MOST_IN_FLIGHT = 16 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Compile a network for the device and load it. */
static int load(weft_device *dev, const char *path, weft_loaded **net, weft_error *err)
{
    weft_array array = { .struct_bytes = sizeof array };
    weft_network *network = NULL;
    weft_compiled *compiled = NULL;
    weft_program *program = NULL;
    uint64_t bytes = 0;
    int rc = weft_device_array(dev, &array, err);
    if (rc == WEFT_OK)
        rc = weft_network_open(path, NULL, &network, err);
    if (rc == WEFT_OK)
        rc = weft_network_compile(network, &array, NULL, &compiled, err);
    if (rc == WEFT_OK) {
        const void *file = weft_compiled_bytes(compiled, &bytes);
        rc = weft_program_parse(file, bytes, &program, err);
    }
    if (rc == WEFT_OK)
        rc = weft_load(dev, program, NULL, net, err);
    weft_program_close(program);
    weft_compiled_close(compiled);
    weft_network_close(network);
    return rc;
}

/* --- jobs a second ------------------------------------------------------------------------------ */

static int run_jobs(weft_loaded *net, unsigned in_flight, unsigned count, weft_error *err)
{
    static float in[MOST_INPUTS], out[MOST_IN_FLIGHT][OUTPUTS];
    weft_port_info port = { .struct_bytes = sizeof port };
    weft_job *job[MOST_IN_FLIGHT] = { NULL };
    int rc = weft_program_describe_input(weft_loaded_program(net), 0, &port, err);
    const weft_input input = { sizeof input, WEFT_FORM_FLOAT32, in, port.float32_bytes };
    for (unsigned i = 0; i < count + in_flight && rc == WEFT_OK; i++) {
        weft_job **at = &job[i % in_flight];
        const weft_output output = { sizeof output, WEFT_FORM_FLOAT32, out[i % in_flight],
                                     sizeof out[0] };
        const weft_request request = { .struct_bytes = sizeof request,
                                       .input_count = 1,
                                       .output_count = 1,
                                       .inputs = &input,
                                       .outputs = &output };
        if (*at)
            rc = weft_wait(*at, WEFT_FOREVER, err);
        weft_job_free(*at);
        *at = NULL;
        if (rc == WEFT_OK && i < count)
            rc = weft_submit(net, &request, at, err);
    }
    return rc;
}

/* The host as a process of its own; exit status 0, and the time of the jobs through the pipe. */
static void be_host(const char *path, unsigned in_flight, int to)
{
    weft_device *dev = NULL;
    weft_loaded *net = NULL;
    weft_error err = { 0 };
    struct rusage before, after;
    int rc = weft_open("usb:", &dev, &err);
    if (rc == WEFT_OK)
        rc = load(dev, path, &net, &err);
    getrusage(RUSAGE_SELF, &before);
    const double from = seconds();
    if (rc == WEFT_OK)
        rc = run_jobs(net, in_flight, JOBS, &err);
    double told[2] = { seconds() - from, 0.0 };
    getrusage(RUSAGE_SELF, &after);
    told[1] = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec -
                       before.ru_stime.tv_sec) +
              1e-6 * (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec +
                              after.ru_stime.tv_usec - before.ru_stime.tv_usec);
    weft_unload(net);
    weft_close(dev);
    if (rc != WEFT_OK)
        fprintf(stderr, "%s\n", err.text);
    _exit(rc != WEFT_OK || write(to, told, sizeof told) != sizeof told);
}

static void measure_jobs(boards *b, char *self, char *path, unsigned in_flight)
{
    char count[16], *const words[] = { self, path, count, NULL };
    int ends[2], status = 1;
    double told[2] = { 0 };
    snprintf(count, sizeof count, "%u", in_flight);
    CHECK(b->t, pipe(ends) == 0, "pipe");
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        execv(self, words);
        _exit(127);
    }
    close(ends[1]);
    const int got = read(ends[0], told, sizeof told) == sizeof told;
    close(ends[0]);
    waitpid(child, &status, 0);
    CHECK(b->t, got && status == 0, "%u in flight: status %x", in_flight, (unsigned)status);
    if (got)
        printf("| %s, %u in flight | %.1f | %.2f ms | %.0f %% |\n", strrchr(path, '/') + 1,
               in_flight, JOBS / told[0], 1e3 * told[1] / JOBS, 100.0 * told[1] / told[0]);
}

/* --- recovery ----------------------------------------------------------------------------------- */

/* One job, with a fault at its `at`-th transfer; its seconds, or -1. */
static double time_fault(boards *b, usb_fault fault, unsigned at)
{
    weft_device *dev = NULL;
    weft_loaded *net = NULL;
    weft_error err = { 0 };
    usb_bus_replug(b->bus, &(usb_plan){ 0 });
    int rc = weft_open("usb:", &dev, &err);
    if (rc == WEFT_OK)
        rc = load(dev, LENET, &net, &err);
    if (rc == WEFT_OK)
        rc = run_jobs(net, 1, 1, &err);
    usb_bus_expect(b->bus, &(usb_plan){ fault, at });
    const double from = seconds();
    if (rc == WEFT_OK)
        rc = run_jobs(net, 1, 1, &err);
    if (rc == WEFT_ERR_NO_DEVICE && fault == USB_FAULT_UNPLUG) {
        usb_bus_replug(b->bus, &(usb_plan){ 0 });
        rc = weft_recover(dev, &err);
        if (rc == WEFT_OK)
            rc = run_jobs(net, 1, 1, &err);
    }
    const double took = seconds() - from;
    CHECK(b->t, rc == WEFT_OK, "%s: %s", usb_fault_name(fault), err.text);
    weft_unload(net);
    weft_close(dev);
    return rc == WEFT_OK ? took : -1.0;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(boards *b, usb_fault fault, double *worst)
{
    double took[TRIES];
    for (unsigned i = 0; i < TRIES; i++)
        took[i] = time_fault(b, fault, i);
    qsort(took, TRIES, sizeof *took, by_size);
    *worst = took[TRIES - 1];
    return took[TRIES / 2];
}

static void measure_recovery(boards *b)
{
    double worst;
    const double plain = median_of(b, USB_FAULT_NONE, &worst);
    printf("\n| fault | a job takes longer by | at worst |\n|---|---|---|\n");
    for (unsigned f = USB_FAULT_UNPLUG; f < USB_FAULTS; f++) {
        const double took = median_of(b, (usb_fault)f, &worst);
        printf("| %s | %.0f ms | %.0f ms |\n", usb_fault_name((usb_fault)f), 1e3 * (took - plain),
               1e3 * (worst - plain));
        CHECK(b->t, worst - plain < 2.0, "%s: %.1f s", usb_fault_name((usb_fault)f), worst - plain);
    }
}

int main(int argc, char **argv)
{
    static const char *const serial[] = { NULL };
    if (argc == 3)
        be_host(argv[1], (unsigned)atoi(argv[2]), 1);
    test t = test_begin("perf_usb", argc, argv, 1, 1);
    const char *preload = getenv("LD_PRELOAD");
    if (!preload || !strstr(preload, "umockdev"))
        return test_skip(&t, "run it under umockdev-wrapper (package umockdev)");
    boards b = { .t = &t };
    CHECK(&t, boards_plug_in(&b, 1, serial), "no board");
    if (argc > 1 && b.bus) {
        printf("| jobs | a second | of the host's processor each | share of one core "
               "|\n|---|---|---|---|\n");
        measure_jobs(&b, argv[0], argv[1], 1);
        measure_jobs(&b, argv[0], argv[1], MOST_IN_FLIGHT);
    }
    if (b.bus)
        measure_recovery(&b);
    boards_plug_out(&b);
    boards_free(&b);
    return test_end(&t, "jobs over libusb, recovery from each fault");
}
