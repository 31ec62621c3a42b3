/* Reading the container: a view over untrusted bytes, each access checked; then the whole program
 * is proved by weft_program_check. */
#include "weft_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/weft_crc32.h"
#include "weft_bytes.h"
#include "weft_layout.h"
#include "weft_steps.h"

static void read_hardware(view *v, weft_program *p)
{
    weft_hw *hw = &p->hw;
    uint32_t *const words[] = { &p->isa_version,
#define HW(NAME, name, value, least, most, rule, of, fixed, info, key, option, unit, doc) &hw->name,
#define HW_DERIVED(NAME, name, info, unit, doc)                                           &hw->name,
#include "rtl/isa/weft_isa.def"
                                &p->image_addr,  &p->prog_addr, &p->prog_count,
                                &p->win_base,    &p->win_limit };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *words[i] = view_u32(v);
}

static void read_port(view *v, weft_program_port *p)
{
    p->name = view_text(v);
    p->dtype = (weft_dtype)view_enum(v, WEFT_FLOAT32 + 1);
    p->rank = view_count(v, WEFT_MAX_RANK, 8);
    for (uint32_t i = 0; i < p->rank; i++) {
        p->dims[i] = view_u32(v);
        p->perm[i] = view_u32(v);
    }
    p->model_scale = view_float(v);
    p->model_zero_point = view_i32(v);
    p->scale = view_float(v);
    p->zero_point = view_i32(v);
    p->addr = view_u32(v);
    p->rows = view_u32(v);
    p->row_bytes = view_u32(v);
    p->pitch_bytes = view_u32(v);
    p->step_count = view_count(v, WEFT_MAX_HOST_STEPS, 32);
    for (uint32_t i = 0; i < p->step_count; i++) {
        p->steps[i].op = (weft_host_op)view_enum(v, WEFT_HOST_OPS);
        p->steps[i].kind = (weft_requant_kind)view_enum(v, WEFT_REQUANT_ONNX + 1);
        p->steps[i].scale = view_float(v);
        p->steps[i].zero_point = view_i32(v);
        p->steps[i].axis_length = view_u32(v);
        p->steps[i].beta = view_float(v);
        p->steps[i].inner = view_u32(v);
        p->steps[i].last = view_u32(v);
    }
}

static void read_ports(view *v, weft_program *p)
{
    uint32_t inputs = view_count(v, WEFT_FILE_MAX_PORTS, 48);
    uint32_t outputs = view_count(v, WEFT_FILE_MAX_PORTS, 48);
    p->inputs = view_array(v, inputs, sizeof *p->inputs);
    p->outputs = view_array(v, outputs, sizeof *p->outputs);
    while (!v->bad && p->input_count < inputs)
        read_port(v, &p->inputs[p->input_count++]);
    while (!v->bad && p->output_count < outputs)
        read_port(v, &p->outputs[p->output_count++]);
}

static void read_layers(view *v, weft_program *p)
{
    uint32_t layers = view_count(v, WEFT_FILE_MAX_LAYERS, 32);
    p->layers = view_array(v, layers, sizeof *p->layers);
    while (!v->bad && p->layer_count < layers) {
        weft_program_layer *l = &p->layers[p->layer_count++];
        l->name = view_text(v);
        l->op = view_u32(v);
        l->first_command = view_u32(v);
        l->command_count = view_u32(v);
        l->macs = view_u64(v);
        l->cycles = view_u64(v);
    }
}

_Static_assert((int)WEFT_FILE_MAX_NAME_BYTES < (int)WEFT_SOURCE_TEXT_BYTES,
               "room for what view_text takes");

static void read_source_text(view *v, char *to)
{
    char *text = view_text(v);
    if (text)
        memcpy(to, text, strlen(text) + 1);
    free(text);
}

static void read_source(view *v, weft_program *p)
{
    weft_source *from = &p->source;
    from->kind = (weft_source_kind)view_enum(v, WEFT_SOURCE_KINDS);
    from->bytes = view_u64(v);
    from->crc32 = view_u32(v);
    read_source_text(v, from->name);
    read_source_text(v, from->producer);
    read_source_text(v, from->options);
    read_source_text(v, from->made_by);
}

static void read_image(view *v, weft_program *p)
{
    p->image_bytes = v->bytes;
    p->image = view_array(v, 0, v->bytes + 1);
    const uint8_t *from = view_take(v, v->bytes);
    if (from && p->image_bytes)
        memcpy(p->image, from, p->image_bytes);
}

