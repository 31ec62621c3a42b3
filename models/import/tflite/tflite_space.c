/* Blocks of pixels to channels or batches and back: RESHAPE, TRANSPOSE, and PAD or SLICE. */
#include <inttypes.h>
#include <string.h>

#include "tflite_import.h"

/* Blocks of b x b pixels to channels or back: [h][b][w][b][c] with the middle axes exchanged. */
static int blocks(tfl_import *im, const tfl_node *n, int to_space)
{
    const int32_t size = fb_i32(&im->file, n->options, 0, 0);
    uint32_t in;
    tfl_result r;
    int rc = tfl_move_start(im, n, 0, &in, &r);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t b = (uint32_t)size, *d = r.dims, rows = d[0] * d[1]; /* of all images */
    if (r.rank != 4 || size < 1 || size > 1024 ||
        (to_space ? d[3] % (b * b) : d[1] % b || d[2] % b))
        return TFL_REFUSE(WEFT_ERR_SHAPE, "blocks of %" PRId32 " do not fit its input", size);
    /* to space: h w b b c -> h b w b c;  to depth: h b w b c -> h w b b c */
    const uint32_t space[5] = { rows, d[2], b, b, d[3] / (b * b) };
    const uint32_t depth[5] = { rows / b, b, d[2] / b, b, d[3] };
    const uint32_t *from = to_space ? space : depth;
    const weft_transpose a = { { 0, 2, 1, 3, 4 } };
    r = (tfl_result){ .rank = 5,
                      .dims = { from[0], from[2], from[1], from[3], from[4] },
                      .quant = &tfl_in(im, n, 0)->quant };
    rc = tfl_reshape(im, n, 5, from, &in);
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_TRANSPOSE, &a, 1, &in, &r) : rc;
}

int tfl_depth_to_space(tfl_import *im, const tfl_node *n)
{
    return blocks(im, n, 1);
}

int tfl_space_to_depth(tfl_import *im, const tfl_node *n)
{
    return blocks(im, n, 0);
}

/* --- batches ------------------------------------------------------------------------------ */

/* What SPACE_TO_BATCH_ND and its inverse say: x as [batch][h][w][rest], blocks, and pads or crops.
 */
typedef struct space {
    uint32_t h, w, rest;
    uint32_t block[2], edge[2][2];
    uint32_t axes; /* of space: 1 or 2 */
} space;

static int read_space(tfl_import *im, const tfl_node *n, const tfl_value *x, space *s)
{
    int64_t block[2], edge[4];
    uint32_t blocks, edges;
    int rc = tfl_ints(im, n, tfl_in(im, n, 1), 2, block, &blocks);
    if (rc == WEFT_OK)
        rc = tfl_ints(im, n, tfl_in(im, n, 2), 4, edge, &edges);
    if (rc != WEFT_OK)
        return rc;
    if (blocks < 1 || edges != 2 * blocks || x->rank < blocks + 2 || x->elements == 0)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "blocks, edges and input do not fit");
    *s = (space){ .h = x->dims[1], .w = 1, .rest = 1, .block = { 1, 1 }, .axes = blocks };
    if (blocks == 2)
        s->w = x->dims[2];
    for (uint32_t i = blocks + 1; i < x->rank; i++)
        s->rest *= x->dims[i];
    for (uint32_t i = 0; i < blocks; i++) {
        const int64_t *e = &edge[2 * i];
        if (block[i] < 1 || block[i] > UINT16_MAX || e[0] < 0 || e[0] > UINT16_MAX || e[1] < 0 ||
            e[1] > UINT16_MAX)
            return TFL_REFUSE(WEFT_ERR_RANGE, "a block or an edge is out of range");
        s->block[i] = (uint32_t)block[i];
        s->edge[i][0] = (uint32_t)e[0];
        s->edge[i][1] = (uint32_t)e[1];
    }
    return WEFT_OK;
}

/* Pads with the zero point, as TensorFlow Lite does; TensorFlow Lite Micro leaves its padding value
 * unset. */
