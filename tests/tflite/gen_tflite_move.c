/* Random operators that move data; see gen_tflite_own.h. */
#include <string.h>

#include "gen_tflite_own.h"

static uint32_t ints(gen_state *s, uint32_t count, const int32_t *values)
{
    return gt_ints(s, 1, &count, values);
}

static uint32_t axis_of(gen_state *s, const act *x)
{
    return (uint32_t)gt_pick(s, 0, (int)x->rank - 1);
}

/* As the file may say it: counted from the front or from the end. */
static uint64_t written(gen_state *s, uint32_t axis, uint32_t rank)
{
    return (uint32_t)(gt_one_in(s, 3) ? (int32_t)axis - (int32_t)rank : (int32_t)axis);
}

static int reshape(gen_state *s)
{
    const act x = *gt_any(s, 0);
    const uint32_t all = gt_elements(&x);
    act y = gt_like(&x);
    int32_t sizes[4];
    uint32_t part[3] = { 1, 1, 1 }, rest = all;
    for (int i = 0; i < 3; i++)
        for (uint32_t d = (uint32_t)gt_pick(s, 1, 12); d > 1; d--)
            if (rest % d == 0 && part[i] == 1) {
                part[i] = d;
                rest /= d;
            }
    y.rank = gt_one_in(s, 2) ? 2 : (uint32_t)gt_pick(s, 3, 4);
    if (y.rank == 2 && gt_one_in(s, 2))
        part[0] = 1, rest = all;
    const uint32_t two[] = { part[0], all / part[0] }, three[] = { 1, part[0], all / part[0] },
                   four[] = { 1, part[0], part[1], all / part[0] / part[1] };
    memcpy(y.dims, y.rank == 2 ? two : y.rank == 3 ? three : four, y.rank * sizeof *y.dims);
    for (uint32_t i = 0; i < y.rank; i++)
        sizes[i] = (int32_t)y.dims[i];
    if (gt_one_in(s, 2))
        sizes[y.rank - 1] = -1;
    tflw_op op = gt_op(22, 0, x.tensor);
    gt_input(&op, ints(s, y.rank, sizes));
    gt_output(s, &op, y);
    gt_add(s, &op, "RESHAPE");
    return 1;
}

static int expand(gen_state *s)
{
    const act x = *gt_any(s, 0);
    if (x.rank > 4)
        return 0;
    act y = gt_like(&x);
    const uint32_t axis = (uint32_t)gt_pick(s, 0, (int)x.rank);
    memmove(y.dims + axis + 1, y.dims + axis, (x.rank - axis) * sizeof *y.dims);
    y.dims[axis] = 1;
    y.rank++;
    const int32_t at = (int32_t)axis;
    tflw_op op = gt_op(70, 52, x.tensor);
    gt_input(&op, ints(s, 1, &at));
    gt_output(s, &op, y);
    gt_add(s, &op, "EXPAND_DIMS");
    return 1;
}

static int transpose(gen_state *s)
{
    const act x = *gt_any(s, 0);
    int32_t perm[TFLW_RANK];
    act y = gt_like(&x);
    for (uint32_t i = 0; i < x.rank; i++)
        perm[i] = (int32_t)i;
    for (uint32_t i = x.rank - 1; i > 0; i--) {
        const int k = gt_pick(s, 0, (int)i);
        const int32_t was = perm[i];
        perm[i] = perm[k];
        perm[k] = was;
    }
    for (uint32_t i = 0; i < x.rank; i++)
        y.dims[i] = x.dims[perm[i]];
    tflw_op op = gt_op(39, 26, x.tensor);
    gt_input(&op, ints(s, x.rank, perm));
    gt_output(s, &op, y);
    gt_add(s, &op, "TRANSPOSE");
    return 1;
}

