/* Several boards on the USB: found, told apart, opened together, shown by the command.  Unmodified libusb on a bus of
 * umockdev, the simulated chip behind each plug.
 *
 *     umockdev-wrapper test_boards WEFT DIRECTORY      the command; where its files may lie
 */
#include <string.h>
#include <sys/wait.h>

#include "boards.h"
#include <weft/weft.h>

/* --- the library -------------------------------------------------------------------------------- */

static const char *address_of(weft_device *dev)
{
    weft_device_info info = { .struct_bytes = sizeof info };
    (void)weft_device_describe(dev, &info, NULL);
    return info.address;
}

static void check_listed(const boards *b, const char *const *want, unsigned count)
{
    unsigned found = 0;
    weft_listing l = { .struct_bytes = sizeof l };
    for (uint32_t i = 0; weft_device_list(i, &l, NULL) == WEFT_OK; i++) {
        if (strncmp(l.address, "usb:", 4) != 0)
            continue;
        CHECK(b->t, found < count && !strcmp(l.address, want[found]), "listed %u: %s", found,
              l.address);
        CHECK(b->t,
              !strcmp(l.speed, "high speed (480 Mbit/s)") && l.power_ma == 500 &&
                  l.release == 0x0100,
              "%s: %s, %u mA, %x", l.address, l.speed, (unsigned)l.power_ma, (unsigned)l.release);
        found++;
    }
    CHECK(b->t, found == count, "%u boards are listed, want %u", found, count);
}

static void check_all(const boards *b, const char *address, const char *const *want, unsigned count)
{
    weft_device *dev[BOARDS + 1] = { NULL };
    weft_error err = { 0 };
    uint32_t opened = 9;
    const int rc = weft_open_all(address, dev, BOARDS + 1, &opened, &err);
    CHECK(b->t, rc == WEFT_OK && opened == count, "%s: %u opened, want %u: %s", address,
          (unsigned)opened, count, err.text);
    for (uint32_t i = 0; i < opened; i++) {
        CHECK(b->t, i < count && !strcmp(address_of(dev[i]), want[i]), "%s, %u: %s", address,
              (unsigned)i, address_of(dev[i]));
        weft_close(dev[i]);
    }
}

/* What somebody else uses is left out; if that is everything, it is said. */
static void check_busy(const boards *b, const char *const *address, unsigned count)
{
    weft_device *mine[BOARDS] = { NULL }, *dev[BOARDS];
    weft_error err = { 0 };
    uint32_t opened = 0;
    for (unsigned i = 0; i < count; i++) {
        CHECK(b->t, weft_open(address[i], &mine[i], &err) == WEFT_OK, "%s", err.text);
        if (i + 1 < count)
            check_all(b, "usb:*", address + i + 1, count - i - 1);
    }
    const int rc = weft_open_all("usb:*", dev, BOARDS, &opened, &err);
    CHECK(b->t, rc == WEFT_ERR_BUSY && opened == 0 && strstr(err.text, "in use"), "%d, %u: %s", rc,
          (unsigned)opened, err.text);
    for (unsigned i = 0; i < count; i++)
        weft_close(mine[i]);
}

static void check_one_of_many(const boards *b, const char *address, int status, const char *says)
{
    weft_device *dev = NULL;
    weft_error err = { 0 };
    const int rc = weft_open(address, &dev, &err);
    CHECK(b->t, rc == status && strstr(err.text, says), "%s: %d, %s", address, rc, err.text);
    weft_close(dev);
}