int tfl_space_to_batch(tfl_import *im, const tfl_node *n)
{
    static const weft_transpose batch_first = { { 2, 4, 0, 1, 3, 5 } };
    const tfl_value *x = tfl_in(im, n, 0), *y = tfl_out(im, n, 0);
    uint32_t in;
    tfl_result r;
    space s;
    int rc = tfl_move_start(im, n, 0, &in, &r);
    if (rc == WEFT_OK)
        rc = read_space(im, n, x, &s);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t h = s.edge[0][0] + s.h + s.edge[0][1], w = s.edge[1][0] + s.w + s.edge[1][1];
    const uint32_t flat[4] = { x->dims[0], s.h, s.w, s.rest },
                   wide[4] = { x->dims[0], h, w, s.rest };
    const weft_pad pad = { { 0, s.edge[0][0], s.edge[1][0] },
                           { 0, s.edge[0][1], s.edge[1][1] },
                           y->quant.count ? y->quant.zero_point[0] : 0 };
    if (h % s.block[0] || w % s.block[1])
        return TFL_REFUSE(WEFT_ERR_SHAPE, "its blocks do not divide the padded input");
    const uint32_t cut[6] = { x->dims[0],     h / s.block[0], s.block[0],
                              w / s.block[1], s.block[1],     s.rest };
    rc = tfl_reshape(im, n, 4, flat, &in);
    if (rc == WEFT_OK && (h != s.h || w != s.w))
        rc = tfl_step(im, n, WEFT_OP_PAD, &pad, 4, wide, &in);
    if (rc == WEFT_OK)
        rc = tfl_reshape(im, n, 6, cut, &in);
    r = (tfl_result){ .rank = 6,
                      .dims = { cut[2], cut[4], cut[0], cut[1], cut[3], cut[5] },
                      .quant = &x->quant };
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_TRANSPOSE, &batch_first, 1, &in, &r) : rc;
}

int tfl_batch_to_space(tfl_import *im, const tfl_node *n)
{
    static const weft_transpose space_first = { { 2, 3, 0, 4, 1, 5 } };
    const tfl_value *x = tfl_in(im, n, 0);
    uint32_t in;
    tfl_result r;
    space s;
    int rc = tfl_move_start(im, n, 0, &in, &r);
    if (rc == WEFT_OK)
        rc = read_space(im, n, x, &s);
    if (rc != WEFT_OK)
        return rc;
    const uint32_t blocks = s.block[0] * s.block[1], batch = x->dims[0] / blocks;
    const uint32_t h = s.h * s.block[0], w = s.w * s.block[1];
    if (x->dims[0] % blocks || s.edge[0][0] + s.edge[0][1] >= h || s.edge[1][0] + s.edge[1][1] >= w)
        return TFL_REFUSE(WEFT_ERR_SHAPE, "its blocks or crops do not fit the input");
    const uint32_t apart[6] = { s.block[0], s.block[1], batch, s.h, s.w, s.rest };
    const uint32_t turned[6] = { batch, s.h, s.block[0], s.w, s.block[1], s.rest };
    const uint32_t whole[4] = { batch, h, w, s.rest };
    const weft_slice crop = { { 0, s.edge[0][0], s.edge[1][0] }, { 1, 1, 1, 1, 1, 1 } };
    rc = tfl_reshape(im, n, 6, apart, &in);
    if (rc == WEFT_OK)
        rc = tfl_step(im, n, WEFT_OP_TRANSPOSE, &space_first, 6, turned, &in);
    if (rc == WEFT_OK)
        rc = tfl_reshape(im, n, 4, whole, &in);
    r = (tfl_result){ .rank = 4,
                      .dims = { batch, h - s.edge[0][0] - s.edge[0][1],
                                w - s.edge[1][0] - s.edge[1][1], s.rest },
                      .quant = &x->quant };
    return rc == WEFT_OK ? tfl_emit(im, n, 0, WEFT_OP_SLICE, &crop, 1, &in, &r) : rc;
}
