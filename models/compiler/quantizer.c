/* Quantising as weft_compiler.h has it, over models/quantize; the contract is there. */
#include <stdlib.h>
#include <string.h>

#include "compiler_own.h"
#include "models/quantize/weft_quantize.h"
#include <weft/weft.h>

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

struct weft_quantizer {
    quantizer *inner;
    uint8_t *bytes; /* what weft_quantizer_run has written */
    size_t byte_count;
};

enum { USUAL_PERCENTILE_HUNDREDTHS = 9999 };

static int options_of(const weft_quantizer_options *o, weft_quantize_options *to, weft_error *err)
{
    static const weft_quantize_method methods[] = { WEFT_QUANTIZE_MINMAX, WEFT_QUANTIZE_PERCENTILE,
                                                    WEFT_QUANTIZE_MSE };
    const double percentile =
        o->percentile != 0 ? o->percentile : USUAL_PERCENTILE_HUNDREDTHS / 100.0;
    if (o->calibration >= sizeof methods / sizeof *methods)
        return weft_error_set(err, WEFT_ERR_ARG, "there is no calibration %u",
                              (unsigned)o->calibration);
    if (!(percentile > 50 && percentile <= 100))
        return weft_error_set(err, WEFT_ERR_ARG, "the percentile must be above 50 and at most 100");
    *to = (weft_quantize_options){ .method = methods[o->calibration],
                                   .percentile = percentile,
                                   .is_uint8 = o->flags & WEFT_QUANTIZER_UINT8 ? 1 : 0,
                                   .reduced = o->flags & WEFT_QUANTIZER_REDUCED_RANGE ? 1 : 0,
                                   .invent = o->flags & WEFT_QUANTIZER_INVENT ? 1 : 0,
                                   .seed = o->seed,
                                   .symbols = { .binds = o->binds, .bind_count = o->bind_count } };
    return binds_check(o->binds, o->bind_count, err);
}

static int open_any(const char *path, const void *bytes, size_t byte_count,
                    const weft_quantizer_options *given, weft_quantizer **out, weft_error *err)
{
    weft_quantizer_options o;
    weft_quantize_options inner;
    weft_error own = { 0 };
    err = err ? err : &own;
    int rc = options_take(given, &o, sizeof o, err);
    if (rc == WEFT_OK)
        rc = options_of(&o, &inner, err);
    if (rc != WEFT_OK)
        return rc;
    weft_quantizer *q = calloc(1, sizeof *q);
    if (!q)
        return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory to quantise");
    rc = path ? weft_quantize_open(path, &inner, &q->inner, err)
              : weft_quantize_parse(bytes, byte_count, &inner, &q->inner, err);
    if (rc == WEFT_OK)
        *out = q;
    else
        weft_quantizer_close(q);
    return rc;
}

