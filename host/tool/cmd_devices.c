/* weft devices: what can be opened.  Of boards also what they are, for which those that are free are opened. */
#include "json.h"
#include "tool.h"

/* A board opened for a moment. */
typedef struct look {
    int status; /* of the opening */
    weft_array array;
    weft_device_info info;
    weft_error why;
} look;

static look look_at(const char *address)
{
    weft_device *dev = NULL;
    look l = { .array.struct_bytes = sizeof l.array, .info.struct_bytes = sizeof l.info };
    l.status = weft_open(address, &dev, &l.why);
    if (l.status == WEFT_OK) {
        (void)weft_device_array(dev, &l.array, NULL);
        (void)weft_device_describe(dev, &l.info, NULL);
        (void)weft_close(dev);
    }
    return l;
}

static void print_board(const weft_listing *l, const look *at)
{
    printf("%-18s ", l->address);
    if (at->status == WEFT_OK)
        printf("%ux%u array, %u MiB, ", (unsigned)at->array.rows, (unsigned)at->array.cols,
               (unsigned)(at->array.mem_size >> 20));
    printf("gateware %x.%02x, %s", (unsigned)l->release >> 8, (unsigned)l->release & 0xff, l->text);
    if (at->status != WEFT_OK)
        printf("; %s", at->why.text);
    putchar('\n');
}

static void json_board(json *j, const weft_listing *l, const look *at)
{
    char release[16];
    snprintf(release, sizeof release, "%x.%02x", (unsigned)l->release >> 8,
             (unsigned)l->release & 0xff);
    json_text(j, "serial", l->serial);
    json_text(j, "gateware", release);
    json_text(j, "speed", l->speed);
    json_number(j, "power_ma", l->power_ma);
    json_text(j, "refused", at->why.text); /* "" if it can be opened */
    if (at->status != WEFT_OK)
        return;
    json_number(j, "isa_version", at->info.isa_version);
    json_number(j, "rows", at->array.rows);
    json_number(j, "cols", at->array.cols);
    json_number(j, "memory_bytes", (double)at->info.memory_bytes);
}

static void show(const tool *t, json *j, const weft_listing *l)
{
    const int is_board = *l->speed != 0;
    const look at = is_board ? look_at(l->address) : (look){ 0 };
    if (!t->json && is_board)
        print_board(l, &at);
    else if (!t->json)
        printf("%-18s %s\n", l->address, l->text);
    if (!t->json)
        return;
    json_open(j, NULL, '{');
    json_text(j, "uri", l->address);
    json_text(j, "text", l->text);
    if (is_board)
        json_board(j, l, &at);
    json_close(j, '}');
}

int cmd_devices(tool *t, int argc, char **argv)
{
    arguments a;
    int code = tool_options(t, argc, argv, NULL, 0, 0, 0, &a);
    if (code != EXIT_GOOD)
        return code;
    weft_listing l = { .struct_bytes = sizeof l };
    json j = { .to = stdout };
    if (t->json)
        json_open(&j, NULL, '[');
    for (uint32_t i = 0; weft_device_list(i, &l, NULL) == WEFT_OK; i++)
        show(t, &j, &l);
    if (t->json)
        json_close(&j, ']');
    return EXIT_GOOD;
}
