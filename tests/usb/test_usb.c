/* A board on the USB from the library's door to the chip's answer: weft.h over "usb:", unmodified libusb,
 * a bus of umockdev, and behind it the simulated chip.  LeNet-5 and ResNet-8 give the bytes that ref:
 * gives, also with every kind of fault at every transfer of a run; after an unplug the device is recovered
 * and the next job is right.
 *
 *     umockdev-wrapper test_usb [STEP [RESNET_STEP]]       every STEP-th transfer only; from the top of the
 *                                                          tree.  ResNet-8 is that of $WEFT_DATA or
 *                                                          ../shared/data, and left out without it.
 */
#include <string.h>
#include <unistd.h>

#include "chip_model.h"
#include "tests/rng.h"
#include "tests/test.h"
#include <libusb.h>
#include <weft/weft.h>
#include <weft/weft_compiler.h>

enum { MOST_INPUTS = 3072, OUTPUTS = 10, PATH_BYTES = 512 };

typedef struct network {
    const char *name, *path;
    const char *shape, *same; /* the chip's; the C model of that */
    size_t inputs;
} network;

typedef struct subject {
    const network *net;
    weft_program *program;
    float in[MOST_INPUTS], want[OUTPUTS];
} subject;

static weft_input input_of(const subject *s)
{
    return (weft_input){ sizeof(weft_input), WEFT_FORM_FLOAT32, s->in,
                         s->net->inputs * sizeof *s->in };
}

/* One inference; the status, and whether the bytes are those wanted. */
static int infer(weft_loaded *net, const subject *s, int *right, weft_error *err)
{
    float out[OUTPUTS] = { 0 };
    const weft_input input = input_of(s);
    const weft_output output = { sizeof output, WEFT_FORM_FLOAT32, out, sizeof out };
    const int rc = weft_run(net, &input, &output, WEFT_FOREVER, err);
    *right = rc == WEFT_OK && !memcmp(out, s->want, sizeof out);
    return rc;
}

/* The program for the array of the device at the address, or NULL. */
static weft_program *compile_for(test *t, const char *path, weft_device *dev)
{
    weft_array array = { .struct_bytes = sizeof array };
    weft_network *net = NULL;
    weft_compiled *compiled = NULL;
    weft_program *program = NULL;
    weft_error err = { 0 };
    uint64_t bytes = 0;
    int rc = weft_device_array(dev, &array, &err);
    if (rc == WEFT_OK)
        rc = weft_network_open(path, NULL, &net, &err);
    if (rc == WEFT_OK)
        rc = weft_network_compile(net, &array, NULL, &compiled, &err);
    if (rc == WEFT_OK) {
        const void *file = weft_compiled_bytes(compiled, &bytes);
        rc = weft_program_parse(file, bytes, &program, &err);
    }
    CHECK(t, rc == WEFT_OK, "%s", err.text);
    weft_compiled_close(compiled);
    weft_network_close(net);
    return program;
}

/* What the C model of the same array makes of the input. */
static int ask_reference(test *t, subject *s, const char *address)
{
    weft_device *dev = NULL;
    weft_loaded *net = NULL;
    weft_error err = { 0 };
    int right = 0;
    int rc = weft_open(address, &dev, &err);
    if (rc == WEFT_OK)
        rc = weft_load(dev, s->program, NULL, &net, &err);
    const weft_input input = input_of(s);
    const weft_output output = { sizeof output, WEFT_FORM_FLOAT32, s->want, sizeof s->want };
    if (rc == WEFT_OK)
        rc = weft_run(net, &input, &output, WEFT_FOREVER, &err);
    CHECK(t, rc == WEFT_OK && infer(net, s, &right, &err) == WEFT_OK && right, "%s", err.text);
    weft_unload(net);
    weft_close(dev);
    return rc == WEFT_OK;
}

/* Open, load, run; whatever fails ends it.  *net and *dev are given back by the caller. */
static int use(const subject *s, weft_device **dev, weft_loaded **net, int *right, weft_error *err)
{
    int rc = weft_open("usb:", dev, err);
    if (rc == WEFT_OK)
        rc = weft_load(*dev, s->program, NULL, net, err);
    return rc == WEFT_OK ? infer(*net, s, right, err) : rc;
}

/* After the device has gone: plug it in again, recover, and the next job is right.  If it had gone before
 * it was open, it can be opened now. */