int weft_quantizer_open(const char *path, const weft_quantizer_options *options,
                        weft_quantizer **out, weft_error *err)
{
    if (!GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    return GIVEN(err, path) ? open_any(path, NULL, 0, options, out, err) : WEFT_ERR_ARG;
}

int weft_quantizer_parse(const void *bytes, uint64_t byte_count,
                         const weft_quantizer_options *options, weft_quantizer **out,
                         weft_error *err)
{
    if (!GIVEN(err, out))
        return WEFT_ERR_ARG;
    *out = NULL;
    return GIVEN(err, bytes) ? open_any(NULL, bytes, (size_t)byte_count, options, out, err)
                             : WEFT_ERR_ARG;
}

void weft_quantizer_close(weft_quantizer *q)
{
    if (!q)
        return;
    weft_quantize_close(q->inner);
    free(q->bytes);
    free(q);
}

int weft_quantizer_describe(const weft_quantizer *q, weft_quantizer_info *out, weft_error *err)
{
    if (!GIVEN(err, q) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    weft_quantize_layer l;
    weft_quantizer_info info = { .input_count = weft_quantize_net(q->inner)->input_count };
    while (q->bytes && weft_quantize_layer_at(q->inner, info.activation_count, &l))
        info.activation_count++;
    weft_quantize_agreement(q->inner, &info.compared, &info.agree);
    return weft_struct_fill(out, &info, sizeof info, err);
}

/* The type in which a caller gives an input: its own, where weft.h has it; else float32 for every
 * floating type and int64 for every integer. */
static uint32_t type_of(int32_t onnx_type)
{
    switch (onnx_type) {
    case T(INT8): return WEFT_TYPE_INT8;
    case T(UINT8): return WEFT_TYPE_UINT8;
    case T(INT32): return WEFT_TYPE_INT32;
    default: return nd_is_float(onnx_type) ? WEFT_TYPE_FLOAT32 : WEFT_TYPE_INT64;
    }
}

static size_t type_bytes(uint32_t type)
{
    return type == WEFT_TYPE_INT64 ? 8 : type == WEFT_TYPE_INT8 || type == WEFT_TYPE_UINT8 ? 1 : 4;
}

int weft_quantizer_describe_input(const weft_quantizer *q, uint32_t index, weft_tensor_info *out,
                                  weft_error *err)
{
    if (!GIVEN(err, q) || !GIVEN(err, out) ||
        index_check(index, weft_quantize_net(q->inner)->input_count, "input", err) != WEFT_OK)
        return WEFT_ERR_ARG;
    const float_port *p = &weft_quantize_net(q->inner)->inputs[index];
    weft_tensor_info info = { .type = type_of(p->type),
                              .name = p->info->name ? p->info->name : "",
                              .rank = p->rank,
                              .elements = 1 };
    for (uint32_t i = 0; i < p->rank; i++) {
        info.dims[i] = (uint32_t)p->dims[i];
        info.elements *= p->dims[i];
    }
    info.bytes = info.elements * type_bytes(info.type);
    return weft_struct_fill(out, &info, sizeof info, err);
}

/* --- running ------------------------------------------------------------------------------ */

typedef struct sampler {
    const weft_samples *samples;
    int stopped; /* by the progress callback */
} sampler;

static void widen(const void *from, uint32_t type, nd *to)
{
    const int8_t *bytes = from;
    const uint8_t *unsigned_bytes = from;
    const int32_t *words = from;
    for (size_t i = 0; i < to->count; i++)
        to->i[i] = type == WEFT_TYPE_INT8    ? bytes[i]
                   : type == WEFT_TYPE_UINT8 ? unsigned_bytes[i]
                                             : words[i];
}

static int ask(const sampler *s, uint32_t sample, uint32_t input, nd *array, weft_error *err)
{
    const uint32_t type = type_of(array->type);
    const size_t bytes = array->count * type_bytes(type);
    void *narrow = NULL;
    void *to = array->f ? (void *)array->f : (void *)array->i;
    if (type != WEFT_TYPE_FLOAT32 && type != WEFT_TYPE_INT64) {
        narrow = to = calloc(bytes ? bytes : 1, 1);
        if (!narrow)
            return weft_error_set(err, WEFT_ERR_NO_MEMORY, "no memory for samples");
    }
    const int refused = s->samples->get(s->samples->self, sample, input, to, bytes);
    if (narrow && !refused)
        widen(narrow, type, array);
    free(narrow);
    return refused ? weft_error_set(err, WEFT_ERR_CANCELLED, "sample %u was not given",
                                    (unsigned)sample)
                   : WEFT_OK;
}

static int get(void *context, uint32_t sample, const float_net *net, nd *inputs, weft_error *err)
{
    const sampler *s = context;
    eval_run run = { .err = err, .left = EVAL_ELEMENTS };
    int rc = WEFT_OK;
    if (s->stopped)
        return weft_error_set(err, WEFT_ERR_CANCELLED, "cancelled while it was quantised");
    for (uint32_t i = 0; i < net->input_count && rc == WEFT_OK; i++) {
        const float_port *p = &net->inputs[i];
        rc = nd_new(&run, p->type, p->rank, p->dims, &inputs[i]);
        if (rc == WEFT_OK)
            rc = ask(s, sample, i, &inputs[i], err);
    }
    return rc;
}

static void progress(void *context, double done)
{
    sampler *s = context;
    if (s->samples->progress && s->samples->progress(s->samples->self, done))
        s->stopped = 1;
}

int weft_quantizer_run(weft_quantizer *q, const weft_samples *given, weft_error *err)
{
    weft_samples samples;
    weft_error own = { 0 };
    err = err ? err : &own;
    if (!GIVEN(err, q) || !weft_given(given != NULL, __func__, "samples", err))
        return WEFT_ERR_ARG;
    int rc = options_take(given, &samples, sizeof samples, err);
    if (rc == WEFT_OK && (!samples.count || !samples.get))
        rc = weft_error_set(err, WEFT_ERR_ARG, "quantising needs at least one sample");
    if (rc != WEFT_OK)
        return rc;
    sampler s = { &samples, 0 };
    const weft_quantize_samples inner = {
        .count = samples.count, .get = get, .context = &s, .progress = progress
    };
    free(q->bytes);
    q->bytes = NULL;
    q->byte_count = 0;
    rc = weft_quantize_run(q->inner, &inner, err);
    if (rc == WEFT_OK && s.stopped)
        rc = weft_error_set(err, WEFT_ERR_CANCELLED, "cancelled while it was quantised");
    return rc == WEFT_OK ? weft_quantize_write(q->inner, &q->bytes, &q->byte_count, err) : rc;
}

const void *weft_quantizer_bytes(const weft_quantizer *q, uint64_t *byte_count)
{
    if (byte_count)
        *byte_count = q ? q->byte_count : 0;
    return q ? q->bytes : NULL;
}

int weft_quantizer_describe_activation(const weft_quantizer *q, uint32_t index,
                                       weft_quantized_info *out, weft_error *err)
{
    weft_quantize_layer l;
    if (!GIVEN(err, q) || !GIVEN(err, out))
        return WEFT_ERR_ARG;
    if (!q->bytes || !weft_quantize_layer_at(q->inner, index, &l))
        return weft_error_set(err, WEFT_ERR_ARG, "there is no activation %u that got a scale",
                              (unsigned)index);
    const weft_quantized_info info = { .scale = l.scale,
                                       .name = l.name,
                                       .op = l.op,
                                       .zero_point = l.zero_point,
                                       .own_db = l.own_db,
                                       .all_db = l.all_db };
    return weft_struct_fill(out, &info, sizeof info, err);
}