static int pad(gen_state *s)
{
    const act x = *gt_any(s, 0);
    const int with_value = gt_one_in(s, 3);
    int32_t pads[2 * TFLW_RANK];
    act y = gt_like(&x);
    for (uint32_t i = 0; i < x.rank; i++) {
        const int most = i == 0 ? 0 : gt_pick(s, 0, 2);
        pads[2 * i] = gt_pick(s, 0, most);
        pads[2 * i + 1] = gt_pick(s, 0, most);
        y.dims[i] += (uint32_t)(pads[2 * i] + pads[2 * i + 1]);
    }
    if (gt_elements(&y) > GEN_MOST_ELEMENTS)
        return 0;
    tflw_op op = gt_op(with_value ? 60 : 34, with_value ? 43 : 22, x.tensor);
    gt_input(&op, gt_ints(s, 2, (uint32_t[]){ x.rank, 2 }, pads));
    if (with_value) {
        const act one = { .rank = 1, .dims = { 1 } };
        gt_input(&op, gt_constant(s, &one, x.scale, x.zero));
    }
    gt_output(s, &op, y);
    gt_add(s, &op, with_value ? "PADV2" : "PAD");
    return 1;
}

/* Tensors that agree in all other axes, each brought to the first one's scale. */
static int concatenate(gen_state *s)
{
    const act x = *gt_any(s, 0);
    const uint32_t axis = axis_of(s, &x);
    act y = gt_like(&x);
    uint32_t parts[TFLW_ENDS], count = 0;
    parts[count++] = x.tensor;
    for (uint32_t i = s->count; i-- > 0 && count < 6;) {
        const act b = s->acts[i];
        int fits = b.rank == x.rank;
        for (uint32_t d = 0; d < x.rank && fits; d++)
            fits = d == axis || b.dims[d] == x.dims[d];
        if (!fits || gt_elements(&y) + gt_elements(&b) > GEN_MOST_ELEMENTS || gt_one_in(s, 3))
            continue;
        parts[count++] = gt_as(s, &b, &x).tensor;
        y.dims[axis] += b.dims[axis];
    }
    if (gt_one_in(s, 5)) {
        parts[count++] = gt_constant(s, &x, x.scale, x.zero);
        y.dims[axis] += x.dims[axis];
    }
    tflw_op op = gt_op(2, 10, parts[0]);
    for (uint32_t i = 1; i < count; i++)
        gt_input(&op, parts[i]);
    gt_field(&op, 0, 4, written(s, axis, x.rank));
    gt_field(&op, 1, 1, 0);
    gt_output(s, &op, y);
    gt_add(s, &op, "CONCATENATION");
    return 1;
}

static int pack(gen_state *s)
{
    const act x = *gt_any(s, 0);
    const uint32_t axis = (uint32_t)gt_pick(s, 0, (int)x.rank);
    const int count = gt_pick(s, 1, 3);
    act y = gt_like(&x);
    if (x.rank > 3 || gt_elements(&x) * (uint32_t)count > GEN_MOST_ELEMENTS)
        return 0;
    memmove(y.dims + axis + 1, y.dims + axis, (x.rank - axis) * sizeof *y.dims);
    y.dims[axis] = (uint32_t)count;
    y.rank++;
    tflw_op op = gt_op(83, 59, x.tensor);
    for (int i = 1; i < count; i++)
        gt_input(&op, x.tensor);
    gt_field(&op, 0, 4, (uint64_t)count);
    gt_field(&op, 1, 4, axis);
    gt_output(s, &op, y);
    gt_add(s, &op, "PACK");
    return 1;
}

