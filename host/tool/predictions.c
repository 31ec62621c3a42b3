/* Predictions of a data set as a file; the contract is in predictions.h. */
#include "predictions.h"

#include <stdlib.h>

#include "json.h"
#include "models/base/files.h"
#include "models/base/weft_crc32.h"
#include "text_file.h"

prediction prediction_of(uint32_t label, const io *b)
{
    /* A chain of checksums, so that outputs need not be copied into one piece. */
    uint32_t crc[2] = { 0, 0 };
    for (uint32_t i = 0; i < b->out_count; i++) {
        crc[1] = weft_file_crc32(b->out[i].data, b->out[i].bytes);
        crc[0] = i ? weft_file_crc32(crc, sizeof crc) : crc[1];
    }
    return (prediction){ label, tool_answer(b), crc[0] };
}

static void print_json(FILE *to, const prediction *p, uint32_t count)
{
    json j = { .to = to };
    json_open(&j, NULL, '[');
    for (uint32_t i = 0; i < count; i++) {
        json_open(&j, NULL, '{');
        json_number(&j, "sample", i);
        json_number(&j, "label", p[i].label);
        json_number(&j, "answer", p[i].answer);
        json_number(&j, "crc32", p[i].crc32);
        json_close(&j, '}');
    }
    json_close(&j, ']');
}

int predictions_write(tool *t, const char *path, const prediction *p, uint32_t count)
{
    text_file f;
    if (!text_begin(&f))
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for the predictions");
    if (t->json)
        print_json(f.to, p, count);
    for (uint32_t i = 0; i < count && !t->json; i++)
        fprintf(f.to, "%u %u %u %08x\n", (unsigned)i, (unsigned)p[i].label, (unsigned)p[i].answer,
                (unsigned)p[i].crc32);
    char *text = text_end(&f);
    if (!text)
        return tool_fail(t, WEFT_ERR_NO_MEMORY, "no memory for the predictions");
    const int rc = weft_file_write(path, text, f.bytes, &t->err);
    free(text);
    return rc == WEFT_OK ? EXIT_GOOD : EXIT_OUTPUT;
}
