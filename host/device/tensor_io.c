/* Between the user's tensors and the rows of device memory; see device_own.h.
 *
 * Everything goes through the canonical order: elements row-major in the axes of the device.  Costs
 * one or two passes over the tensor. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "device_own.h"
#include "models/arith/softmax.h"

size_t weft_io_row_bytes(const weft_program_port *port)
{
    return (size_t)port->rows * port->pitch_bytes;
}

/* Bytes of the device's tensor. */
static size_t tensor_bytes(const weft_program_port *port)
{
    return (size_t)port->rows * port->row_bytes;
}

/* Elements of the device's tensor. */
static size_t element_count(const weft_program_port *port)
{
    return tensor_bytes(port) / (weft_program_is_plain(port) ? sizeof(float) : 1);
}

static int is_byte(const weft_program_port *port)
{
    return port->dtype == WEFT_INT8 || port->dtype == WEFT_UINT8;
}

static int is_float(const weft_program_port *port, weft_form form)
{
    return form == WEFT_FORM_FLOAT32 || (form == WEFT_FORM_MODEL && port->dtype == WEFT_FLOAT32);
}

size_t weft_io_buffer_bytes(const weft_program_port *port, weft_form form)
{
    const size_t bytes = weft_program_port_bytes(port);
    if (form == WEFT_FORM_INT8 && !weft_program_is_plain(port))
        return element_count(port);
    return form != WEFT_FORM_FLOAT32 ? bytes
                                     : bytes / weft_dtype_bytes(port->dtype) * sizeof(float);
}

int weft_io_check(const weft_program_port *port, uint32_t form, const void *data, uint64_t bytes,
                  weft_error *err)
{
    if (form > WEFT_FORM_FLOAT32)
        return weft_error_set(err, WEFT_ERR_ARG, "the buffer of \"%.80s\" has no form %u",
                              port->name, (unsigned)form);
    const size_t want = weft_io_buffer_bytes(port, (weft_form)form);
    if (!data)
        return weft_error_set(err, WEFT_ERR_ARG, "the data of \"%.80s\" must not be NULL",
                              port->name);
    if (bytes != want)
        return weft_error_set(err, WEFT_ERR_ARG, "\"%.80s\" needs %zu bytes in this form, not %llu",
                              port->name, want, (unsigned long long)bytes);
    return WEFT_OK;
}

/* Walks over the canonical elements in order and knows where each lies in the user's tensor. */
typedef struct walk {
    const weft_program_port *port;
    uint32_t at[WEFT_MAX_RANK];
    size_t stride[WEFT_MAX_RANK]; /* of canonical axis i in the user's tensor, in elements */
    size_t index;
} walk;

static walk walk_begin(const weft_program_port *port)
{
    walk w = { .port = port };
    size_t stride[WEFT_MAX_RANK], step = 1;
    for (uint32_t i = port->rank; i-- > 0;) {
        stride[i] = step;
        step *= port->dims[i];
    }
    for (uint32_t i = 0; i < port->rank; i++)
        w.stride[i] = stride[port->perm[i]];
    return w;
}

static void walk_next(walk *w)
{
    const weft_program_port *port = w->port;
    for (uint32_t i = port->rank; i-- > 0;) {
        w->index += w->stride[i];
        if (++w->at[i] < port->dims[port->perm[i]])
            return;
        w->index -= w->stride[i] * w->at[i];
        w->at[i] = 0;
    }
}

/* round(steps) + zero point as int8; steps half to even already rounded where it matters. */
static int8_t to_int8(float steps, int32_t zero_point)
{
    const float lo = (float)(-128 - zero_point), hi = (float)(127 - zero_point);
    if (!(steps > lo)) /* NaN too */
        return -128;
    if (steps >= hi)
        return 127;
    return (int8_t)((int32_t)lrintf(steps) + zero_point);
}