/* SPLIT, SPLIT_V, UNPACK. */
static int split(gen_state *s)
{
    const act x = *gt_any(s, 0);
    const uint32_t axis = axis_of(s, &x), size = x.dims[axis];
    const int kind = gt_pick(s, 0, 2);
    const uint32_t parts = kind == 2 ? size : size % 3 == 0 ? 3 : size % 2 == 0 ? 2 : 1;
    const int32_t at = (int32_t)(uint32_t)written(s, axis, x.rank);
    if (parts > 6 || (kind == 2 && x.rank < 2))
        return 0;
    int32_t sizes[6];
    for (uint32_t i = 0; i < parts; i++)
        sizes[i] = (int32_t)(size / parts);
    if (kind == 1 && parts > 1 && sizes[0] > 1) {
        sizes[0]--;
        sizes[1]++;
    }
    const uint32_t where = kind == 2 ? 0 : gt_ints(s, 0, NULL, &at);
    tflw_op op = gt_op(kind == 0   ? 49
                       : kind == 1 ? 102
                                   : 88,
                       kind == 0   ? 35
                       : kind == 1 ? 79
                                   : 64,
                       kind == 0 ? where : x.tensor);
    if (kind == 0)
        gt_input(&op, x.tensor);
    if (kind == 1) {
        gt_input(&op, ints(s, parts, sizes));
        gt_input(&op, where);
    }
    gt_field(&op, 0, 4, parts);
    if (kind == 2)
        gt_field(&op, 1, 4, axis);
    for (uint32_t i = 0; i < parts; i++) {
        act y = gt_like(&x);
        y.dims[axis] = (uint32_t)sizes[i];
        if (kind == 2) {
            memmove(y.dims + axis, y.dims + axis + 1, (x.rank - axis - 1) * sizeof *y.dims);
            y.rank--;
        }
        gt_output(s, &op, y);
    }
    gt_add(s, &op, kind == 0 ? "SPLIT" : kind == 1 ? "SPLIT_V" : "UNPACK");
    return 1;
}

static int slice(gen_state *s)
{
    const act x = *gt_any(s, 0);
    act y = gt_like(&x);
    int32_t begin[TFLW_RANK], size[TFLW_RANK];
    for (uint32_t i = 0; i < x.rank; i++) {
        begin[i] = gt_one_in(s, 2) ? 0 : gt_pick(s, 0, (int)x.dims[i] - 1);
        const int room = (int)x.dims[i] - begin[i];
        size[i] = gt_one_in(s, 2) ? room : gt_pick(s, 1, room);
        y.dims[i] = (uint32_t)size[i];
        size[i] = size[i] == room && gt_one_in(s, 3) ? -1 : size[i];
    }
    tflw_op op = gt_op(65, 48, x.tensor);
    gt_input(&op, ints(s, x.rank, begin));
    gt_input(&op, ints(s, x.rank, size));
    gt_output(s, &op, y);
    gt_add(s, &op, "SLICE");
    return 1;
}

static int strided_slice(gen_state *s)
{
    const act x = *gt_any(s, 0);
    if (x.rank > 4)
        return 0;
    act y = gt_like(&x);
    int32_t at[3][TFLW_RANK];
    uint32_t masks[2] = { 0, 0 };
    for (uint32_t i = 0; i < x.rank; i++) {
        const int d = (int)x.dims[i], step = gt_one_in(s, 3) ? gt_pick(s, 1, 3) : 1;
        const int back = gt_one_in(s, 6), lo = gt_pick(s, 0, gt_one_in(s, 2) ? d - 1 : 0);
        const int hi = gt_one_in(s, 2) ? d : gt_pick(s, lo + 1, d);
        /* backwards: from hi - 1 down to lo, whose end before 0 only the mask can say */
        at[0][i] = back ? hi - 1 : lo;
        at[1][i] = back ? lo - 1 : gt_one_in(s, 3) && hi < d ? hi - d : hi;
        at[2][i] = back ? -step : step;
        masks[0] |= (uint32_t)(!back && lo == 0 && gt_one_in(s, 2)) << i;
        masks[1] |= (uint32_t)((back && lo == 0) || (!back && hi == d && gt_one_in(s, 2))) << i;
        y.dims[i] = (uint32_t)((hi - lo + step - 1) / step);
    }
    tflw_op op = gt_op(45, 32, x.tensor);
    for (int i = 0; i < 3; i++)
        gt_input(&op, ints(s, x.rank, at[i]));
    gt_field(&op, 0, 4, masks[0]);
    gt_field(&op, 1, 4, masks[1]);
    gt_output(s, &op, y);
    gt_add(s, &op, "STRIDED_SLICE");
    return 1;
}

