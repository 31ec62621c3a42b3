/* weft zoo: networks to measure with, as ONNX files; what they are is in models/nets/zoo/zoo.h. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "models/base/files.h"
#include "models/nets/zoo/zoo.h"
#include "tool.h"

static int list(const tool *t)
{
    json j = { .to = stdout };
    if (t->json)
        json_open(&j, NULL, '[');
    for (unsigned i = 0; weft_zoo_name(i); i++) {
        if (!t->json) {
            printf("%-14s %s\n", weft_zoo_name(i), weft_zoo_text(i));
            continue;
        }
        json_open(&j, NULL, '{');
        json_text(&j, "name", weft_zoo_name(i));
        json_text(&j, "text", weft_zoo_text(i));
        json_close(&j, '}');
    }
    if (t->json)
        json_close(&j, ']');
    return EXIT_GOOD;
}

static uint32_t clip(uint64_t v)
{
    return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static int show_making(void *self, double done)
{
    tool_progress(self, "zoo", (uint64_t)(done * 100), 100);
    return tool_interrupted();
}

static int print_made(const tool *t, const weft_zoo_options *o, const char *path, size_t bytes)
{
    if (!t->json || !strcmp(path, "-"))
        return EXIT_GOOD;
    json j = { .to = stdout };
    json_open(&j, NULL, '{');
    json_text(&j, "file", path);
    json_number(&j, "bytes", (double)bytes);
    json_text(&j, "network", o->name);
    json_number(&j, "seed", (double)o->seed);
    json_number(&j, "size", o->size);
    json_number(&j, "width_percent", o->width_percent);
    json_number(&j, "classes", o->classes);
    json_close(&j, '}');
    return EXIT_GOOD;
}

int cmd_zoo(tool *t, int argc, char **argv)
{
    const char *output = NULL;
    uint64_t seed = 1, size = 224, width = 100, classes = 1000;
    const option table[] = { { "-o", OPTION_TEXT, &output, "the ONNX file to write" },
                             { "--seed", OPTION_NUMBER, &seed, "of the weights" },
                             { "--size", OPTION_NUMBER, &size, "side of the image" },
                             { "--width", OPTION_NUMBER, &width, "percent of the channels" },
                             { "--classes", OPTION_NUMBER, &classes, "outputs" } };
    arguments a;
    const int code = tool_options(t, argc, argv, table, sizeof table / sizeof *table, 0, 1, &a);
    if (code != EXIT_GOOD)
        return code;
    if (a.count == 0)
        return list(t);
    if (!output)
        return tool_fail(t, WEFT_ERR_ARG, "-o FILE.onnx is missing");
    const weft_zoo_options o = { a.word[0], seed, clip(size), clip(width), clip(classes) };
    uint8_t *bytes;
    size_t byte_count;
    const weft_progress progress = { show_making, t };
    const int rc = weft_zoo_make(&o, &progress, &bytes, &byte_count, &t->err);
    tool_progress(t, "zoo", 1, 1);
    if (rc != WEFT_OK)
        return tool_exit(rc);
    const int written = weft_file_write(output, bytes, byte_count, &t->err);
    free(bytes);
    return written == WEFT_OK ? print_made(t, &o, output, byte_count) : EXIT_OUTPUT;
}
