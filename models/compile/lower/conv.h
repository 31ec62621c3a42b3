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

/* Puts into *best each mapping on the lanes of the array that is cheaper than the one there and
 * that the command format can hold (conv_map.c). */
void map_dense(const lowering *low, const conv *c, mapping *best);

/* The same of mappings with a channel per column, for one input and one output channel a group
 * (conv_depthwise.c). */
void map_depthwise(const lowering *low, const conv *c, mapping *best);

/* Chooses the cheapest mapping and appends its kernels to the layer; `post` says kind, zp1 and
 * clamp.  Returns WEFT_OK, WEFT_ERR_NO_MEMORY, or WEFT_ERR_CAPACITY if no mapping fits the fields
 * of a command or the weights exceed 2 GiB. */
int conv_append(lowering *low, conv *c, const kernel *post, layer *l);

/* Adds the stream of a kernel, its weights and headers, to the image: k->stream.  Returns as
 * conv_append (weights.c). */
int conv_stream(lowering *low, const conv *c, kernel *k);

/* Writes one column of a header: bias 4 rows, multiplier 4, shift 1, half 3, the lowest byte first.
 * `to` is the column's byte in the first row. */
void header_put(uint8_t *to, uint32_t stream_row, uint32_t bias, weft_requant rq);

/* --- two pixels an issue (pairs.c) ----------------------------------------------------- */

/* Returns the bytes from pixel to pixel that the one reader of this tensor, a depthwise
 * convolution, needs to take two at a time; 0 if no reader does. */
uint32_t pairs_spacing(const lowering *low, uint32_t tensor);

/* Can `groups` kernel rows of kw taps at once be computed by pairs of pixels `pixel` bytes apart?
 */
int pairs_fit(const weft_hw *hw, uint32_t kw, uint32_t stride, uint32_t groups, uint32_t pixel);

/* Returns the row of a group of so many rows where the later pixels go. */
uint32_t pairs_half(uint32_t height);

/* Returns the issues until the first sum of kw taps. */
uint32_t pairs_chain(uint32_t kw);

#endif
