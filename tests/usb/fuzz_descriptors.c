/* Fuzz target of USB descriptors as the host reads them: arbitrary bytes in the system's file of a device, parsed by
 * an unmodified libusb, judged by usb_ends_find (host/transport/usb), listed and opened as a program would.
 *
 * Input: a byte for the speed, a byte for the active configuration, then what the file holds: device descriptor,
 * configurations.  Whatever it says: no crash, and what is accepted is what a look at the bytes themselves finds.
 *
 *     umockdev-wrapper fuzz_descriptors FILE... */
#define FUZZ_NAME    "fuzz_descriptors"
#define FUZZ_DAMAGES 15
#define FUZZ_SKIP                                                                                  \
    (getenv("LD_PRELOAD") && strstr(getenv("LD_PRELOAD"), "umockdev")                              \
         ? NULL                                                                                    \
         : "run it under umockdev-wrapper (package umockdev)")
#include "tests/fuzz_main.h"

#include <glib.h>
#include <umockdev.h>

#include "host/transport/module.h"
#include "host/transport/usb/usb_ends.h"
#include <weft/weft.h>

#define NODE "/dev/bus/usb/001/001"
#define PATH "/sys/devices/usb1"

enum { MOST_LISTED = 3, DEVICE_BYTES = 18, CONFIGURATION_BYTES = 9 };

static UMockdevTestbed *make_testbed(void)
{
    UMockdevTestbed *bed = umockdev_testbed_new();
    if (!umockdev_testbed_add_from_string(
            bed,
            "P: /devices/usb1\nN: bus/usb/001/001\nE: SUBSYSTEM=usb\nE: DRIVER=usb\n"
            "E: BUSNUM=001\nE: DEVNUM=001\nE: DEVNAME=" NODE "\nE: DEVTYPE=usb_device\n"
            "A: bConfigurationValue=1\\n\nA: busnum=1\\n\nA: devnum=1\\n\nA: speed=480\\n\n"
            "H: descriptors=00\n",
            NULL))
        fuzz_finding("no device on the bus");
    return bed;
}

/* One for the whole process, which takes it away at its end: making one costs more than a case. */
static UMockdevTestbed *the_bed;

static void remove_testbed(void)
{
    g_clear_object(&the_bed);
}

static UMockdevTestbed *testbed(void)
{
    if (!the_bed) {
        the_bed = make_testbed();
        atexit(remove_testbed);
    }
    return the_bed;
}

/* What the kernel makes of a configuration before anybody sees it: it ends where a descriptor has an impossible
 * length.  Without that libusb 1.0.26 would look for the end of a descriptor of length 0 for ever.
 * Returns its bytes, 0 if the kernel would have refused it. */
static size_t whole_configuration(const uint8_t *at, size_t left)
{
    if (left < CONFIGURATION_BYTES || at[0] < CONFIGURATION_BYTES || at[1] != LIBUSB_DT_CONFIG)
        return 0;
    const size_t said = at[2] | (size_t)at[3] << 8;
    const size_t most = said < left ? said : left;
    size_t bytes = 0;
    while (bytes + 2 <= most && at[bytes] >= 2 && at[bytes] <= most - bytes)
        bytes += at[bytes];
    return bytes;
}

static size_t as_the_kernel_shows(const uint8_t *at, size_t left)
{
    size_t bytes = DEVICE_BYTES < left ? DEVICE_BYTES : left;
    for (size_t part = 1; part && bytes < left; bytes += part)
        part = whole_configuration(at + bytes, left - bytes);
    return bytes;
}

/* An endpoint descriptor of a bulk endpoint with this address and packet size is among the bytes. */
static int is_there(const uint8_t *data, size_t bytes, uint8_t address, uint16_t packet_bytes)
{
    for (size_t i = 0; i + 6 <= bytes; i++)
        if (data[i] >= 7 && data[i + 1] == LIBUSB_DT_ENDPOINT && data[i + 2] == address &&
            (data[i + 3] & 3) == LIBUSB_TRANSFER_TYPE_BULK &&
            (data[i + 4] | data[i + 5] << 8) == packet_bytes)
            return 1;
    return 0;
}

static void judge(libusb_device *device, const uint8_t *data, size_t bytes)
{
    struct libusb_config_descriptor *config = NULL;
    usb_ends ends = { 0 };
    weft_error err = { 0 };
    if (libusb_get_active_config_descriptor(device, &config) != LIBUSB_SUCCESS)
        return;
    const int rc = usb_ends_find(config, libusb_get_device_speed(device), &ends, &err);
    if (rc != WEFT_OK && !(err.text[0] && err.status == rc))
        fuzz_finding("refused without a sentence");
    if (rc == WEFT_OK && !(is_there(data, bytes, ends.in, ends.in_packet_bytes) &&
                           is_there(data, bytes, ends.out, ends.out_packet_bytes) &&
                           ends.in & LIBUSB_ENDPOINT_IN && !(ends.out & LIBUSB_ENDPOINT_IN)))
        fuzz_finding("endpoints that are not there");
    libusb_free_config_descriptor(config);
}

static void judge_all(const uint8_t *data, size_t bytes)
{
    libusb_context *usb = NULL;
    libusb_device **list = NULL;
    if (libusb_init(&usb) != LIBUSB_SUCCESS)
        fuzz_finding("no libusb");
    const ssize_t count = libusb_get_device_list(usb, &list);
    for (ssize_t i = 0; i < count; i++)
        judge(list[i], data, bytes);
    if (count >= 0)
        libusb_free_device_list(list, 1);
    libusb_exit(usb);
}

/* As a program does it: nobody answers the system calls, so it is at most found and not opened. */
static void use(void)
{
    const weft_transport_ops *ops = weft_usb_library()->transport;
    weft_listing row;
    weft_error err = { 0 };
    weft_device *dev = NULL;
    for (unsigned i = 0; i < MOST_LISTED && weft_transport_list(ops, i, &row); i++)
        if (strncmp(row.address, "usb:", 4) != 0 || !memchr(row.address, 0, sizeof row.address) ||
            !memchr(row.text, 0, sizeof row.text) || !memchr(row.serial, 0, sizeof row.serial) ||
            !memchr(row.speed, 0, sizeof row.speed))
            fuzz_finding("a row of the list");
    if (weft_open("usb:", &dev, &err) == WEFT_OK || !err.text[0] || dev)
        fuzz_finding("a device that cannot be opened was opened");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const char *const speeds[] = { "480", "12", "1.5", "5000", "10000", "", "x", "-1" };
    fuzz_input in = { data, bytes };
    UMockdevTestbed *bed = testbed();
    umockdev_testbed_set_attribute(bed, PATH, "speed",
                                   speeds[fuzz_byte(&in) % G_N_ELEMENTS(speeds)]);
    umockdev_testbed_set_attribute_int(bed, PATH, "bConfigurationValue", (int8_t)fuzz_byte(&in));
    in.left = as_the_kernel_shows(in.at, in.left);
    umockdev_testbed_set_attribute_binary(bed, PATH, "descriptors", (guint8 *)(uintptr_t)in.at,
                                          (gint)in.left);
    judge_all(in.at, in.left);
    use();
    return 0;
}
