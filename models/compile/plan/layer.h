/* What a network is lowered to: tensors as areas of bytes, operators as layers with kernels. */
#ifndef WEFT_COMPILE_LAYER_H
#define WEFT_COMPILE_LAYER_H

#include "copy.h"
#include "integers.h"

#include "rtl/isa/weft_isa.h"

#define NO_AREA UINT32_MAX

/* A tensor as bytes: `rows` rows of row_bytes, element e at row e / row_bytes.  An NHWC tensor has
 * a row per image row.  RESHAPE makes two tensors share an area. */
typedef struct area {
    uint32_t rows, row_bytes;
    uint32_t spaced;         /* bytes from pixel to pixel if they do not touch (pairs.c), else 0 */
    uint32_t born, dies;     /* layers: the first and the last that need it */
    int is_input, is_output; /* of the program: own memory that is never reused */
    int is_constant;         /* in the image, at image_offset, rows image_pitch bytes apart */
    uint32_t image_offset, image_pitch;
    int is_stream;               /* weights: only in memory, a stream in each row */
    int host_writes, host_reads; /* by a step between two runs: in memory then */
    int device_reads;            /* a layer of the device does */
    int crosses;                 /* needed before a step and after it: not in the buffer */
    int shared;                  /* several tensors lie in it: views.c */
    uint32_t last_writer;        /* layer */
} area;

/* What a COMPUTE does for one lattice of output pixels, whatever tile it works on:
 * y = y0 + i*dy (i < ny), x = x0 + j*dx (j < nx); px neighbouring pixels per vector. */
typedef struct kernel {
    uint32_t mode, span, groups, raw, kind, vertical;
    uint32_t seg, pass_q, pass_r, taps_x, row_dr, passes, krows, blocks;
    int64_t tap_du, blk_u, o_blk_u;
    uint32_t chain, phases, px;
    uint32_t pair; /* depthwise: words from the earlier to the later pixel of a pair, or 0 */
    uint32_t o_bytes, o_last;
    int64_t out_u;               /* bytes added within an output pixel */
    int64_t in_row, in_byte;     /* of the first output: row and byte of its first tap */
    int64_t row_step, byte_step; /* from output to output of the lattice, along y and x */
    int64_t in_du;               /* bytes (or rows, if vertical) from vector to vector */
    int32_t zp, zp1, lo1, hi1;
    uint32_t y0, dy, ny, x0, dx, nx;
    uint32_t stream;      /* weights: offset in the image; rows of it follow from the fields */
    uint32_t weights_row; /* instead, if the layer computes its weights: row of that area */
    /* how the weights are laid out (weights.c) */
    uint32_t lanes, reps, tap_px, merge, sub, depthwise_rows;
} kernel;

typedef enum layer_kind {
    LAYER_WINDOW, /* kernels over one input, perhaps with a second operand */
    LAYER_COPY,   /* parts that move bytes */
    LAYER_HOST    /* a step between two runs of the device, without commands */
} layer_kind;

/* Output o needs inputs floor((o * stride + first) / up) and the extent - 1 after it, at most. */
typedef struct reach {
    uint32_t stride, up, extent;
    int64_t first;
} reach;

typedef struct layer {
    layer_kind kind;
    uint32_t node;
    const char *name;
    uint32_t in_count, in[2], out; /* areas */
    uint32_t weights;              /* area of weights that the network computes, or NO_AREA */
    /* Geometry as a window operator; elementwise layers are 1x1 over "pixels" of COLS bytes. */
    uint32_t in_h, in_w, in_c, out_h, out_w, out_c;
    /* bytes between pixels, of areas that are spaced or shared; of the operands 0, 1 and of the
     * output: the byte of its pixel where a tensor begins */
    uint32_t in_space, out_space, x_space;
    uint32_t at[3];
    reach reach_y, reach_x;
    kernel *kernels;
    uint32_t kernel_count;
    /* second operand, in[1]: rows it moves per output row (0 or 1), bytes per output pixel */
    uint32_t x_row, x_pixel;
    uint32_t alu, kind2, lut;
    uint32_t operand_stream, lut_stream; /* tables: offsets in the image */
    uint32_t mult2;
    int32_t shift2, zp2, lo2, hi2;
    /* COPY: what moves from where; HOST: the areas it reads; in[] is not used then */
    copy_part *parts;
    uint32_t part_count;
    uint64_t macs;
} layer;

/* Return the bytes from pixel to pixel of input 0 and of the output. */
static inline uint32_t layer_in_pixel(const layer *l)
{
    return l->in_c + l->in_space;
}

static inline uint32_t layer_out_pixel(const layer *l)
{
    return l->out_c + l->out_space;
}

/* Returns the kernel that every other is made from: one tap, one block, clamp open, no outputs
 * yet. */
kernel kernel_default(void);

/* Sets the reach of a layer that walks this window over its input. */
void layer_set_window(layer *l, const weft_window *w);

/* Returns how many areas a layer reads. */
uint32_t layer_input_count(const layer *l);

/* Returns area i of them; NO_AREA for a part that is fill only. */
uint32_t layer_input(const layer *l, uint32_t i);

#endif
