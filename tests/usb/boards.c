/* Boards on a bus without hardware; the contract is in boards.h. */
#include "boards.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "models/base/files.h"
#include <libusb.h>

int boards_plug_in(boards *b, unsigned count, const char *const *serial)
{
    for (unsigned i = 0; i < count; i++) {
        b->chip[i] = b->chip[i] ? b->chip[i] : chip_model_new(BOARDS_SHAPE);
        if (!b->chip[i])
            return 0;
        const usb_model model = chip_model_usb(b->chip[i]);
        if (i == 0)
            b->bus = usb_bus_new(&model, LIBUSB_SPEED_HIGH, 0, serial[0]);
        else if (!usb_bus_add(b->bus, &model, LIBUSB_SPEED_HIGH, 0, serial[i]))
            return 0;
        if (!b->bus)
            return 0;
        usb_bus_plug(b->bus, i, &(usb_plan){ 0 });
    }
    return 1;
}

void boards_plug_out(boards *b)
{
    if (b->bus)
        usb_bus_free(b->bus);
    b->bus = NULL;
}

void boards_free(boards *b)
{
    for (unsigned i = 0; i < BOARDS; i++)
        chip_model_free(b->chip[i]);
}

void boards_path(const boards *b, const char *name, char *to)
{
    snprintf(to, BOARDS_PATH_BYTES, "%s/%s", b->folder, name);
}

uint8_t *boards_read(const boards *b, const char *name)
{
    char path[BOARDS_PATH_BYTES];
    uint8_t *bytes = NULL;
    size_t count = 0;
    boards_path(b, name, path);
    if (weft_file_read(path, &bytes, &count, NULL) != WEFT_OK)
        return (uint8_t *)calloc(1, 1);
    uint8_t *text = calloc(count + 1, 1);
    memcpy(text, bytes, count);
    free(bytes);
    return text;
}

int boards_start(const boards *b, char *const *words)
{
    char said[BOARDS_PATH_BYTES];
    boards_path(b, "said", said);
    const pid_t child = fork();
    if (child != 0)
        return child;
    const int to = open(said, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    dup2(to, 1);
    dup2(to, 2);
    execv(b->weft, words);
    _exit(127);
}