static void quantize(const weft_host_step *s, const float *x, int8_t *q, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float steps = x[i] / s->scale;
        q[i] = to_int8(s->kind == WEFT_REQUANT_TFLITE ? roundf(steps) : steps, s->zero_point);
    }
}

static void dequantize(const weft_host_step *s, const int8_t *q, float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(q[i] - s->zero_point) * s->scale;
}

static void softmax(float *x, size_t width, float beta)
{
    float largest = x[0], sum = 0.0f;
    for (size_t i = 1; i < width; i++)
        largest = x[i] > largest ? x[i] : largest;
    for (size_t i = 0; i < width; i++) {
        x[i] = expf((x[i] - largest) * beta);
        sum += x[i];
    }
    for (size_t i = 0; i < width; i++)
        x[i] /= sum;
}

static void log_softmax(float *x, size_t width)
{
    float largest = x[0], sum = 0.0f;
    for (size_t i = 1; i < width; i++)
        largest = x[i] > largest ? x[i] : largest;
    for (size_t i = 0; i < width; i++)
        sum += expf(x[i] - largest);
    for (size_t i = 0; i < width; i++)
        x[i] = x[i] - largest - logf(sum);
}

/* Rows of axis_length elements; int8 rows by way of `row`, which holds one. */
static void apply_rows(const weft_host_step *s, float *x, int8_t *q, int8_t *row, size_t count)
{
    const size_t width = s->axis_length;
    for (size_t i = 0; i + width <= count; i += width) {
        switch (s->op) {
        case WEFT_HOST_SOFTMAX: softmax(x + i, width, s->beta); continue;
        case WEFT_HOST_LOG_SOFTMAX: log_softmax(x + i, width); continue;
        case WEFT_HOST_SOFTMAX_INT8: weft_softmax_int8(q + i, row, width, s->scale, s->beta); break;
        default: weft_log_softmax_int8(q + i, row, width, s->scale); break;
        }
        memcpy(q + i, row, width);
    }
}

static void apply_step(const weft_host_step *s, float *x, int8_t *q, size_t count)
{
    switch (s->op) {
    case WEFT_HOST_QUANTIZE: quantize(s, x, q, count); break;
    case WEFT_HOST_DEQUANTIZE: dequantize(s, q, x, count); break;
    case WEFT_HOST_ARGMAX:
    case WEFT_HOST_ARGMIN: break; /* put_positions ends the passage */
    default: apply_rows(s, x, q, q + count, count); break;
    }
}

static int is_float_after(const weft_host_step *s)
{
    return s->op == WEFT_HOST_DEQUANTIZE || s->op == WEFT_HOST_SOFTMAX ||
           s->op == WEFT_HOST_LOG_SOFTMAX;
}

/* uint8 models are the same values shifted by 128. */
static uint8_t sign_flip(const weft_program_port *port, weft_form form)
{
    return form == WEFT_FORM_MODEL && port->dtype == WEFT_UINT8 ? 0x80 : 0;
}

/* The tensor on its way, in both types, and the steps it takes. */
typedef struct passage {
    const weft_program_port *port;
    weft_form form;
    size_t count;
    float *x; /* NULL if nothing needs it */
    int8_t *q;
    uint32_t step_count;
    weft_host_step steps[WEFT_MAX_HOST_STEPS + 1];
} passage;

/* Between the int8 of the user's tensor, at hand as what uint8 is minus 128, and real values. */
static weft_host_step real_step(const weft_program_port *port, weft_host_op op)
{
    const int32_t shift = port->dtype == WEFT_UINT8 ? 128 : 0;
    return (weft_host_step){ .op = op,
                             .kind = WEFT_REQUANT_ONNX,
                             .scale = port->model_scale == 0.0f ? 1.0f : port->model_scale,
                             .zero_point = port->model_zero_point - shift };
}

/* Those of the model, unless the device's int8 is what is wanted; next to the user one more, if
 * bytes of the model are to be real values. */
