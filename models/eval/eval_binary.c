/* Operators on numbers of several arrays that broadcast: arithmetic, comparison, choice. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "eval.h"

#define T(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

/* The shape all of them broadcast to. */
static int common_shape(eval_run *r, const nd *const *in, size_t count, uint32_t *rank,
                        size_t *dims)
{
    *rank = 0;
    for (size_t k = 0; k < count; k++)
        *rank = in[k]->rank > *rank ? in[k]->rank : *rank;
    for (uint32_t i = 0; i < *rank; i++) {
        dims[i] = 1;
        for (size_t k = 0; k < count; k++) {
            const uint32_t missing = *rank - in[k]->rank;
            const size_t d = i < missing ? 1 : in[k]->dims[i - missing];
            if (dims[i] == 1)
                dims[i] = d;
            else if (d != 1 && d != dims[i])
                return eval_refuse(
                    r, WEFT_ERR_SHAPE,
                    "input %zu does not broadcast: %zu against %zu along axis %" PRIu32, k, d,
                    dims[i], i);
        }
    }
    return WEFT_OK;
}

/* Offset of an array's element at an index of the common shape. */
static size_t offset_of(const nd *a, uint32_t rank, const size_t *index)
{
    size_t stride[ND_MAX_RANK], at = 0;
    nd_strides(a, stride);
    for (uint32_t i = 0; i < a->rank; i++)
        at += a->dims[i] == 1 ? 0 : stride[i] * index[i + rank - a->rank];
    return at;
}

/* --- arithmetic of two --- */

typedef enum binary {
    ADD,
    SUB,
    MUL,
    DIV,
    POW,
    SQUARE,
    CUBE,
    MOD,
    FMOD,
    MIN,
    MAX,
    AND,
    OR,
    XOR,
    LEFT,
    RIGHT,
    PRELU
} binary;

static const struct {
    const char *type;
    binary op;
} binaries[] = { { "Add", ADD },  { "Sub", SUB },       { "Mul", MUL },    { "Div", DIV },
                 { "Pow", POW },  { "Mod", MOD },       { "Min", MIN },    { "Max", MAX },
                 { "And", AND },  { "Or", OR },         { "Xor", XOR },    { "Sum", ADD },
                 { "Mean", ADD }, { "BitShift", LEFT }, { "PRelu", PRELU } };

/* With the sign of the divisor. */
static float floored_rest(float a, float b)
{
    const float rest = fmodf(a, b);
    return (rest < 0 && b > 0) || (rest > 0 && b < 0) ? rest + b : rest;
}

static float of_floats(binary op, float a, float b)
{
    switch (op) {
    case ADD: return a + b;
    case SUB: return a - b;
    case MUL: return a * b;
    case DIV: return a / b;
    case POW: return powf(a, b);
    case SQUARE: return a * a;
    case CUBE: return a * a * a;
    case MOD: return floored_rest(a, b);
    case FMOD: return fmodf(a, b);
    case MIN: return isnan(a) || a < b ? a : b;
    case MAX: return isnan(a) || a > b ? a : b;
    case PRELU: return a < 0 ? a * b : a;
    default: return 0;
    }
}

static int64_t whole_power(int64_t a, int64_t b)
{
    uint64_t v = 1, factor = (uint64_t)a;
    if (b < 0)
        return a == 1 ? 1 : 0;
    for (; b; b >>= 1, factor *= factor)
        v *= b & 1 ? factor : 1;
    return (int64_t)v;
}

