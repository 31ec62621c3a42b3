/* A board behind a serial port from the library's door to the chip's answer: weft.h over "serial:", a
 * pseudo-terminal, and behind it the simulated chip (pty_device.h).  LeNet-5 gives the bytes that ref: gives,
 * also with bytes lost, wrong, doubled and invented at STEPS places of both directions; a hang-up at any of
 * them ends the job with WEFT_ERR_NO_DEVICE, and after weft_recover the next job is right.
 *
 *     test_serial [STEPS]       from the top of the tree
 *     test_serial --rate        MB/s through the terminal, host and simulated chip together
 *     test_serial --play PATH SECONDS   a chip behind a port of that name, for other programs
 */
#define _GNU_SOURCE /* mkdtemp */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/transport/serial_port.h"
#include "host/transport/transport.h"
#include "pty_device.h"
#include "rtl/isa/weft_isa.h"
#include "tests/lenet.h"
#include "tests/rng.h"
#include "tests/test.h"

#define SHAPE     "4x4"
#define REFERENCE "ref:shape=" SHAPE ",port=8,fb=1024,acc=64"

enum { PATH_BYTES = 128, URI_BYTES = 192, RATE_BYTES = 1 << 20, CLOSE_MS = 500 };

typedef struct bench {
    test *t;
    pty_device *board;
    lenet s;
    char folder[PATH_BYTES / 2], path[PATH_BYTES], uri[URI_BYTES];
} bench;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int use(bench *b, weft_device **dev, weft_loaded **net, int *right, weft_error *err)
{
    int rc = weft_open(b->uri, dev, err);
    if (rc == WEFT_OK)
        rc = weft_load(*dev, b->s.program, NULL, net, err);
    return rc == WEFT_OK ? lenet_infer(*net, &b->s, right, err) : rc;
}

static int recover(bench *b, weft_device **dev, weft_loaded **net, int *right, weft_error *err)
{
    (void)pty_device_plug(b->board, &(pty_plan){ 0 });
    if (!*dev)
        return use(b, dev, net, right, err);
    int rc = weft_recover(*dev, err);
    if (rc == WEFT_OK && !*net)
        rc = weft_load(*dev, b->s.program, NULL, net, err);
    return rc == WEFT_OK ? lenet_infer(*net, &b->s, right, err) : rc;
}

/* Open, load and run under a plan; then the next job. */
static void check_plan(bench *b, const pty_plan *plan)
{
    weft_device *dev = NULL;
    weft_loaded *net = NULL;
    weft_error err = { 0 };
    int right = 0, lost = 0;
    const char *name = pty_fault_name(plan->fault);
    CHECK(b->t, pty_device_plug(b->board, plan) == 0, "no terminal");
    int rc = use(b, &dev, &net, &right, &err);
    if (rc == WEFT_OK && right)
        rc = lenet_infer(net, &b->s, &right, &err);
    if (plan->fault == PTY_FAULT_HANG_UP && rc == WEFT_ERR_NO_DEVICE) {
        lost = 1;
        rc = recover(b, &dev, &net, &right, &err);
    }
    CHECK(b->t, rc == WEFT_OK && right, "%s at %llu %s the chip: status %d, bytes %s, \"%s\"", name,
          (unsigned long long)plan->at, plan->from_chip ? "from" : "to", rc,
          right ? "right" : "wrong", err.text);
    CHECK(b->t, plan->fault != PTY_FAULT_HANG_UP || lost, "hang-up at %llu: nobody noticed",
          (unsigned long long)plan->at);
    const double from = seconds();
    weft_unload(net);
    weft_close(dev);
    CHECK(b->t, seconds() - from < 1e-3 * CLOSE_MS, "%s: closing took %.1f s", name,
          seconds() - from);
}

static void check_faults(bench *b, unsigned steps)
{
    check_plan(b, &(pty_plan){ 0 });
    const uint64_t bytes[2] = { pty_device_to(b->board), pty_device_from(b->board) };
    for (unsigned f = PTY_FAULT_DROP; f < PTY_FAULTS; f++)
        for (int from = 0; from < 2; from++)
            for (unsigned i = 0; i < steps; i++) /* not the last bytes: not every run has as many */
                check_plan(b, &(pty_plan){ .fault = (pty_fault)f,
                                           .from_chip = from,
                                           .at = bytes[from] * i / steps * 8 / 10 });
    /* Again and again, a fault in every third frame or so. */
    for (unsigned f = PTY_FAULT_DROP; f < PTY_FAULT_HANG_UP; f++)
        check_plan(b, &(pty_plan){ .fault = (pty_fault)f, .at = 700, .every = 7001 });
}