static int recover(const subject *s, usb_bus *bus, weft_device **dev, weft_loaded **net, int *right,
                   weft_error *err)
{
    usb_bus_replug(bus, &(usb_plan){ 0 });
    if (!*dev)
        return use(s, dev, net, right, err);
    int rc = weft_recover(*dev, err);
    if (rc == WEFT_OK && !*net)
        rc = weft_load(*dev, s->program, NULL, net, err);
    return rc == WEFT_OK ? infer(*net, s, right, err) : rc;
}

static unsigned check_plan(test *t, const subject *s, usb_bus *bus, usb_plan plan)
{
    weft_device *dev = NULL;
    weft_loaded *net = NULL;
    weft_error err = { 0 };
    int right = 0;
    const char *name = usb_fault_name(plan.fault);
    usb_bus_replug(bus, &plan);
    int rc = use(s, &dev, &net, &right, &err);
    const unsigned submitted = usb_bus_submitted(bus);
    if (rc == WEFT_OK &&
        right) /* on a slow machine there are more transfers, and the fault comes here */
        rc = infer(net, s, &right, &err);
    if (plan.fault == USB_FAULT_UNPLUG && rc == WEFT_ERR_NO_DEVICE)
        rc = recover(s, bus, &dev, &net, &right, &err);
    CHECK(t, rc == WEFT_OK && right, "%s at %u: status %d, bytes %s, \"%s\"", name, plan.at, rc,
          right ? "right" : "wrong", err.text);
    weft_unload(net);
    weft_close(dev);
    CHECK(t, !usb_bus_flying(bus), "%s at %u: %u transfers out at the end", name, plan.at,
          usb_bus_flying(bus));
    return submitted;
}

/* All faults at every step-th transfer (0: none); how many transfers a run has. */
static unsigned check_network(test *t, const network *net, unsigned step)
{
    chip_model *chip = chip_model_new(net->shape);
    const usb_model model = chip ? chip_model_usb(chip) : (usb_model){ 0 };
    usb_bus *bus = chip ? usb_bus_new(&model, LIBUSB_SPEED_HIGH, 0, NULL) : NULL;
    weft_device *dev = NULL;
    weft_error err = { 0 };
    static subject s;
    rng r = rng_make(t->seed);
    s = (subject){ .net = net };
    for (size_t i = 0; i < net->inputs; i++)
        s.in[i] = (float)rng_range(&r, -100, 250) / 100.0f;
    CHECK(t, bus && weft_open("usb:", &dev, &err) == WEFT_OK, "%s", err.text);
    s.program = dev ? compile_for(t, net->path, dev) : NULL;
    weft_close(dev);
    unsigned transfers = 0;
    if (s.program && ask_reference(t, &s, net->same))
        transfers = check_plan(t, &s, bus, (usb_plan){ 0 });
    for (unsigned f = USB_FAULT_UNPLUG; step && f < USB_FAULTS; f++)
        for (unsigned at = f % step; at < transfers; at += step)
            (void)check_plan(t, &s, bus, (usb_plan){ .fault = (usb_fault)f, .at = at });
    weft_program_close(s.program);
    if (bus)
        usb_bus_free(bus);
    chip_model_free(chip);
    return transfers;
}

int main(int argc, char **argv)
{
    test t = test_begin("usb", argc, argv, 1, 1);
    const char *preload = getenv("LD_PRELOAD"), *data = getenv("WEFT_DATA");
    const unsigned step = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
    const unsigned resnet_step = argc > 2 ? (unsigned)atoi(argv[2]) : step;
    if (!preload || !strstr(preload, "umockdev"))
        return test_skip(&t, "run it under umockdev-wrapper (package umockdev)");
    char path[PATH_BYTES], what[160];
    snprintf(path, sizeof path, "%s/mlperf_tiny/models/pretrainedResnet_quant.tflite",
             data ? data : "../shared/data");
    const network lenet = { "LeNet-5", "models/nets/lenet5/lenet5_int8.onnx", "4x4",
                            "ref:shape=4x4,port=8,fb=1024,acc=64", 784 };
    const network resnet = { "ResNet-8", path, "8x8", "ref:shape=8x8,port=16,fb=1024,acc=256",
                             3072 };
    const unsigned small = check_network(&t, &lenet, step);
    const unsigned large = access(path, R_OK) == 0 ? check_network(&t, &resnet, resnet_step) : 0;
    snprintf(what, sizeof what,
             "LeNet-5%s over libusb and the chip's link, %d faults at every %u. and %u. of %u and "
             "%u transfers",
             large ? " and ResNet-8" : " (no data for ResNet-8)", USB_FAULTS - 1, step, resnet_step,
             small, large);
    return test_end(&t, what);
}
