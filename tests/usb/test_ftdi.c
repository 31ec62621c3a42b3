/* Boards behind an FTDI chip from the library's door to the chip's answer: "ftdi:", unmodified libusb and libftdi1, a
 * bus of umockdev, and behind the FIFO the simulated chip.  LeNet-5 gives the bytes of ref: behind an FT232H, an
 * FT2232H and an FT601, also with every kind of fault at every STEP-th transfer; chips that are not set up for it, not
 * chosen, or of another kind are refused with what to do.
 *
 *     umockdev-wrapper test_ftdi PROGRAM.weft [STEP]          the program: LeNet-5 for the array of client.h
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip_model.h"
#include "client.h"
#include "ftdi_model.h"
#include "host/transport/ftdi/ftdi_chips.h"
#include "host/transport/usb/usb_stream.h"
#include "models/base/files.h"
#include "tests/test.h"

enum { TEXT_BYTES = 1024, STREAM_BYTES = 5000, TURNS = 100, TURN_US = 20000 };

/* --- jobs and faults ---------------------------------------------------------------------------- */

/* A job with a fault in it; if it unplugged the board, that is plugged in and recovered; then another job. */
static unsigned check_plan(test *t, const client *c, usb_bus *bus, const char *chip, usb_plan plan)
{
    weft_device *dev = NULL;
    weft_loaded *net = NULL;
    weft_error err = { 0 };
    float out[CLIENT_OUTPUTS] = { 0 };
    usb_bus_replug(bus, &plan);
    int rc = weft_open("ftdi:", &dev, &err);
    if (rc == WEFT_OK)
        rc = weft_load_file(dev, c->path, &net, &err);
    if (rc == WEFT_OK)
        rc = client_infer(net, c, out, &err);
    const unsigned submitted = usb_bus_submitted(bus);
    if (rc == WEFT_OK) /* on a slow machine there are more transfers, and the fault comes here */
        rc = client_infer(net, c, out, &err);
    if (plan.fault == USB_FAULT_UNPLUG && rc == WEFT_ERR_NO_DEVICE) {
        usb_bus_replug(bus, &(usb_plan){ 0 });
        rc = dev ? weft_recover(dev, &err) : weft_open("ftdi:", &dev, &err);
        if (rc == WEFT_OK && !net)
            rc = weft_load_file(dev, c->path, &net, &err);
        if (rc == WEFT_OK)
            rc = client_infer(net, c, out, &err);
    }
    CHECK(t, rc == WEFT_OK && !memcmp(out, c->want, sizeof out), "%s, %s at %u: status %d, \"%s\"",
          chip, usb_fault_name(plan.fault), plan.at, rc, err.text);
    weft_unload(net);
    weft_close(dev);
    CHECK(t, !usb_bus_flying(bus), "%s, %s at %u: transfers out at the end", chip,
          usb_fault_name(plan.fault), plan.at);
    return submitted;
}

static void check_chip(test *t, const client *c, const ftdi_product *product, unsigned step)
{
    chip_model *chip = chip_model_new(CLIENT_SHAPE);
    ftdi_model *f = chip ? ftdi_model_new(product, chip_model_usb(chip)) : NULL;
    const usb_model model = f ? ftdi_model_usb(f) : (usb_model){ 0 };
    usb_bus *bus = f ? usb_bus_new(&model, product->speed, 0, "FT0001") : NULL;
    CHECK(t, bus != NULL, "no chip behind an %s", product->name);
    if (bus) {
        const unsigned transfers = check_plan(t, c, bus, product->name, (usb_plan){ 0 });
        for (unsigned fault = USB_FAULT_UNPLUG; fault < USB_FAULTS; fault++)
            for (unsigned at = fault % step; at < transfers; at += step)
                (void)check_plan(t, c, bus, product->name,
                                 (usb_plan){ .fault = (usb_fault)fault, .at = at });
    }
    if (bus)
        usb_bus_free(bus);
    ftdi_model_free(f);
    chip_model_free(chip);
}

/* --- the stream ----------------------------------------------------------------------------------- */

/* Gives back what it has taken. */
typedef struct echo {
    uint8_t bytes[STREAM_BYTES];
    size_t count;
} echo;

static size_t echo_take(void *self, const uint8_t *bytes, size_t count)
{
    echo *e = self;
    const size_t room = sizeof e->bytes - e->count, part = count < room ? count : room;
    memcpy(e->bytes + e->count, bytes, part);
    e->count += part;
    return part;
}

