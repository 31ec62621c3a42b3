/* Writing the container: everything is appended to one growing buffer, little-endian. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "weft_crc32.h"
#include "weft_file.h"
#include "weft_layout.h"

typedef struct sink {
    uint8_t *bytes;
    size_t count, room;
    int failed;
} sink;

static void put(sink *s, const void *data, size_t bytes)
{
    if (s->failed || bytes > SIZE_MAX / 4 - s->count) {
        s->failed = 1;
        return;
    }
    if (s->count + bytes > s->room) {
        size_t room = 2 * (s->count + bytes) + 1024;
        uint8_t *moved = realloc(s->bytes, room);
        if (!moved) {
            s->failed = 1;
            return;
        }
        s->bytes = moved;
        s->room = room;
    }
    if (bytes)
        memcpy(s->bytes + s->count, data, bytes);
    s->count += bytes;
}

static void store_u32(uint8_t *at, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

static void put_u32(sink *s, uint32_t v)
{
    uint8_t bytes[4];
    store_u32(bytes, v);
    put(s, bytes, sizeof bytes);
}

static void put_u64(sink *s, uint64_t v)
{
    put_u32(s, (uint32_t)v);
    put_u32(s, (uint32_t)(v >> 32));
}

static void put_float(sink *s, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    put_u32(s, bits);
}

static void put_zeros(sink *s, size_t bytes)
{
    static const uint8_t zeros[SECTION_ALIGN];
    put(s, zeros, bytes);
}

/* Length, the characters, zeros up to a multiple of four. */
static void put_text(sink *s, const char *text)
{
    size_t length = strlen(text);
    if (length > WEFT_FILE_MAX_NAME_BYTES)
        length = WEFT_FILE_MAX_NAME_BYTES;
    put_u32(s, (uint32_t)length);
    put(s, text, length);
    put_zeros(s, (4 - length % 4) % 4);
}

static void put_hardware(sink *s, const weft_program *prog)
{
    const weft_hw *hw = &prog->hw;
    const uint32_t words[] = { prog->isa_version, hw->rows,        hw->cols,
                               hw->lanes,         hw->fb_words,    hw->word_bytes,
                               hw->acc_depth,     hw->mem_bytes,   hw->mem_size,
                               prog->image_addr,  prog->prog_addr, prog->prog_count,
                               prog->win_base,    prog->win_limit };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        put_u32(s, words[i]);
}

static void put_port(sink *s, const weft_program_port *p)
{
    put_text(s, p->name);
    put_u32(s, (uint32_t)p->dtype);
    put_u32(s, p->rank);
    for (uint32_t i = 0; i < p->rank; i++) {
        put_u32(s, p->dims[i]);
        put_u32(s, p->perm[i]);
    }
    put_float(s, p->scale);
    put_u32(s, (uint32_t)p->zero_point);
    put_u32(s, p->addr);
    put_u32(s, p->rows);
    put_u32(s, p->row_bytes);
    put_u32(s, p->pitch_bytes);
    put_u32(s, p->step_count);
    for (uint32_t i = 0; i < p->step_count; i++) {
        put_u32(s, (uint32_t)p->steps[i].op);
        put_u32(s, (uint32_t)p->steps[i].kind);
        put_float(s, p->steps[i].scale);
        put_u32(s, (uint32_t)p->steps[i].zero_point);
        put_u32(s, p->steps[i].axis_length);
        put_float(s, p->steps[i].beta);
        put_u32(s, p->steps[i].inner);
        put_u32(s, p->steps[i].last);
    }
}

static void put_ports(sink *s, const weft_program *prog)
{
    put_u32(s, prog->input_count);
    put_u32(s, prog->output_count);
    for (uint32_t i = 0; i < prog->input_count; i++)
        put_port(s, &prog->inputs[i]);
    for (uint32_t i = 0; i < prog->output_count; i++)
        put_port(s, &prog->outputs[i]);
}

static void put_layers(sink *s, const weft_program *prog)
{
    put_u32(s, prog->layer_count);
    for (uint32_t i = 0; i < prog->layer_count; i++) {
        const weft_program_layer *l = &prog->layers[i];
        put_text(s, l->name);
        put_u32(s, l->op);
        put_u32(s, l->first_command);
        put_u32(s, l->command_count);
        put_u64(s, l->macs);
        put_u64(s, l->cycles);
    }
}

/* A section's row of the table, and its end. */
static void close_section(sink *s, section_id id, size_t start)
{
    if (s->failed)
        return;
    uint8_t *row = s->bytes + HEADER_BYTES + (size_t)id * SECTION_ROW_BYTES;
    memcpy(row, section_tags[id], 4);
    store_u32(row + 4, (uint32_t)start);
    store_u32(row + 8, (uint32_t)(s->count - start));
    store_u32(row + 12, weft_file_crc32(s->bytes + start, s->count - start));
    put_zeros(s, (SECTION_ALIGN - s->count % SECTION_ALIGN) % SECTION_ALIGN);
}

static void put_sections(sink *s, const weft_program *prog)
{
    for (int id = 0; id < SECTIONS; id++) {
        const size_t start = s->count;
        switch ((section_id)id) {
        case SECTION_HARDWARE: put_hardware(s, prog); break;
        case SECTION_PORTS: put_ports(s, prog); break;
        case SECTION_LAYERS: put_layers(s, prog); break;
        default: put(s, prog->image, prog->image_bytes); break;
        }
        close_section(s, (section_id)id, start);
    }
}

/* The CRC in the last word of the header covers the header before it and the table. */
static void close_header(sink *s)
{
    uint8_t covered[FIRST_SECTION - 4];
    memcpy(s->bytes, WEFT_FILE_MAGIC, MAGIC_BYTES);
    store_u32(s->bytes + 8, WEFT_FILE_VERSION);
    store_u32(s->bytes + 12, SECTIONS);
    store_u32(s->bytes + 16, (uint32_t)s->count);
    memcpy(covered, s->bytes, HEADER_BYTES - 4);
    memcpy(covered + HEADER_BYTES - 4, s->bytes + HEADER_BYTES, FIRST_SECTION - HEADER_BYTES);
    store_u32(s->bytes + HEADER_BYTES - 4, weft_file_crc32(covered, sizeof covered));
}

int weft_program_write(const weft_program *prog, uint8_t **out, size_t *byte_count, weft_error *err)
{
    sink s = { 0 };
    *out = NULL;
    *byte_count = 0;
    if (prog->input_count > WEFT_FILE_MAX_PORTS || prog->output_count > WEFT_FILE_MAX_PORTS ||
        prog->layer_count > WEFT_FILE_MAX_LAYERS)
        return weft_error_set(err, WEFT_ERR_CAPACITY,
                              "a file holds %d inputs and outputs and %d layers at most",
                              WEFT_FILE_MAX_PORTS, WEFT_FILE_MAX_LAYERS);
    for (unsigned i = 0; i < FIRST_SECTION / SECTION_ALIGN; i++)
        put_zeros(&s, SECTION_ALIGN);
    put_sections(&s, prog);
    if (s.count > UINT32_MAX)
        s.failed = 1;
    if (s.failed) {
        free(s.bytes);
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "out of memory while writing a program");
    }
    close_header(&s);
    *out = s.bytes;
    *byte_count = s.count;
    return WEFT_OK;
}
