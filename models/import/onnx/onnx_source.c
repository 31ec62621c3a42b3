/* Where a graph came from, as a program keeps it: file, producer, what was bound. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "onnx_file.h"
#include "onnx_import.h"

/* As --bind takes it: SYMBOL=SIZE,INPUT=SIZExSIZE..; '?' where it cannot say the same, so that no
 * blank is inside. */
static void note_binds(weft_source *s, const weft_onnx_options *options)
{
    char size[16];
    for (uint32_t i = 0; options && i < options->bind_count; i++) {
        const weft_bind *b = &options->binds[i];
        const int more =
            i && b->axis > 1 && b->axis == b[-1].axis + 1 && !strcmp(b->name, b[-1].name);
        if (!more) {
            weft_source_append(s->options, i ? "," : "--bind ", i ? 1 : 7);
            for (const char *c = b->name; *c; c++)
                weft_source_append(s->options, *c == ' ' ? "?" : c, 1);
        }
        weft_source_append(s->options, more ? "x" : "=", 1);
        for (uint32_t axis = 1; !more && axis < b->axis && axis < WEFT_MAX_RANK; axis++)
            weft_source_append(s->options, "?x", 2);
        (void)snprintf(size, sizeof size, "%" PRIu32, b->size);
        weft_source_append(s->options, size, strlen(size));
    }
}

weft_source onnx_source_of(const onnx_file *file, const weft_onnx_options *options)
{
    const char *const producer[] = { file->model->producer_name, file->model->producer_version };
    weft_source s = weft_source_of(WEFT_SOURCE_ONNX, file->byte_count, onnx_file_crc32(file));
    for (int i = 0; i < 2; i++)
        if (producer[i] && *producer[i]) {
            weft_source_append(s.producer, " ", s.producer[0] != 0);
            weft_source_append(s.producer, producer[i], strlen(producer[i]));
        }
    note_binds(&s, options);
    return s;
}