static void choose_steps(passage *p, int is_input)
{
    const int real = p->form == WEFT_FORM_FLOAT32 && is_byte(p->port);
    if (real && is_input)
        p->steps[p->step_count++] = real_step(p->port, WEFT_HOST_QUANTIZE);
    for (uint32_t i = 0; i < p->port->step_count && p->form != WEFT_FORM_INT8; i++)
        p->steps[p->step_count++] = p->port->steps[i];
    if (real && !is_input)
        p->steps[p->step_count++] = real_step(p->port, WEFT_HOST_DEQUANTIZE);
}

static int passage_begin(passage *p, const weft_program_port *port, weft_form form, int is_input)
{
    *p = (passage){ .port = port, .form = form, .count = element_count(port) };
    choose_steps(p, is_input);
    const int floats = is_float(port, form) || p->step_count;
    p->q = malloc(2 * p->count); /* the tensor, and room for a row of it */
    if (floats)
        p->x = malloc(p->count * sizeof *p->x);
    return p->q && (p->x || !floats) ? WEFT_OK : WEFT_ERR_NO_MEMORY;
}

static void passage_end(passage *p)
{
    free(p->x);
    free(p->q);
}

/* A number of a plain port between the user's type or float32 and four bytes of device memory. */
static void copy_plain(const weft_program_port *port, weft_form form, uint8_t *user,
                       uint8_t *device, int is_input)
{
    const int wide = port->dtype == WEFT_INT64 && form != WEFT_FORM_FLOAT32;
    const int real = port->dtype != WEFT_FLOAT32 && form == WEFT_FORM_FLOAT32;
    int64_t whole;
    int32_t narrow;
    float number;
    if (!wide && !real) {
        memcpy(is_input ? device : user, is_input ? user : device, sizeof narrow);
        return;
    }
    if (is_input) {
        memcpy(wide ? (void *)&whole : (void *)&number, user, wide ? sizeof whole : sizeof number);
        const double v = wide ? (double)whole : (double)number;
        narrow = v >= INT32_MAX ? INT32_MAX : v > INT32_MIN ? (int32_t)v : INT32_MIN;
        memcpy(device, &narrow, sizeof narrow);
        return;
    }
    memcpy(&narrow, device, sizeof narrow);
    whole = narrow;
    number = (float)narrow;
    memcpy(user, wide ? (void *)&whole : (void *)&number, wide ? sizeof whole : sizeof number);
}

/* The whole tensor of a plain port between the user's buffer and the rows. */
static void move_plain(const weft_program_port *port, weft_form form, uint8_t *user, uint8_t *rows,
                       int is_input)
{
    const size_t bytes = form == WEFT_FORM_FLOAT32 ? sizeof(float) : weft_dtype_bytes(port->dtype);
    const size_t count = element_count(port), a_row = port->row_bytes / sizeof(float);
    walk w = walk_begin(port);
    for (size_t e = 0; e < count; e++, walk_next(&w))
        copy_plain(port, form, user + w.index * bytes,
                   rows + e / a_row * port->pitch_bytes + e % a_row * sizeof(float), is_input);
}

int weft_io_pack(const weft_program_port *port, const weft_input *from, uint8_t *rows)
{
    passage p;
    if (weft_program_is_plain(port)) {
        memset(rows, 0, weft_io_row_bytes(port));
        move_plain(port, (weft_form)from->form, (uint8_t *)(uintptr_t)from->data, rows, 1);
        return WEFT_OK;
    }
    int rc = passage_begin(&p, port, (weft_form)from->form, 1);
    if (rc != WEFT_OK) {
        passage_end(&p);
        return rc;
    }
    const uint8_t *bytes = from->data, flip = sign_flip(port, p.form);
    const int floats = is_float(port, p.form);
    walk w = walk_begin(port);
    for (size_t e = 0; e < p.count; e++, walk_next(&w)) {
        if (floats)
            memcpy(&p.x[e], bytes + w.index * sizeof *p.x, sizeof *p.x);
        else
            p.q[e] = (int8_t)(bytes[w.index] ^ flip);
    }
    for (uint32_t i = 0; i < p.step_count; i++)
        apply_step(&p.steps[i], p.x, p.q, p.count);
    memset(rows, 0, weft_io_row_bytes(port));
    for (uint32_t r = 0; r < port->rows; r++)
        memcpy(rows + (size_t)r * port->pitch_bytes, p.q + (size_t)r * port->row_bytes,
               port->row_bytes);
    passage_end(&p);
    return WEFT_OK;
}

