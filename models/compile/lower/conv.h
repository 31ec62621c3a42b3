/* Mapping of a convolution, and its weights: conv_map.c, conv_depthwise.c, pairs.c, weights.c. */
#ifndef WEFT_COMPILE_CONV_H
#define WEFT_COMPILE_CONV_H

#include "models/compile/plan/lowering.h"

/* Its outputs are those at y0 + i * dy, x0 + i * dx of the layer. */
typedef struct conv {
    const weft_node *node;
    const char *name;
    uint32_t in_c, group_in, group_out, groups, kh, kw, sh, sw, dh, dw;
    uint32_t in_pixel;     /* bytes from pixel to pixel of the input */
    int in_part, out_part; /* of a shared area */
    uint32_t y0, dy, x0, dx, out_h, out_w;
    int64_t in_row, in_byte; /* of the first tap of the first output */
    uint32_t reps;           /* int8 addends a weight minus its zero point needs */
    int has_operand, one_pixel;
    const int8_t *w;     /* [group_out * groups][kh][kw][group_in] */
    const int32_t *wide; /* [kh][kw] for all channels instead, zero point 0 */
    const int32_t *bias;
    const weft_quant *wq;
    weft_requant requant; /* with wide; else the node's, by channel */
    int32_t zp_in;
} conv;

/* A way to do a convolution: subs * lattices kernels made of the first one, those of a sub on the
 * same weights, and their array cycles; UINT64_MAX if impossible. */
typedef struct mapping {
    uint64_t cycles;
    kernel first;
    uint32_t subs;     /* kernels over output channels within a group */
    uint32_t lattices; /* kernels over dilation phases */
} mapping;

void map_dense(const lowering *low, const conv *c, mapping *best);
void map_depthwise(const lowering *low, const conv *c, mapping *best);

/* Two pixels an issue (pairs.c).  Bytes from pixel to pixel that the one reader of this tensor, a
 * depthwise convolution, needs for it; 0: nobody does. */
uint32_t pairs_spacing(const lowering *low, uint32_t tensor);
/* Can `groups` kernel rows of kw taps at once be computed by pairs of pixels so far apart? */
int pairs_fit(const weft_hw *hw, uint32_t kw, uint32_t stride, uint32_t groups, uint32_t pixel);
/* Rows of a group where the later pixels go, and the issues until the first sum. */
uint32_t pairs_half(uint32_t height);
uint32_t pairs_chain(uint32_t kw);
int conv_stream(lowering *low, const conv *c, kernel *k);
/* Choose a mapping and append its kernels to the layer, with `post` saying kind, zp1 and clamp. */
int conv_append(lowering *low, conv *c, const kernel *post, layer *l);

/* One column of a header: bias 4 rows, multiplier 4, shift 1, half 3; byte 0 the lowest.  `to` is
 * the column's byte in the first row. */
void header_put(uint8_t *to, uint32_t stream_row, uint32_t bias, weft_requant rq);

#endif