/* The header, whose CRC also covers the table behind it. */
static int check_header(const uint8_t *bytes, size_t count, weft_error *err)
{
    view v = { .at = bytes, .bytes = count };
    if (count < MAGIC_BYTES || memcmp(bytes, WEFT_FILE_MAGIC, MAGIC_BYTES) != 0)
        return weft_error_set(err, WEFT_ERR_FORMAT, "this is not a program.weft file");
    (void)view_take(&v, MAGIC_BYTES);
    uint32_t version = view_u32(&v), number = view_u32(&v), file_bytes = view_u32(&v);
    if (!v.bad && version != WEFT_FILE_VERSION)
        return weft_error_set(err, WEFT_ERR_VERSION,
                              "the file has format version %" PRIu32
                              ", this weft reads version %d: compile it again",
                              version, WEFT_FILE_VERSION);
    if (count < FIRST_SECTION || file_bytes != count || number != SECTIONS)
        return weft_error_set(
            err, WEFT_ERR_FORMAT,
            "the file is cut short or too long: %zu bytes, its header says %" PRIu32, count,
            file_bytes);
    uint8_t covered[FIRST_SECTION - 4];
    memcpy(covered, bytes, HEADER_BYTES - 4);
    memcpy(covered + HEADER_BYTES - 4, bytes + HEADER_BYTES, FIRST_SECTION - HEADER_BYTES);
    const uint64_t zero = view_u64(&v);
    if (zero != 0 || view_u32(&v) != weft_file_crc32(covered, sizeof covered))
        return weft_error_set(err, WEFT_ERR_FORMAT, "the header is damaged (checksum)");
    return WEFT_OK;
}

/* The sections must follow each other exactly, zeros between them. */
static int check_table(const uint8_t *bytes, size_t count, view *sections, weft_error *err)
{
    view v = { .at = bytes + HEADER_BYTES, .bytes = FIRST_SECTION - HEADER_BYTES };
    size_t next = FIRST_SECTION;
    for (unsigned i = 0; i < SECTIONS; i++) {
        const uint8_t *tag = view_take(&v, 4);
        uint32_t offset = view_u32(&v), length = view_u32(&v), crc = view_u32(&v);
        size_t end = (size_t)offset + length;
        size_t padded = (end + SECTION_ALIGN - 1) / SECTION_ALIGN * SECTION_ALIGN;
        if (memcmp(tag, section_tags[i], 4) != 0 || offset != next || padded > count)
            return weft_error_set(err, WEFT_ERR_FORMAT, "section %u is not where it must be", i);
        for (size_t k = end; k < padded; k++)
            if (bytes[k])
                return weft_error_set(err, WEFT_ERR_FORMAT, "bytes behind section %s",
                                      section_tags[i]);
        if (weft_file_crc32(bytes + offset, length) != crc)
            return weft_error_set(err, WEFT_ERR_FORMAT,
                                  "section %s at byte %" PRIu32 " is damaged (checksum)",
                                  section_tags[i], offset);
        sections[i] = (view){ .at = bytes + offset, .bytes = length };
        next = padded;
    }
    return next == count ? WEFT_OK
                         : weft_error_set(err, WEFT_ERR_FORMAT, "bytes behind the last section");
}

static int read_sections(view *sections, weft_program *p, weft_error *err)
{
    static void (*const readers[SECTIONS])(view *, weft_program *) = { read_hardware, read_ports,
                                                                       read_layers,   steps_read,
                                                                       read_source,   read_image };
    for (unsigned i = 0; i < SECTIONS; i++) {
        view *v = &sections[i];
        const size_t bytes = v->bytes;
        readers[i](v, p);
        if (v->no_memory)
            return weft_error_set(err, WEFT_ERR_NO_MEMORY, "out of memory while reading a program");
        if (v->bad || v->bytes)
            return weft_error_set(err, WEFT_ERR_FORMAT,
                                  "section %s does not hold what it must, near its byte %zu",
                                  section_tags[i], bytes - v->bytes);
    }
    return WEFT_OK;
}

int weft_program_read(const void *bytes, size_t byte_count, weft_program **out, weft_error *err)
{
    view sections[SECTIONS];
    *out = NULL;
    int rc = check_header(bytes, byte_count, err);
    if (rc == WEFT_OK)
        rc = check_table(bytes, byte_count, sections, err);
    if (rc != WEFT_OK)
        return rc;
    weft_program *p = calloc(1, sizeof *p);
    if (!p)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "out of memory while reading a program");
    rc = read_sections(sections, p, err);
    if (rc == WEFT_OK)
        rc = weft_program_check(p, err);
    if (rc == WEFT_OK)
        *out = p;
    else
        weft_program_free(p);
    return rc;
}