/* --- who may have the port ---------------------------------------------------------------------- */

/* A process that holds the port in its own way until it is killed. */
static pid_t hold(const char *path, int lock)
{
    int ready[2];
    char byte = 0;
    if (pipe(ready) != 0)
        return -1;
    const pid_t child = fork();
    if (child == 0) {
        const int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
        serial_port p;
        if (lock ? serial_port_open(path, 115200, 0, &p, NULL) != WEFT_OK
                 : ioctl(fd, TIOCEXCL) != 0)
            _exit(1);
        if (write(ready[1], "", 1) == 1)
            pause();
        _exit(0);
    }
    close(ready[1]);
    const ssize_t n = read(ready[0], &byte, 1);
    close(ready[0]);
    return n == 1 ? child : -1;
}

static void check_refused(bench *b, const char *uri, int status, const char *words)
{
    weft_device *dev = NULL;
    weft_error err = { 0 };
    const int rc = weft_open(uri, &dev, &err);
    CHECK(b->t, rc == status && strstr(err.text, words), "%s: status %d, \"%s\", want %d, \"%s\"",
          uri, rc, err.text, status, words);
    weft_close(dev);
}

static void check_access(bench *b)
{
    char uri[URI_BYTES + 32];
    (void)pty_device_plug(b->board, &(pty_plan){ 0 });
    for (int lock = 0; lock < 2; lock++) {
        const pid_t other = hold(b->path, lock);
        CHECK(b->t, other > 0, "the port cannot be held");
        check_refused(b, b->uri, WEFT_ERR_BUSY, "in use by another program");
        if (other > 0) {
            kill(other, SIGKILL);
            waitpid(other, NULL, 0);
        }
        /* A terminal stays exclusive as long as its master is open, which no serial port does. */
        check_plan(b, &(pty_plan){ 0 });
    }
    weft_device *dev = NULL;
    CHECK(b->t, weft_open(b->uri, &dev, NULL) == WEFT_OK, "open");
    check_refused(b, b->uri, WEFT_ERR_BUSY, "in use by another program");
    weft_close(dev);
    check_refused(b, "serial:", WEFT_ERR_ARG, "needs the path of a port");
    check_refused(b, "serial:/dev/null", WEFT_ERR_ARG, "is no serial port");
    check_refused(b, "serial:/no/such/port", WEFT_ERR_NO_DEVICE, "cannot be opened");
    snprintf(uri, sizeof uri, "%s,flow=xon", b->uri);
    check_refused(b, uri, WEFT_ERR_ARG, "flow is rts");
    snprintf(uri, sizeof uri, "serial:%s,baud=13000000", b->path);
    check_refused(b, uri, WEFT_ERR_ARG, "baud");
    snprintf(uri, sizeof uri, "%s,speed=1", b->uri);
    check_refused(b, uri, WEFT_ERR_ARG, "it has: baud flow wait");
    if (geteuid() == 0) { /* as somebody who is in no group */
        const pid_t child = fork();
        if (child == 0) {
            weft_error err = { 0 };
            serial_port p;
            if (chmod(b->folder, 0755) != 0 || setgid(65534) != 0 || setuid(65534) != 0)
                _exit(2);
            const int rc = serial_port_open(b->path, 115200, 0, &p, &err);
            _exit(rc == WEFT_ERR_IO && strstr(err.text, "dialout") ? 0 : 1);
        }
        int status = -1;
        waitpid(child, &status, 0);
        CHECK(b->t, status == 0, "no permission: exit status %d", status);
    }
}

/* A board that is plugged in only while somebody waits for it. */
static void check_wait(bench *b)
{
    char uri[URI_BYTES + 32];
    weft_device *dev = NULL;
    weft_error err = { 0 };
    snprintf(uri, sizeof uri, "%s,wait=20", b->uri);
    pty_device_unplug(b->board);
    const pid_t child = fork();
    if (child == 0) { /* the port as a link to another terminal, after a while */
        sleep(1);
        _exit(symlink("/dev/null", b->path) != 0);
    }
    const double from = seconds();
    int rc = weft_open(uri, &dev, &err);
    CHECK(b->t, rc == WEFT_ERR_ARG && seconds() - from > 0.5, "waited %.1f s: %d %s",
          seconds() - from, rc, err.text);
    waitpid(child, NULL, 0);
    weft_close(dev);
}