static size_t echo_give(void *self, uint8_t *bytes, size_t room)
{
    echo *e = self;
    const size_t part = e->count < room ? e->count : room;
    memcpy(bytes, e->bytes, part);
    e->count -= part;
    memmove(e->bytes, e->bytes + part, e->count);
    return part;
}

/* All that is sent comes back, and nothing else: the chip's own bytes are not of the stream. */
static void exchange(test *t, usb_stream *s, const char *chip)
{
    static uint8_t sent[STREAM_BYTES], came[2 * STREAM_BYTES];
    weft_error err = { 0 };
    rng r = rng_make(t->seed);
    size_t taken = 0, part = 0, got = 0;
    int rc = WEFT_OK;
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (uint8_t)rng_range(&r, 0, 255);
    for (unsigned i = 0; i < TURNS && rc == WEFT_OK && got < sizeof sent; i++) {
        rc = usb_stream_send(s, sent + taken, sizeof sent - taken, &part, &err);
        taken += part;
        if (rc == WEFT_OK)
            rc = usb_stream_receive(s, came + got, sizeof came - got, TURN_US, &part, &err);
        got += part;
    }
    CHECK(t, rc == WEFT_OK && got == sizeof sent && !memcmp(sent, came, got),
          "%s: status %d, %zu bytes of %zu", chip, rc, got, sizeof sent);
}

static void check_stream(test *t, const ftdi_product *product)
{
    static echo e;
    ftdi_model *f =
        ftdi_model_new(product, (usb_model){ .self = &e, .take = echo_take, .give = echo_give });
    const usb_model model = f ? ftdi_model_usb(f) : (usb_model){ 0 };
    usb_bus *bus = f ? usb_bus_new(&model, product->speed, 0, "FT0001") : NULL;
    libusb_context *usb = NULL;
    usb_device d = { 0 };
    usb_stream *s = NULL;
    weft_error err = { 0 };
    int rc = bus && libusb_init(&usb) == LIBUSB_SUCCESS ? WEFT_OK : WEFT_ERR_NO_DEVICE;
    if (rc == WEFT_OK)
        rc = usb_device_open(usb, &usb_kind_ftdi, &(usb_choice){ 0 }, 0, &d, &err);
    if (rc == WEFT_OK)
        rc = usb_stream_open(usb, d.handle, &d.ends, &s, &err);
    CHECK(t, rc == WEFT_OK, "%s: %s", product->name, err.text);
    if (s) {
        exchange(t, s, product->name);
        (void)usb_stream_close(s);
    }
    usb_device_close(&d);
    if (usb)
        libusb_exit(usb);
    if (bus)
        usb_bus_free(bus);
    ftdi_model_free(f);
}

/* --- what is refused ---------------------------------------------------------------------------- */

static size_t take_all(void *self, const uint8_t *bytes, size_t count)
{
    (void)self, (void)bytes;
    return count;
}

static size_t give_nothing(void *self, uint8_t *bytes, size_t room)
{
    (void)self, (void)bytes, (void)room;
    return 0;
}

/* Opening an address ends with this status and these words. */
static void check_refused(test *t, const char *address, int status, const char *words)
{
    weft_device *dev = NULL;
    weft_error err = { 0 };
    const int rc = weft_open(address, &dev, &err);
    CHECK(t, rc == status && strstr(err.text, words), "%s: status %d, \"%s\"", address, rc,
          err.text);
    weft_close(dev);
}

typedef struct setting {
    const ftdi_product *product;
    uint16_t eeprom;
    uint8_t fifo_mode, channels;
    const char *words;
} setting;

static void check_settings(test *t)
{
    static const setting settings[] = {
        { &ftdi_ft232h, 0xffff, 0, 2, "is blank" },
        { &ftdi_ft232h, 0x0000, 0, 2, "does not make its pins a FIFO" },
        { &ftdi_ft2232h, 0x0002, 0, 2, "cha_type=FIFO" },
        { &ftdi_ft601, 0x0001, 1, 2, "FIFO mode 600" },
        { &ftdi_ft601, 0x0001, 0, 0, "channel choice 0" },
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const setting *s = &settings[i];
        ftdi_model *f =
            ftdi_model_new(s->product, (usb_model){ .take = take_all, .give = give_nothing });
        if (!f)
            abort(); /* no memory for a test */
        f->eeprom = s->eeprom;
        f->fifo_mode = s->fifo_mode;
        f->channels = s->channels;
        const usb_model model = ftdi_model_usb(f);
        usb_bus *bus = usb_bus_new(&model, s->product->speed, 0, "FT0001");
        CHECK(t, bus != NULL, "no bus");
        if (bus) {
            check_refused(t, "ftdi:", WEFT_ERR_UNSUPPORTED, s->words);
            usb_bus_free(bus);
        }
        ftdi_model_free(f);
    }
}

