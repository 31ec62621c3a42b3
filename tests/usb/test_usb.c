/* A board on the USB from the library's door to the chip's answer: weft.h over "usb:", unmodified libusb,
 * a bus of umockdev, and behind it the simulated chip.  LeNet-5 gives the bytes that ref: gives, also
 * with every kind of fault at every transfer of a run; after an unplug the device is recovered and the
 * next job is right.
 *
 *     umockdev-wrapper test_usb [STEP]       every STEP-th transfer only; from the top of the tree
 */
#include <string.h>

#include "chip_model.h"
#include "tests/rng.h"
#include "tests/test.h"
#include <libusb.h>
#include <weft/weft.h>
#include <weft/weft_compiler.h>

#define NETWORK "models/nets/lenet5/lenet5_int8.onnx"
#define SHAPE   "4x4"

enum { INPUTS = 784, OUTPUTS = 10 };

typedef struct subject {
    weft_program *program;
    float in[INPUTS], want[OUTPUTS];
} subject;

/* One inference; the status, and whether the bytes are those wanted. */
static int infer(weft_loaded *net, const subject *s, int *right, weft_error *err)
{
    float out[OUTPUTS] = { 0 };
    const weft_input input = { sizeof input, WEFT_FORM_FLOAT32, s->in, sizeof s->in };
    const weft_output output = { sizeof output, WEFT_FORM_FLOAT32, out, sizeof out };
    const int rc = weft_run(net, &input, &output, WEFT_FOREVER, err);
    *right = rc == WEFT_OK && !memcmp(out, s->want, sizeof out);
    return rc;
}

/* The program for the array of the device at the address, or NULL. */
static weft_program *compile_for(test *t, weft_device *dev)
{
    weft_array array = { .struct_bytes = sizeof array };
    weft_network *net = NULL;
    weft_compiled *compiled = NULL;
    weft_program *program = NULL;
    weft_error err = { 0 };
    uint64_t bytes = 0;
    int rc = weft_device_array(dev, &array, &err);
    if (rc == WEFT_OK)
        rc = weft_network_open(NETWORK, NULL, &net, &err);
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
    const weft_input input = { sizeof input, WEFT_FORM_FLOAT32, s->in, sizeof s->in };
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
    if (plan.fault == USB_FAULT_UNPLUG && rc == WEFT_ERR_NO_DEVICE)
        rc = recover(s, bus, &dev, &net, &right, &err);
    else if (rc == WEFT_OK && right)
        rc = infer(net, s, &right, &err);
    CHECK(t, rc == WEFT_OK && right, "%s at %u: status %d, bytes %s, \"%s\"", name, plan.at, rc,
          right ? "right" : "wrong", err.text);
    weft_unload(net);
    weft_close(dev);
    CHECK(t, !usb_bus_flying(bus), "%s at %u: %u transfers out at the end", name, plan.at,
          usb_bus_flying(bus));
    return submitted;
}

int main(int argc, char **argv)
{
    test t = test_begin("usb", argc, argv, 1, 1);
    const char *preload = getenv("LD_PRELOAD");
    const unsigned step = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
    if (!preload || !strstr(preload, "umockdev"))
        return test_skip(&t, "run it under umockdev-wrapper (package umockdev)");
    chip_model *chip = chip_model_new(SHAPE);
    const usb_model model = chip ? chip_model_usb(chip) : (usb_model){ 0 };
    usb_bus *bus = chip ? usb_bus_new(&model, LIBUSB_SPEED_HIGH, 0, NULL) : NULL;
    weft_device *dev = NULL;
    weft_error err = { 0 };
    subject s = { 0 };
    rng r = rng_make(t.seed);
    for (unsigned i = 0; i < INPUTS; i++)
        s.in[i] = (float)rng_range(&r, -100, 250) / 100.0f;
    CHECK(&t, bus && weft_open("usb:", &dev, &err) == WEFT_OK, "%s", err.text);
    s.program = dev ? compile_for(&t, dev) : NULL;
    weft_close(dev);
    unsigned transfers = 0;
    if (s.program && ask_reference(&t, &s, "ref:shape=" SHAPE ",port=8,fb=1024,acc=64"))
        transfers = check_plan(&t, &s, bus, (usb_plan){ 0 });
    for (unsigned f = USB_FAULT_UNPLUG; f < USB_FAULTS; f++)
        for (unsigned at = 0; at < transfers; at += step ? step : 1)
            (void)check_plan(&t, &s, bus, (usb_plan){ .fault = (usb_fault)f, .at = at });
    weft_program_close(s.program);
    if (bus)
        usb_bus_free(bus);
    chip_model_free(chip);
    char what[120];
    snprintf(what, sizeof what,
             "LeNet-5 over libusb and the chip's link, %d faults at every %u. of %u transfers",
             USB_FAULTS - 1, step ? step : 1, transfers);
    return test_end(&t, what);
}