/* Nothing but silence: the open ends with a sentence, in bounded time. */
static void check_silence(bench *b)
{
    const int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    const double from = seconds();
    pty_device_unplug(b->board);
    CHECK(b->t,
          master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0 &&
              symlink(ptsname(master), b->path) == 0,
          "no terminal");
    check_refused(b, b->uri, WEFT_ERR_NO_DEVICE, "does not answer");
    CHECK(b->t, seconds() - from < 10, "it took %.1f s", seconds() - from);
    unlink(b->path);
    close(master);
}

static void check_list(bench *b)
{
    static const char *const names[] = { "usb-B", "usb-A" };
    char path[PATH_BYTES], name[PATH_BYTES];
    for (unsigned i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", b->folder, names[i]);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    CHECK(b->t,
          serial_port_list(b->folder, 0, name, sizeof name) && !strcmp(name, "usb-A") &&
              serial_port_list(b->folder, 1, name, sizeof name) && !strcmp(name, "usb-B") &&
              !serial_port_list(b->folder, 2, name, sizeof name) &&
              !serial_port_list("/no/such", 0, name, sizeof name),
          "the last name was %s", name);
    for (unsigned i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", b->folder, names[i]);
        unlink(path);
    }
}

/* --- rates -------------------------------------------------------------------------------------- */

static void measure(bench *b)
{
    static uint8_t there[RATE_BYTES], back[RATE_BYTES];
    weft_transport *t = NULL;
    weft_error err = { 0 };
    uint32_t status;
    rng r = rng_make(1);
    for (size_t i = 0; i < sizeof there; i++)
        there[i] = (uint8_t)rng_u32(&r);
    (void)pty_device_plug(b->board, &(pty_plan){ 0 });
    int rc = weft_transport_open(b->uri, &t, &err);
    const double from = seconds();
    if (rc == WEFT_OK)
        rc = t->ops->mem_write(t, 0, there, sizeof there, &err);
    if (rc == WEFT_OK)
        rc = t->ops->reg_read(t, WEFT_REG_STATUS, &status, &err);
    const double between = seconds();
    if (rc == WEFT_OK)
        rc = t->ops->mem_read(t, 0, back, sizeof back, &err);
    const double end = seconds();
    CHECK(b->t, rc == WEFT_OK && !memcmp(there, back, sizeof back), "%s", err.text);
    printf("serial: through a pseudo-terminal, simulated chip: writes %.2f MB/s, reads %.2f MB/s\n",
           1e-6 * RATE_BYTES / (between - from), 1e-6 * RATE_BYTES / (end - between));
    if (t)
        t->ops->close(t);
}

static int play(const char *path, int for_seconds)
{
    pty_device *board = pty_device_new(SHAPE, path);
    if (!board || pty_device_plug(board, &(pty_plan){ 0 }) != 0)
        return 1;
    sleep((unsigned)for_seconds);
    pty_device_free(board);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && !strcmp(argv[1], "--play"))
        return play(argv[2], atoi(argv[3]));
    test t = test_begin("serial", argc, argv, 1, 1);
    const int only_rate = argc > 1 && !strcmp(argv[1], "--rate");
    const unsigned steps = argc > 1 && !only_rate ? (unsigned)atoi(argv[1]) : 6;
    bench b = { .t = &t, .folder = "/tmp/weft_serial_XXXXXX" };
    CHECK(&t, mkdtemp(b.folder), "no folder");
    snprintf(b.path, sizeof b.path, "%s/port", b.folder);
    /* A simulated chip on a busy machine answers late: at a slow rate the host waits longer. */
    snprintf(b.uri, sizeof b.uri, "serial:%s,baud=%s", b.path, only_rate ? "12000000" : "1000000");
    b.board = pty_device_new(SHAPE, b.path);
    CHECK(&t, b.board, "no chip");
    if (b.board && only_rate) {
        measure(&b);
    } else if (b.board && lenet_make(&t, &b.s, REFERENCE)) {
        check_faults(&b, steps);
        check_access(&b);
        check_wait(&b);
        check_silence(&b);
        check_list(&b);
    }
    lenet_free(&b.s);
    pty_device_free(b.board);
    rmdir(b.folder);
    char what[160];
    snprintf(what, sizeof what,
             "LeNet-5 over a pseudo-terminal and the chip's link, %d faults at %u places both ways",
             PTY_FAULTS - 1, steps);
    return test_end(&t, what);
}