static int64_t remainder_of(binary op, int64_t a, int64_t b)
{
    if (b == 0 || b == -1)
        return 0;
    const int64_t rest = a % b;
    return op == MOD && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static int64_t of_integers(binary op, int64_t a, int64_t b)
{
    const uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
    switch (op) {
    case ADD: return (int64_t)(ua + ub);
    case SUB: return (int64_t)(ua - ub);
    case MUL: return (int64_t)(ua * ub);
    case DIV: return b == 0 ? 0 : b == -1 ? (int64_t)(0 - ua) : a / b;
    case POW:
    case SQUARE:
    case CUBE: return whole_power(a, b);
    case MOD:
    case FMOD: return remainder_of(op, a, b);
    case MIN: return a < b ? a : b;
    case MAX: return a > b ? a : b;
    case AND: return a & b;
    case OR: return a | b;
    case XOR: return a ^ b;
    case LEFT: return ub < 64 ? (int64_t)(ua << ub) : 0;
    case RIGHT: return ub < 64 ? (int64_t)(ua >> ub) : 0;
    case PRELU: return a < 0 ? (int64_t)(ua * ub) : a;
    }
    return 0;
}

static int find_binary(eval_run *r, binary *op)
{
    for (size_t k = 0; k < sizeof binaries / sizeof *binaries; k++)
        if (!strcmp(binaries[k].type, r->node->op_type)) {
            *op = binaries[k].op;
            if (*op == MOD && onnx_attr_int(r->node, "fmod", 0))
                *op = FMOD;
            if (*op == LEFT && onnx_attr_is(r->node, "direction", "RIGHT", ""))
                *op = RIGHT;
            return WEFT_OK;
        }
    return eval_refuse(r, WEFT_ERR_UNSUPPORTED, "this operator is not supported");
}

/* What ONNX Runtime makes of Pow by one number, the rest being libm's powf (or pow, if that number
 * is an integer): some results are rounded another way. */
static binary power_by(const nd *b)
{
    const float y = b->count == 1 ? nd_float(b, 0) : 0.0f;
    return y == 2.0f ? SQUARE : y == 3.0f ? CUBE : POW;
}

/* a may be float and b an integer for Pow only, which follows the type of a. */
static int two(eval_run *r, binary op, const nd *a, const nd *b, nd *out)
{
    const nd *const both[2] = { a, b };
    size_t dims[ND_MAX_RANK], index[ND_MAX_RANK] = { 0 }, at = 0;
    uint32_t rank;
    if (op != POW && a->type != b->type)
        return eval_refuse(r, WEFT_ERR_SHAPE, "its inputs have different types");
    if (a->f && op >= AND && op != PRELU)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs integers");
    int rc = common_shape(r, both, 2, &rank, dims);
    if (rc == WEFT_OK)
        rc = nd_new(r, a->type, rank, dims, out);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    if (op == POW && a->f)
        op = power_by(b);
    do {
        const size_t x = offset_of(a, rank, index), y = offset_of(b, rank, index);
        if (op == POW && a->f && b->i)
            out->f[at++] = (float)pow((double)a->f[x], (double)b->i[y]);
        else if (a->f)
            out->f[at++] = of_floats(op, a->f[x], nd_float(b, y));
        else if (b->f)
            out->i[at++] = nd_wrap(a->type, nd_whole(pow((double)a->i[x], (double)b->f[y])));
        else
            out->i[at++] = nd_wrap(a->type, of_integers(op, a->i[x], b->i[y]));
    } while (nd_next(rank, dims, index));
    return WEFT_OK;
}

int eval_binary(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    binary op;
    nd b = *in[1];
    const int64_t axis = onnx_attr_int(r->node, "axis", -1); /* of in[0], before opset 7 */
    for (; axis >= 0 && b.rank + (uint64_t)axis < in[0]->rank; b.rank++)
        b.dims[b.rank] = 1;
    int rc = find_binary(r, &op);
    return rc == WEFT_OK ? two(r, op, in[0], &b, out) : rc;
}

/* Sum, Mean, Min, Max of any number. */
int eval_variadic(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    binary op;
    nd sum = { 0 };
    int rc = find_binary(r, &op);
    if (rc == WEFT_OK)
        rc = nd_copy(r, in[0], &sum);
    for (size_t k = 1; k < count && rc == WEFT_OK; k++) {
        nd next = { 0 };
        rc = two(r, op, &sum, in[k], &next);
        nd_free(&sum);
        sum = next;
    }
    const int mean = !strcmp(r->node->op_type, "Mean");
    for (size_t i = 0; rc == WEFT_OK && mean && i < sum.count && sum.f; i++)
        sum.f[i] /= (float)count;
    if (rc == WEFT_OK)
        *out = sum;
    else
        nd_free(&sum);
    return rc;
}

/* The slope follows the input's shape from the last axis, as every other operand; before opset 7 a
 * list is one number for each channel. */
int eval_prelu(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    nd slope = *in[1];
    const nd *const both[2] = { in[0], &slope };
    if (r->opset < 7 && slope.rank == 1 && slope.count > 1)
        for (; slope.rank + 1 < in[0]->rank; slope.rank++)
            slope.dims[slope.rank] = 1;
    return eval_binary(r, both, count, out);
}

/* --- comparison and choice --- */

static int64_t compare(const char *type, double a, double b)
{
    if (!strcmp(type, "Equal"))
        return a == b;
    if (!strcmp(type, "Greater"))
        return a > b;
    if (!strcmp(type, "GreaterOrEqual"))
        return a >= b;
    return !strcmp(type, "Less") ? a < b : a <= b;
}

int eval_compare(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    (void)count;
    size_t dims[ND_MAX_RANK], index[ND_MAX_RANK] = { 0 }, at = 0;
    uint32_t rank;
    if (in[0]->type != in[1]->type)
        return eval_refuse(r, WEFT_ERR_SHAPE, "its inputs have different types");
    int rc = common_shape(r, in, 2, &rank, dims);
    if (rc == WEFT_OK)
        rc = nd_new(r, T(BOOL), rank, dims, out);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    do {
        const size_t x = offset_of(in[0], rank, index), y = offset_of(in[1], rank, index);
        if (in[0]->f)
            out->i[at++] = compare(r->node->op_type, (double)in[0]->f[x], (double)in[1]->f[y]);
        else /* the sign of the difference, which a double could round away */
            out->i[at++] = compare(r->node->op_type,
                                   in[0]->i[x] < in[1]->i[y]   ? -1.0
                                   : in[0]->i[x] > in[1]->i[y] ? 1.0
                                                               : 0.0,
                                   0.0);
    } while (nd_next(rank, dims, index));
    return WEFT_OK;
}

int eval_where(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    size_t dims[ND_MAX_RANK], index[ND_MAX_RANK] = { 0 }, at = 0;
    uint32_t rank;
    if (in[1]->type != in[2]->type || !in[0]->i)
        return eval_refuse(r, WEFT_ERR_SHAPE, "needs a bool and two inputs of one type");
    int rc = common_shape(r, in, count, &rank, dims);
    if (rc == WEFT_OK)
        rc = nd_new(r, in[1]->type, rank, dims, out);
    if (rc != WEFT_OK || out->count == 0)
        return rc;
    do {
        const nd *from = in[in[0]->i[offset_of(in[0], rank, index)] ? 1 : 2];
        const size_t x = offset_of(from, rank, index);
        if (out->f)
            out->f[at++] = from->f[x];
        else
            out->i[at++] = from->i[x];
    } while (nd_next(rank, dims, index));
    return WEFT_OK;
}

/* Limits from inputs 1 and 2 or, before opset 11, from attributes. */
int eval_clip(eval_run *r, const nd *const *in, size_t count, nd *out)
{
    const nd *lo = count > 1 ? in[1] : NULL, *hi = count > 2 ? in[2] : NULL;
    if ((lo && (lo->count != 1 || lo->type != in[0]->type)) ||
        (hi && (hi->count != 1 || hi->type != in[0]->type)))
        return eval_refuse(r, WEFT_ERR_SHAPE, "its limits must be one number of the input's type");
    int rc = nd_copy(r, in[0], out);
    if (rc != WEFT_OK)
        return rc;
    const float flo = lo && lo->f ? lo->f[0] : onnx_attr_float(r->node, "min", -INFINITY);
    const float fhi = hi && hi->f ? hi->f[0] : onnx_attr_float(r->node, "max", INFINITY);
    for (size_t i = 0; i < out->count; i++) {
        if (out->f) {
            const float v = out->f[i] < flo ? flo : out->f[i];
            out->f[i] = v > fhi ? fhi : v;
        } else {
            const int64_t v = lo && out->i[i] < lo->i[0] ? lo->i[0] : out->i[i];
            out->i[i] = hi && v > hi->i[0] ? hi->i[0] : v;
        }
    }
    return WEFT_OK;
}
