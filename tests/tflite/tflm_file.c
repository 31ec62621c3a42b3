/* See tflm_file.h. */
#include "tflm_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/import/tflite/flatbuffer.h"

int tflm_open(const char *path, tflm_file *f)
{
    *f = (tflm_file){ 0 };
    FILE *in = fopen(path, "rb");
    const long size = in && fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    f->bytes = size > 0 ? malloc((size_t)size) : NULL;
    const int good = f->bytes && fseek(in, 0, SEEK_SET) == 0 &&
                     fread(f->bytes, 1, (size_t)size, in) == (size_t)size;
    if (in)
        fclose(in);
    f->at = f->bytes;
    f->end = good ? f->bytes + size : f->bytes;
    return good;
}

static int take(tflm_file *f, tflm_block *b)
{
    if (f->end - f->at < 4)
        return 0;
    b->count = fb_load_u32(f->at);
    b->bytes = f->at + 4;
    if (b->count > (size_t)(f->end - b->bytes))
        return 0;
    f->at = b->bytes + b->count;
    return 1;
}

int tflm_next(tflm_file *f, tflm_case *c)
{
    tflm_block name;
    if (!take(f, &name) || !take(f, &c->model) || !take(f, &c->in) || !take(f, &c->out))
        return 0;
    snprintf(c->name, sizeof c->name, "%.*s", (int)name.count, (const char *)name.bytes);
    return 1;
}

void tflm_close(tflm_file *f)
{
    free(f->bytes);
    *f = (tflm_file){ 0 };
}
