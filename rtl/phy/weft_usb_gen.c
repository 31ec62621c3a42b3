/* Check weft_usb.def and print the Verilog package of the USB device.
 *
 *   weft_usb_gen vh             package, to standard output
 *   weft_usb_gen check PKG.v    is PKG.v what `vh` prints
 *
 * The ROM: a row of 8 bytes for each REQUEST (five to compare, condition and action, the length of
 * its block, its address divided by 4), then the blocks, each at a multiple of 4.  Exit status: 0
 * done, 1 the table is wrong or the print is stale (each fault is named), 2 usage or file.  Build
 * with -DWEFT_USB_DEF='"other.def"' for another table. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifndef WEFT_USB_DEF
#define WEFT_USB_DEF "weft_usb.def"
#endif

enum values {
#define VALUE(name, value, doc) name = (value),
#include WEFT_USB_DEF
};

static const struct value {
    const char *name;
    uint32_t value;
    const char *doc;
} values[] = {
#define VALUE(name, value, doc) { #name, value, doc },
#include WEFT_USB_DEF
};

/* A piece of a block: bytes as they are, or characters that take two bytes each. */
static const struct piece {
    const char *block;
    const uint8_t *bytes;
    size_t count, step;
} pieces[] = {
#define BYTES(block, ...)                                                                          \
    { #block, (const uint8_t[]){ __VA_ARGS__ }, sizeof(uint8_t[]){ __VA_ARGS__ }, 1 },
#define TEXT(block, text) { #block, (const uint8_t *)(text), sizeof(text) - 1, 2 },
#include WEFT_USB_DEF
};

static const struct request {
    uint8_t match[5], condition, action;
    const char *block;
} requests[] = {
#define REQUEST(type, request, low, high, index, condition, action, block)                         \
    { { type, request, low, high, index }, condition, action, #block },
#include WEFT_USB_DEF
};

enum {
    VALUES = sizeof values / sizeof values[0],
    PIECES = sizeof pieces / sizeof pieces[0],
    REQUESTS = sizeof requests / sizeof requests[0],
    ROW_BYTES = 8,
    ROM_BYTES = 1024
};

typedef struct rom {
    uint8_t byte[ROM_BYTES];
    size_t count;
    size_t at[PIECES], bytes[PIECES]; /* of the block that begins with this piece */
} rom;

static int complain(const char *name, const char *what)
{
    fprintf(stderr, "%s: %s\n", name, what);
    return 1;
}

/* Where a block begins among the pieces; PIECES if there is none of that name. */
static size_t find_block(const char *name)
{
    for (size_t i = 0; i < PIECES; i++)
        if (strcmp(pieces[i].block, name) == 0)
            return i;
    return PIECES;
}

static int put_piece(rom *r, size_t i)
{
    const size_t bytes = pieces[i].count * pieces[i].step;
    if (r->count + bytes > ROM_BYTES)
        return complain(pieces[i].block, "does not fit into the ROM");
    for (size_t k = 0; k < pieces[i].count; k++)
        r->byte[r->count + k * pieces[i].step] = pieces[i].bytes[k];
    r->count += bytes;
    return 0;
}

static int put_blocks(rom *r)
{
    size_t first = 0;
    for (size_t i = 0; i < PIECES; i++) {
        if (i == 0 || strcmp(pieces[i].block, pieces[i - 1].block) != 0) {
            if (find_block(pieces[i].block) != i)
                return complain(pieces[i].block, "is in two places");
            first = i;
            r->count = (r->count + 3) / 4 * 4;
            r->at[i] = r->count;
        }
        if (put_piece(r, i))
            return 1;
        r->bytes[first] = r->count - r->at[first];
        if (r->bytes[first] > 255)
            return complain(pieces[i].block, "is longer than 255 bytes");
    }
    return 0;
}

static int put_request(rom *r, size_t i)
{
    const size_t block = find_block(requests[i].block);
    if (block == PIECES)
        return complain(requests[i].block, "is asked for and not there");
    uint8_t *row = r->byte + ROW_BYTES * i;
    memcpy(row, requests[i].match, sizeof requests[i].match);
    row[5] = requests[i].condition | requests[i].action;
    row[6] = (uint8_t)r->bytes[block];
    row[7] = (uint8_t)(r->at[block] / 4);
    return 0;
}

/* The length that a block tells of itself: in its first byte, or in the two behind for those that
 * are made of several. */
static int check_length(const rom *r, const char *name, size_t from, size_t wide)
{
    const size_t block = find_block(name);
    size_t told = 0;
    for (size_t k = 0; block < PIECES && k < wide; k++)
        told |= (size_t)r->byte[r->at[block] + from + k] << (8 * k);
    return block < PIECES && told == r->bytes[block] ? 0 : complain(name, "tells a wrong length");
}

static int check_lengths(const rom *r)
{
    static const char *const single[] = { "DEVICE",       "QUALIFIER", "LANGUAGES",
                                          "MANUFACTURER", "PRODUCT",   "SERIAL" };
    static const char *const joined[] = { "CONFIGURATION_HIGH", "CONFIGURATION_FULL",
                                          "OTHER_SPEED_HIGH", "OTHER_SPEED_FULL", "BOS" };
    int bad = 0;
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
        bad |= check_length(r, single[i], 0, 1);
    for (size_t i = 0; i < sizeof joined / sizeof joined[0]; i++)
        bad |= check_length(r, joined[i], 2, 2);
    return bad | check_length(r, "MS_OS_20", 8, 2);
}

/* 0 if the table is right and the ROM is made of it. */
static int make_rom(rom *r)
{
    int bad = 0;
    r->count = (size_t)ROW_BYTES * REQUESTS;
    if (put_blocks(r))
        return 1;
    for (size_t i = 0; i < REQUESTS; i++)
        bad |= put_request(r, i);
    for (size_t k = 0; k < sizeof requests->match; k++)
        if (requests[REQUESTS - 1].match[k] != ANY)
            return complain("REQUEST", "the last row has to fit every request");
    return bad | check_lengths(r);
}

static void print_vh(FILE *out, const rom *r)
{
    fprintf(out, "// Constants of the USB device, printed from weft_usb.def by `make usb`.\n//\n"
                 "// ROM holds byte i at bits [8*i +: 8]; <BLOCK>_AT and <BLOCK>_BYTES say where "
                 "a block lies.\n\n"
                 "/* verilator lint_off UNUSEDPARAM */\npackage weft_usb;\n");
    for (size_t i = 0; i < VALUES; i++)
        fprintf(out, "    localparam integer %s = %u; // %s\n", values[i].name, values[i].value,
                values[i].doc);
    for (size_t i = 0; i < PIECES; i++)
        if (r->bytes[i])
            fprintf(out, "    localparam integer %s_AT = %zu, %s_BYTES = %zu;\n", pieces[i].block,
                    r->at[i], pieces[i].block, r->bytes[i]);
    fprintf(out,
            "    localparam integer REQUESTS = %d; // rows of 8 bytes at the beginning\n"
            "    localparam integer ROM_BYTES = %zu;\n    localparam [%zu:0] ROM = {",
            REQUESTS, r->count, 8 * r->count - 1);
    for (size_t i = r->count; i-- > 0;)
        fprintf(out, "%s8'h%02x%s", (r->count - 1 - i) % 16 ? " " : "\n        ", r->byte[i],
                i ? "," : "};\n");
    fprintf(out, "endpackage\n/* verilator lint_on UNUSEDPARAM */\n");
}

/* 0 if the file is what print_vh prints. */
static int check_print(const char *path, const rom *r)
{
    FILE *have = fopen(path, "rb"), *want = tmpfile();
    int a = 0, b = 0;
    if (have && want) {
        print_vh(want, r);
        rewind(want);
        while (a == b && a != EOF) {
            a = fgetc(have);
            b = fgetc(want);
        }
    }
    const int stale = !have || !want || a != b;
    if (have)
        fclose(have);
    if (want)
        fclose(want);
    return stale ? complain(path, "is stale: run `make usb`") : 0;
}

int main(int argc, char **argv)
{
    static rom r;
    if (argc == 2 && strcmp(argv[1], "vh") == 0) {
        if (make_rom(&r))
            return 1;
        print_vh(stdout, &r);
        return fflush(stdout) == 0 ? 0 : 2;
    }
    if (argc == 3 && strcmp(argv[1], "check") == 0)
        return make_rom(&r) || check_print(argv[2], &r);
    fprintf(stderr, "usage: weft_usb_gen vh | check PKG.v\n");
    return 2;
}