static void put_values(const passage *p, uint8_t *to)
{
    const uint8_t flip = sign_flip(p->port, p->form);
    const int floats = is_float(p->port, p->form);
    walk w = walk_begin(p->port);
    for (size_t e = 0; e < p->count; e++, walk_next(&w)) {
        if (floats)
            memcpy(to + w.index * sizeof *p->x, &p->x[e], sizeof *p->x);
        else
            to[w.index] = (uint8_t)p->q[e] ^ flip;
    }
}

/* Does element a take the place of element b, which stands before it? */
static int beyond(const passage *p, int floats, const weft_host_step *s, size_t a, size_t b)
{
    const float va = floats ? p->x[a] : p->q[a], vb = floats ? p->x[b] : p->q[b];
    if (s->last)
        return s->op == WEFT_HOST_ARGMIN ? va <= vb : va >= vb;
    return s->op == WEFT_HOST_ARGMIN ? va < vb : va > vb;
}

/* The position of the extreme among `length` elements from `first` on. */
static int32_t position_of(const passage *p, int floats, const weft_host_step *s, size_t first)
{
    size_t best = 0;
    for (size_t k = 1; k < s->axis_length; k++)
        if (beyond(p, floats, s, first + k * s->inner, first + best * s->inner))
            best = k;
    return (int32_t)best;
}

/* Element `index` of the user's tensor, in its type or as a real value. */
static void put_position(const passage *p, uint8_t *to, size_t index, int32_t position)
{
    const int64_t wide = position;
    const float real = (float)position;
    if (p->form == WEFT_FORM_FLOAT32)
        memcpy(to + index * sizeof real, &real, sizeof real);
    else if (p->port->dtype == WEFT_INT64)
        memcpy(to + index * sizeof wide, &wide, sizeof wide);
    else
        memcpy(to + index * sizeof position, &position, sizeof position);
}

static void put_positions(const passage *p, uint8_t *to)
{
    const weft_host_step *s = weft_program_position(p->port);
    const size_t length = s->axis_length, count = p->count / length;
    const int floats = p->port->step_count > 1 && is_float_after(&s[-1]);
    walk w = walk_begin(p->port);
    for (size_t e = 0; e < count; e++, walk_next(&w)) {
        const size_t first = e / s->inner * s->inner * length + e % s->inner;
        put_position(p, to, w.index, position_of(p, floats, s, first));
    }
}

int weft_io_unpack(const weft_program_port *port, const uint8_t *rows, const weft_output *to)
{
    passage p;
    if (weft_program_is_plain(port)) {
        move_plain(port, (weft_form)to->form, to->data, (uint8_t *)(uintptr_t)rows, 0);
        return WEFT_OK;
    }
    int rc = passage_begin(&p, port, (weft_form)to->form, 0);
    if (rc != WEFT_OK) {
        passage_end(&p);
        return rc;
    }
    for (uint32_t r = 0; r < port->rows; r++)
        memcpy(p.q + (size_t)r * port->row_bytes, rows + (size_t)r * port->pitch_bytes,
               port->row_bytes);
    for (uint32_t i = 0; i < p.step_count; i++)
        apply_step(&p.steps[i], p.x, p.q, p.count);
    if (!weft_program_position(port))
        put_values(&p, to->data);
    else if (p.form == WEFT_FORM_INT8) /* in the order of the device */
        memcpy(to->data, p.q, p.count);
    else
        put_positions(&p, to->data);
    passage_end(&p);
    return WEFT_OK;
}