static int gather(gen_state *s)
{
    const act x = *gt_any(s, 0);
    const uint32_t axis = axis_of(s, &x), count = (uint32_t)gt_pick(s, 1, 6);
    act y = gt_like(&x);
    int32_t at[6];
    y.dims[axis] = count;
    if (gt_elements(&y) > GEN_MOST_ELEMENTS)
        return 0;
    for (uint32_t i = 0; i < count; i++)
        at[i] = gt_pick(s, 0, (int)x.dims[axis] - 1);
    tflw_op op = gt_op(36, 23, x.tensor);
    gt_input(&op, ints(s, count, at));
    gt_field(&op, 0, 4, axis);
    gt_output(s, &op, y);
    gt_add(s, &op, "GATHER");
    return 1;
}

static int resize(gen_state *s)
{
    const act *a = gt_any(s, 4);
    if (!a)
        return 0;
    const act x = *a;
    const int nearest = !gt_one_in(s, 3), rule = gt_pick(s, 0, 2);
    const uint32_t factor = 1u << gt_pick(s, 0, 2);
    const int any = nearest || gt_one_in(s, 3); /* sizes: most are the host's if bilinear */
    act y = gt_like(&x);
    for (int i = 1; i < 3; i++)
        y.dims[i] = any ? (uint32_t)gt_pick(s, 1, 16) : x.dims[i] * factor;
    if (gt_elements(&y) > GEN_MOST_ELEMENTS)
        return 0;
    const int32_t sizes[] = { (int32_t)y.dims[1], (int32_t)y.dims[2] };
    tflw_op op = gt_op(nearest ? 97 : 23, nearest ? 74 : 15, x.tensor);
    gt_input(&op, ints(s, 2, sizes));
    gt_field(&op, nearest ? 0 : 2, 1, rule == 1 && nearest);
    gt_field(&op, nearest ? 1 : 3, 1, rule == 2);
    gt_output(s, &op, y);
    gt_add(s, &op, nearest ? "RESIZE_NEAREST_NEIGHBOR" : "RESIZE_BILINEAR");
    return 1;
}

/* DEPTH_TO_SPACE and SPACE_TO_DEPTH, SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND, in blocks of b. */
static int blocks(gen_state *s)
{
    const act *a = gt_any(s, 4);
    if (!a)
        return 0;
    const act x = *a;
    const uint32_t b = (uint32_t)gt_pick(s, 2, 3), two = 2;
    const int kind = gt_pick(s, 0, 3), apart = kind < 2; /* into blocks, or back */
    const uint32_t inside = kind % 2 ? 0 : 3;            /* the axis that takes the blocks */
    act y = gt_like(&x);
    if (apart ? x.dims[1] % b || x.dims[2] % b : x.dims[inside] % (b * b))
        return 0;
    y.dims[1] = apart ? x.dims[1] / b : x.dims[1] * b;
    y.dims[2] = apart ? x.dims[2] / b : x.dims[2] * b;
    y.dims[inside] = apart ? x.dims[inside] * b * b : x.dims[inside] / (b * b);
    static const int codes[] = { 26, 38, 5, 37 };
    static const unsigned options[] = { 19, 25, 94, 24 };
    static const char *const names[] = { "SPACE_TO_DEPTH", "SPACE_TO_BATCH_ND", "DEPTH_TO_SPACE",
                                         "BATCH_TO_SPACE_ND" };
    tflw_op op = gt_op(codes[kind], options[kind], x.tensor);
    if (inside == 0) {
        const int32_t block[] = { (int32_t)b, (int32_t)b }, none[4] = { 0 };
        gt_input(&op, ints(s, two, block));
        gt_input(&op, gt_ints(s, 2, (uint32_t[]){ 2, 2 }, none));
    } else {
        gt_field(&op, 0, 4, b);
    }
    gt_output(s, &op, y);
    gt_add(s, &op, names[kind]);
    return 1;
}

int gt_move(gen_state *s)
{
    switch (gt_pick(s, 0, 15)) {
    case 0:
    case 1:
    case 2: return reshape(s);
    case 3: return expand(s);
    case 4: return transpose(s);
    case 5:
    case 6: return pad(s);
    case 7:
    case 8: return concatenate(s);
    case 9: return pack(s);
    case 10: return split(s);
    case 11: return slice(s);
    case 12: return strided_slice(s);
    case 13: return gather(s);
    case 14: return resize(s);
    default: return blocks(s);
    }
}