/* How many rows of the list begin so. */
static unsigned count_listed(const char *address)
{
    weft_listing row = { .struct_bytes = sizeof row };
    unsigned found = 0;
    for (uint32_t i = 0; weft_device_list(i, &row, NULL) == WEFT_OK; i++)
        found += !strncmp(row.address, address, strlen(address));
    return found;
}

/* One of each on the bus, and a chip that has no such FIFO: only ours are found, and one must be chosen. */
static void check_choice(test *t)
{
    const usb_model nothing = { .take = take_all, .give = give_nothing };
    ftdi_model *a = ftdi_model_new(&ftdi_ft232h, nothing),
               *b = ftdi_model_new(&ftdi_ft601, nothing),
               *c = ftdi_model_new(&ftdi_ft2232d, nothing);
    usb_bus *bus = NULL;
    if (a && b && c) {
        const usb_model model_a = ftdi_model_usb(a), model_b = ftdi_model_usb(b),
                        model_c = ftdi_model_usb(c);
        bus = usb_bus_new(&model_a, a->product->speed, 0, "FTA");
        CHECK(t,
              bus && usb_bus_add(bus, &model_b, b->product->speed, 0, "FTB") &&
                  usb_bus_add(bus, &model_c, c->product->speed, 0, "FTC"),
              "no bus");
    }
    if (bus) {
        CHECK(t,
              count_listed("ftdi:serial=FTA") == 1 && count_listed("ftdi:serial=FTB") == 1 &&
                  count_listed("ftdi:") == 2 && count_listed("usb:") == 0,
              "listed: %u of ftdi:, %u of usb:", count_listed("ftdi:"), count_listed("usb:"));
        check_refused(t, "ftdi:", WEFT_ERR_ARG, "2 FTDI FIFO chips are plugged in");
        check_refused(t, "ftdi:serial=FTC", WEFT_ERR_NO_DEVICE,
                      "no FTDI FIFO chip with the serial number FTC");
        check_refused(t, "ftdi:serial=FTA", WEFT_ERR_NO_DEVICE, "does not answer");
        check_refused(t, "ftdi:speed=3", WEFT_ERR_ARG, "speed");
        check_refused(t, "usb:", WEFT_ERR_NO_DEVICE, "no Weft device");
        usb_bus_free(bus);
    }
    ftdi_model_free(a);
    ftdi_model_free(b);
    ftdi_model_free(c);
}

/* The rule that the sentence about missing permission prints is the one that gets installed. */
static void check_rule(test *t)
{
    uint8_t *bytes = NULL;
    size_t count = 0;
    char line[TEXT_BYTES], text[TEXT_BYTES] = "";
    CHECK(t, weft_file_read("host/udev/60-weft.rules", &bytes, &count, NULL) == WEFT_OK, "no file");
    if (bytes)
        memcpy(text, bytes, count < sizeof text - 1 ? count : sizeof text - 1);
    snprintf(line, sizeof line, "\n%s\n", usb_kind_ftdi.udev_rule);
    CHECK(t, strstr(text, line), "installed: %s", text);
    free(bytes);
}

int main(int argc, char **argv)
{
    test t = test_begin("ftdi", argc, argv, 1, 1);
    const char *preload = getenv("LD_PRELOAD");
    const unsigned step = argc > 2 && atoi(argv[2]) > 0 ? (unsigned)atoi(argv[2]) : 1;
    if (!preload || !strstr(preload, "umockdev"))
        return test_skip(&t, "run it under umockdev-wrapper (package umockdev)");
    static client c;
    weft_error err = { 0 };
    check_rule(&t);
    check_settings(&t);
    check_choice(&t);
    check_stream(&t, &ftdi_ft232h);
    check_stream(&t, &ftdi_ft2232h);
    check_stream(&t, &ftdi_ft601);
    const int begun = argc > 1 && client_begin(&c, argv[1], t.seed, &err) == WEFT_OK;
    CHECK(&t, begun, "%s", err.text);
    if (begun) {
        check_chip(&t, &c, &ftdi_ft232h, step);
        check_chip(&t, &c, &ftdi_ft2232h, step);
        check_chip(&t, &c, &ftdi_ft601, step);
    }
    return test_end(&t, "LeNet-5 behind three FTDI chips, and what is refused");
}