static void check_library(boards *b)
{
    static const char *const own[] = { "a1", "b2", "c3" }, *const twins[] = { "a1", "a1", NULL };
    static const char *const by_serial[] = { "usb:serial=a1", "usb:serial=b2", "usb:serial=c3" };
    static const char *const waiting[] = { "usb:serial=a1,wait=5", "usb:serial=b2,wait=5",
                                           "usb:serial=c3,wait=5" };
    static const char *const by_place[] = { "usb:at=1-1", "usb:at=1-2", "usb:at=1-3" };
    CHECK(b->t, boards_plug_in(b, BOARDS, own), "no boards");
    check_listed(b, by_serial, BOARDS);
    check_all(b, "usb:*", by_serial, BOARDS);
    check_all(b, "usb:*,wait=5", waiting, BOARDS);
    check_all(b, "usb:serial=b2", by_serial + 1, 1);
    check_busy(b, by_serial, BOARDS);
    check_one_of_many(b, "usb:", WEFT_ERR_ARG, "3 Weft devices are plugged in");
    check_one_of_many(b, "usb:*", WEFT_ERR_ARG, "stands for all devices");
    check_one_of_many(b, "usb:serial=d4", WEFT_ERR_NO_DEVICE, "serial number d4");
    check_one_of_many(b, "usb:at=2-1", WEFT_ERR_NO_DEVICE, "at 2-1");
    usb_bus_pull(b->bus, 1);
    static const char *const left[] = { "usb:serial=a1", "usb:serial=c3" };
    check_all(b, "usb:*", left, 2);
    boards_plug_out(b);
    CHECK(b->t, boards_plug_in(b, BOARDS, twins), "no boards");
    check_listed(b, by_place, BOARDS);
    check_all(b, "usb:*", by_place, BOARDS);
    check_one_of_many(b, "usb:serial=a1", WEFT_ERR_ARG, "2 Weft devices are plugged in with");
    boards_plug_out(b);
}

/* --- the command -------------------------------------------------------------------------------- */

/* Run `weft devices`; what it says is in "said". */
static int run_devices(const boards *b, const char *option)
{
    char name[] = "weft", devices[] = "devices", json[] = "--json";
    char *const words[] = { name, devices, option ? json : NULL, NULL };
    int status = 0;
    waitpid(boards_start(b, words), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What it shows of boards: address, build, speed, power; and why one cannot be used. */
static void check_devices(boards *b)
{
    static const char *const serial[] = { "a1", "b2" };
    static const char *const text[] = {
        "usb:serial=a1      gateware 1.00, high speed (480 Mbit/s), 500 mA, at 1-1; the USB device "
        "is in use",
        "usb:serial=b2      4x4 array, ",
        "MiB, gateware 1.00, high speed (480 Mbit/s), 500 mA, at 1-2\n"
    };
    static const char *const json[] = { "\"serial\":\"a1\"",
                                        "\"gateware\":\"1.00\"",
                                        "\"speed\":\"high speed (480 Mbit/s)\"",
                                        "\"power_ma\":500",
                                        "\"refused\":\"the USB device is in use",
                                        "\"rows\":4" };
    weft_device *mine = NULL;
    weft_error err = { 0 };
    CHECK(b->t, boards_plug_in(b, 2, serial), "no boards");
    CHECK(b->t, weft_open("usb:serial=a1", &mine, &err) == WEFT_OK, "%s", err.text);
    CHECK(b->t, run_devices(b, NULL) == 0, "weft devices");
    uint8_t *said = boards_read(b, "said");
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        CHECK(b->t, strstr((char *)said, text[i]), "%s is not in: %s", text[i], said);
    free(said);
    CHECK(b->t, run_devices(b, "--json") == 0, "weft devices --json");
    said = boards_read(b, "said");
    for (size_t i = 0; i < sizeof json / sizeof *json; i++)
        CHECK(b->t, strstr((char *)said, json[i]), "%s is not in: %s", json[i], said);
    free(said);
    weft_close(mine);
    boards_plug_out(b);
}

int main(int argc, char **argv)
{
    test t = test_begin("usb_boards", argc, argv, 1, 1);
    const char *preload = getenv("LD_PRELOAD");
    if (!preload || !strstr(preload, "umockdev"))
        return test_skip(&t, "run it under umockdev-wrapper (package umockdev)");
    boards b = { .t = &t, .weft = argc > 1 ? argv[1] : "", .folder = argc > 2 ? argv[2] : "." };
    check_library(&b);
    check_devices(&b);
    boards_free(&b);
    return test_end(&t, "three boards: listed, told apart, opened together, busy ones left out");
}
