/* Writing the container: everything is appended to one growing buffer, little-endian. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/weft_crc32.h"
#include "weft_bytes.h"
#include "weft_file.h"
#include "weft_layout.h"
#include "weft_steps.h"

static void put_hardware(sink *s, const weft_program *prog)
{
    const weft_hw *hw = &prog->hw;
    const uint32_t words[] = { prog->isa_version,
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc) hw->name,
#define HW_DERIVED(NAME, name, info, unit, doc)                                           hw->name,
#include "rtl/isa/weft_isa.def"
                               prog->image_addr,  prog->prog_addr, prog->prog_count,
                               prog->win_base,    prog->win_limit };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        sink_u32(s, words[i]);
}

static void put_port(sink *s, const weft_program_port *p)
{
    sink_text(s, p->name);
    sink_u32(s, (uint32_t)p->dtype);
    sink_u32(s, p->rank);
    for (uint32_t i = 0; i < p->rank; i++) {
        sink_u32(s, p->dims[i]);
        sink_u32(s, p->perm[i]);
    }
    sink_float(s, p->model_scale);
    sink_u32(s, (uint32_t)p->model_zero_point);
    sink_float(s, p->scale);
    sink_u32(s, (uint32_t)p->zero_point);
    sink_u32(s, p->addr);
    sink_u32(s, p->rows);
    sink_u32(s, p->row_bytes);
    sink_u32(s, p->pitch_bytes);
    sink_u32(s, p->step_count);
    for (uint32_t i = 0; i < p->step_count; i++) {
        sink_u32(s, (uint32_t)p->steps[i].op);
        sink_u32(s, (uint32_t)p->steps[i].kind);
        sink_float(s, p->steps[i].scale);
        sink_u32(s, (uint32_t)p->steps[i].zero_point);
        sink_u32(s, p->steps[i].axis_length);
        sink_float(s, p->steps[i].beta);
        sink_u32(s, p->steps[i].inner);
        sink_u32(s, p->steps[i].last);
    }
}

static void put_ports(sink *s, const weft_program *prog)
{
    sink_u32(s, prog->input_count);
    sink_u32(s, prog->output_count);
    for (uint32_t i = 0; i < prog->input_count; i++)
        put_port(s, &prog->inputs[i]);
    for (uint32_t i = 0; i < prog->output_count; i++)
        put_port(s, &prog->outputs[i]);
}

static void put_layers(sink *s, const weft_program *prog)
{
    sink_u32(s, prog->layer_count);
    for (uint32_t i = 0; i < prog->layer_count; i++) {
        const weft_program_layer *l = &prog->layers[i];
        sink_text(s, l->name);
        sink_u32(s, l->op);
        sink_u32(s, l->first_command);
        sink_u32(s, l->command_count);
        sink_u64(s, l->macs);
        sink_u64(s, l->cycles);
    }
}

static void put_source(sink *s, const weft_program *prog)
{
    const weft_source *from = &prog->source;
    sink_u32(s, (uint32_t)from->kind);
    sink_u64(s, from->bytes);
    sink_u32(s, from->crc32);
    sink_text(s, from->name);
    sink_text(s, from->producer);
    sink_text(s, from->options);
    sink_text(s, from->made_by);
}

/* A section's row of the table, and its end. */
static void close_section(sink *s, section_id id, size_t start)
{
    if (s->failed)
        return;
    uint8_t *row = s->bytes + HEADER_BYTES + (size_t)id * SECTION_ROW_BYTES;
    memcpy(row, section_tags[id], 4);
    sink_store(row + 4, (uint32_t)start);
    sink_store(row + 8, (uint32_t)(s->count - start));
    sink_store(row + 12, weft_file_crc32(s->bytes + start, s->count - start));
    sink_zeros(s, (SECTION_ALIGN - s->count % SECTION_ALIGN) % SECTION_ALIGN);
}

static void put_sections(sink *s, const weft_program *prog)
{
    for (int id = 0; id < SECTIONS; id++) {
        const size_t start = s->count;
        switch ((section_id)id) {
        case SECTION_HARDWARE: put_hardware(s, prog); break;
        case SECTION_PORTS: put_ports(s, prog); break;
        case SECTION_LAYERS: put_layers(s, prog); break;
        case SECTION_STEPS: steps_write(s, prog); break;
        case SECTION_SOURCE: put_source(s, prog); break;
        default: sink_put(s, prog->image, prog->image_bytes); break;
        }
        close_section(s, (section_id)id, start);
    }
}

/* The CRC in the last word of the header covers the header before it and the table. */
static void close_header(sink *s)
{
    uint8_t covered[FIRST_SECTION - 4];
    memcpy(s->bytes, WEFT_FILE_MAGIC, MAGIC_BYTES);
    sink_store(s->bytes + 8, WEFT_FILE_VERSION);
    sink_store(s->bytes + 12, SECTIONS);
    sink_store(s->bytes + 16, (uint32_t)s->count);
    memcpy(covered, s->bytes, HEADER_BYTES - 4);
    memcpy(covered + HEADER_BYTES - 4, s->bytes + HEADER_BYTES, FIRST_SECTION - HEADER_BYTES);
    sink_store(s->bytes + HEADER_BYTES - 4, weft_file_crc32(covered, sizeof covered));
}

static int fits_a_file(const weft_program *prog)
{
    return prog->input_count <= WEFT_FILE_MAX_PORTS && prog->output_count <= WEFT_FILE_MAX_PORTS &&
           prog->layer_count <= WEFT_FILE_MAX_LAYERS && steps_fit(prog);
}

int weft_program_write(const weft_program *prog, uint8_t **out, size_t *byte_count, weft_error *err)
{
    sink s = { 0 };
    *out = NULL;
    *byte_count = 0;
    if (!fits_a_file(prog))
        return weft_error_set(err, WEFT_ERR_CAPACITY,
                              "a file holds %d inputs and outputs and %d layers at most, and %d "
                              "operators of the host between runs with 2^28 elements of tensors",
                              WEFT_FILE_MAX_PORTS, WEFT_FILE_MAX_LAYERS, WEFT_FILE_MAX_STEP_NODES);
    for (unsigned i = 0; i < FIRST_SECTION / SECTION_ALIGN; i++)
        sink_zeros(&s, SECTION_ALIGN);
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
