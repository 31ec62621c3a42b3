/* The compiler's own data: what the stages hand to each other.  Not for other users.
 *
 *     split    what the host runs, between which runs of the device                      split.c
 *     fuse     which operators share a layer                                           fuse.c
 *     views    which tensors lie in parts of one area, so that nothing is copied        views.c
 *     lower    graph -> areas (tensors as bytes) and layers, each with its kernels     lower*.c
 *     choose   the stages below, several times; the fastest plan stays                  choose.c
 *     place    which areas stay in the feature buffer, tile sizes, word addresses      place.c
 *     memory   addresses of the other areas in device memory                           memory.c
 *     emit     layers -> commands with what they read and write                        emit*.c
 *     sync     tokens and WAIT from those accesses                                     sync.c
 *     cycles   prediction                                                             cycles*.c
 *
 * One plan belongs to one weft_compile call; all memory it uses is freed with it. */
#ifndef WEFT_COMPILE_PLAN_H
#define WEFT_COMPILE_PLAN_H

#include "copy.h"
#include "weft_compile.h"

#include "../../rtl/isa/weft_isa.h"

#define NO_AREA   UINT32_MAX
#define MOST_ROWS 32764u /* of a place in the buffer: R_START has 16 bits; whole slots of four */

/* A tensor as bytes: `rows` rows of row_bytes, element e at row e / row_bytes.  An NHWC tensor has
 * a row per image row.  RESHAPE makes two tensors share an area. */
typedef struct area {
    uint32_t rows, row_bytes;
    uint32_t spaced;         /* bytes from pixel to pixel if they do not touch (pairs.c), else 0 */
    uint32_t born, dies;     /* layers: the first and the last that need it */
    int is_input, is_output; /* of the program: own memory that is never reused */
    int is_constant;         /* in the image, at addr */
    int is_stream;           /* weights: only in memory, a stream in each row */
    int host_writes, host_reads; /* by a step between two runs: in memory then */
    int device_reads;            /* a layer of the device does */
    int crosses;                 /* needed before a step and after it: not in the buffer */
    int shared;                  /* several tensors lie in it: views.c */
    uint32_t last_writer;        /* layer */
    int in_memory, resident;
    int ring; /* resident, but only some rows at a time: words are fewer than all */
    uint32_t pitch_bytes, addr;        /* in device memory, addr relative to the activations */
    uint32_t word, words, pitch_words; /* in the buffer, if resident */
    int loaded;                        /* emit: a resident input has been loaded */
} area;

/* Part of an area (or all of it) in the feature buffer: local row r is row row0 + r * row_step of
 * the area, local byte b is its byte byte0 + b.  By pixel (across > 0): local row r is one pixel,
 * number x0 + r % across * x_step of row row0 + r / across * row_step, and b its byte byte0 + b. */
typedef struct place {
    uint32_t area, occupant; /* occupant: another number for every new content of the words */
    uint32_t word, words, pitch;
    uint32_t row0, rows, row_step;
    uint32_t byte0, row_bytes;
    uint32_t across, x0, x_step, pixel; /* pixel: bytes from pixel to pixel of the area */
    uint32_t part_lo, part_hi;          /* bytes of a pixel that are meant; 0, UINT32_MAX: all */
} place;

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

/* HOST: a step between two runs of the device, without commands. */
typedef enum layer_kind { LAYER_WINDOW, LAYER_COPY, LAYER_HOST } layer_kind;

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
    /* tiles, in output pixels, and the words of their slots */
    uint32_t chain; /* layers from here on that take turns: 1 alone, 0 inside of a chain */
    uint32_t tile_h, tile_w, slots;
    uint32_t slot_words[3], slot_word[3][2]; /* inputs 0 and 1, output */
    uint64_t macs, cycles, estimate;         /* estimate: of cycles, while tiles are chosen */
    uint32_t first_command, command_count;
} layer;

/* Bytes from pixel to pixel. */
static inline uint32_t layer_in_pixel(const layer *l)
{
    return l->in_c + l->in_space;
}

static inline uint32_t layer_out_pixel(const layer *l)
{
    return l->out_c + l->out_space;
}

typedef enum queue { QUEUE_LOAD, QUEUE_COMPUTE, QUEUE_STORE, QUEUES } queue;

typedef enum access_kind { ACCESS_READ, ACCESS_WRITE, ACCESS_OPERAND } access_kind;

/* Words of the buffer (or, with in_memory, rows of an area) a command touches. */
typedef struct access {
    access_kind kind;
    int in_memory;
    uint32_t occupant;         /* of the words, or the area in memory */
    uint32_t word, words;      /* buffer only */
    uint32_t row_lo, row_hi;   /* rows of the area, half open */
    uint32_t part_lo, part_hi; /* bytes of its pixels, half open; 0, UINT32_MAX: all */
} access;

typedef struct pending {
    weft_cmd cmd;
    queue queue;
    uint32_t layer, run; /* run: of the device, counted from 0 */
    int is_table, is_fence, wait;
    int in_image, in_activations; /* addr: of a LOAD, of a COMPUTE's weights, against the rule */
    uint64_t addr; /* offset in the activations (LOAD, STORE) or in the image; patched at the end */
    int pop[QUEUES], push[QUEUES]; /* by the other queue */
    int64_t after[QUEUES];         /* the command whose token is popped, if pop */
    unsigned access_count;
    access access[4];
} pending;

/* What a node's layer consists of; by node.  All but root is valid at the root only. */
typedef struct fusion {
    uint32_t root, last; /* nodes: the first, and the one whose output the layer writes */
    uint32_t binary;     /* node of the ALU, or WEFT_NONE */
    uint32_t side;       /* the input of `binary` that the layer computes; the other is operand */
    uint32_t place;      /* position in the graph's order */
    const int8_t *before, *after; /* tables in front of `binary` and at the end, or NULL */
    uint32_t input;               /* the tensor of a layer that is a table alone, else WEFT_NONE */
    uint32_t into; /* of every node: the one whose table contains it, so that nobody needs it; or
                      WEFT_NONE */
} fusion;

/* Where an int8 tensor lies in device memory, and who writes it: a port of the program, the device,
 * a step of the host.  NONE: constants, and what never is there. */
enum { HOME_NONE, HOME_INPUT, HOME_DEVICE, HOME_STEP };

/* A tensor that is a table of another one: fuse_bytes.c. */
typedef struct byte_function {
    uint32_t parent; /* tensor, WEFT_NONE if it is no such */
    const int8_t *entries;
} byte_function;

/* Where in the area of which tensor a tensor lies (views.c): channels from byte `at` on of pixels
 * `pixel` bytes apart; all of it if it is the root itself.  root WEFT_NONE: in an area of its own.
 */
typedef struct view {
    uint32_t root, at, pixel;
} view;

/* How the device makes every byte of a float32 average or interpolation (averages.c,
 * interpolations.c): the integer sum plus `more` times the factor, plus the zero point.  why: it
 * cannot, or NULL. */
typedef struct average_factor {
    weft_requant factor;
    int32_t more, zero_point;
} average_factor;
typedef struct average_plan {
    const char *why;
    average_factor *factors; /* by taps inside; one if the padding counts, or of interpolations */
} average_plan;

typedef struct plan {
    const weft_graph *g;
    weft_hw hw;
    uint8_t *on_host, *home;  /* by node: 1 if the host runs it; by tensor */
    uint32_t *order;          /* the graph's, with the steps of the host between the runs */
    uint32_t run;             /* emit: the run that commands belong to */
    weft_placement *unfit;    /* by node: why the device does not run it; "" if it may */
    weft_placement *culprits; /* likewise: why a stage refuses because of it */
    average_plan *averages;   /* by node */
    fusion *fusions;
    view *views; /* by tensor */
    int apart;   /* no tensor shares an area: what there was to gain would be lost elsewhere */
    byte_function *functions;  /* by tensor */
    uint32_t *readers;         /* by tensor: nodes that read it, less those that need not exist */
    uint32_t base, stream_row; /* stream_row: CP of the contract */
    uint32_t *area_of;         /* by tensor */
    area *areas;
    uint32_t area_count, area_room;
    layer *layers;
    uint32_t layer_count, layer_room;
    uint8_t *image;
    size_t image_bytes, image_room;
    pending *commands;
    uint32_t command_count, command_room;
    uint32_t occupants;
    unsigned policy;           /* place: of POLICY_* */
    int has_operands, has_lut; /* emit: what is in the device's tables */
    uint32_t operands, lut;    /* then: offsets in the image */
    uint64_t activation_bytes;
    uint64_t needed;          /* bytes of device memory, if there are less */
    struct block *blocks;     /* of plan_alloc */
    struct place_memo *memos; /* of place */
    weft_error *err;
} plan;

/* A stage refuses because of this node, for the reason that is said. */
void plan_blame(plan *p, uint32_t node, const char *format, ...) WEFT_PRINTF(3, 4);

/* --- plan.c: memory and errors.  Everything allocated lives until plan_free. --- */

void *plan_alloc(plan *p, size_t bytes);
/* Make room for one more element; returns the array or NULL (error set). */
void *plan_grow(plan *p, void *array, uint32_t count, uint32_t *room, size_t element_bytes);
int plan_new_area(plan *p, uint32_t rows, uint32_t row_bytes, uint32_t *out);
layer *plan_new_layer(plan *p, uint32_t node); /* NULL: no memory */
/* The areas a layer reads. */
uint32_t layer_input_count(const layer *l);
uint32_t layer_input(const layer *l, uint32_t i); /* NO_AREA: a part that is fill only */
void plan_free(plan *p);
int plan_no_memory(plan *p);

/* Room for `bytes` zeroed bytes in the image, 32-byte aligned; NULL: no memory. */
uint8_t *plan_image(plan *p, size_t bytes, uint32_t *offset);

/* The zero of a layer: window 1x1, clamp open; and the reach of a window. */
kernel kernel_default(void);
void layer_set_window(layer *l, const weft_window *w);

static inline uint64_t div_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* --- the stages; each returns WEFT_OK or a status with its sentence in p->err --- */

int plan_split(plan *p);
int plan_fuse(plan *p);
int plan_views(plan *p);
void plan_support(const plan *p, weft_placement *placements); /* by node */
int plan_lower(plan *p);
/* Why the device cannot run an int8 operator, or NULL. */
const char *plan_device_refuses(const plan *p, uint32_t node);
/* The tensor in device memory behind a graph output, through the operators of the host. */
uint32_t plan_output_tensor(const plan *p, uint32_t tensor);
/* The nodes of the step that ends in `node`: needed[node_count]; returns how many. */
uint32_t plan_step_nodes(const plan *p, uint32_t node, uint8_t *needed);
/* The node that says what the step of layer l is about; needed: room for them. */
const weft_node *plan_step_subject(const plan *p, const layer *l, uint8_t *needed);
/* Is the tensor an output of the device? */
int plan_is_output(const plan *p, uint32_t tensor);
int fuse_is_binary(weft_op op);

/* views.c.  Does the tensor lie in part of an area that it does not fill? */
int view_is_part(const plan *p, uint32_t tensor);
/* Does any tensor share an area?  Does this one? */
int view_are_any(const plan *p);
int view_is_shared(const plan *p, uint32_t tensor);
/* Did a CONCAT or SLICE leave nothing to do?  Of a CONCAT: for its input i. */
int view_is_done(const plan *p, const weft_node *n, uint32_t i);
/* The area of a tensor that shares one, made if it is the first there; into p->area_of. */
int view_area(plan *p, uint32_t tensor);
/* Operand 0 or 1 of the layer, or its output (2), is the tensor. */
void view_use(const plan *p, uint32_t tensor, unsigned operand, layer *l);
/* Elements of the area from index to index along each axis of the tensor; and of its first. */
int64_t view_steps(const plan *p, uint32_t tensor, int64_t *step);

/* fuse_bytes.c: tensors that are tables of others. */
int bytes_start(plan *p);
/* `tensor` is the table `entries`, which is copied, of `parent`. */
int bytes_record(plan *p, uint32_t tensor, uint32_t parent, const int8_t *entries);
/* If one byte decides both inputs of the node: the nearest tensor it is of, and the node as its
 * table.  Else WEFT_NONE. */
uint32_t bytes_of_pair(plan *p, const weft_node *n, int8_t *entries, int *rc);
/* The node is a table of the tensor and reads nothing else. */
void bytes_reads_only(plan *p, uint32_t node, uint32_t tensor);

/* lower*.c: kernels of a layer whose areas and geometry are known. */
int lower_conv(plan *p, const weft_node *n, const weft_window *w, layer *l);
int lower_pool(plan *p, const weft_node *n, const weft_window *w, layer *l);
/* Pixels of in_c channels by weights [out_c][in_c]. */
int lower_product(plan *p, const weft_node *n, const int8_t *weights, weft_clamp clamp, layer *l);
int lower_sum(plan *p, const weft_window *w, const kernel *post, weft_requant rq, layer *l);
int lower_transpose_conv(plan *p, const weft_node *n, layer *l);
int lower_bilinear(plan *p, const weft_node *n, layer *l);
int lower_bilinear_fits(const plan *p, const weft_node *n);
int lower_copy_kernel(plan *p, layer *l);
int lower_window(plan *p, const weft_node *n, const fusion *f);
void window_fold_pad(const plan *p, const weft_node *n, uint32_t *tensor, weft_window *w);
int lower_fully_connected(plan *p, const weft_node *n, const fusion *f);
int lower_elementwise(plan *p, const weft_node *n, const fusion *f);
int lower_stages(plan *p, const weft_node *n, const fusion *f);
int lower_mean(plan *p, const weft_node *n, const fusion *f);
int lower_matmul(plan *p, const weft_node *n, const fusion *f);
int lower_dynamic(plan *p, const weft_node *n, const fusion *f);
/* The tables and fields of the post unit; stage 1 is the second layer of a PRELU. */
int lower_post(plan *p, const fusion *f, unsigned stage, layer *l);

/* What one command cannot say about a tensor that repeats to the shape of y: 0.  Otherwise whether
 * it moves with y's rows and pixels in the natural layout; whole: it does not repeat. */
typedef struct operand_steps {
    int simple, whole;
    uint32_t row, pixel;
} operand_steps;

/* lower_fused.c: how the second operand of a layer with output y follows it; a layer from area `in`
 * with the operand and the output of its fusion, output pixels of `pixel` bytes. */
operand_steps fused_operand(const plan *p, const fusion *f, const weft_tensor *y);

/* layout.c: row structures of tensors. */
typedef struct layout {
    uint32_t rows, row_bytes;
} layout;
int fused_layer(plan *p, const fusion *f, uint32_t in, layout as, uint32_t pixel, layer **made);
layout layout_natural(const weft_tensor *t);
layout layout_chosen(const plan *p, uint32_t tensor);
int layout_new_area(plan *p, uint32_t tensor, layout l);
/* The area of a tensor in exactly this layout, copied if it has another. */
int layout_area(plan *p, uint32_t node, uint32_t tensor, layout l, uint32_t *out);
/* *from in `rows` rows of `bytes`, copied if it has others.  Large: more than half of the buffer.
 */
int layout_rows(plan *p, uint32_t node, uint64_t rows, uint64_t bytes, uint32_t *from);
int layout_is_large(const plan *p, uint64_t bytes);
/* A new area that holds a constant tensor; or elements in row-major order. */
int layout_constant(plan *p, uint32_t tensor, layout l, uint32_t *out);
int layout_constant_bytes(plan *p, const int8_t *data, layout l, uint32_t *out);
/* A layer that moves `count` parts, which are copied, into area `out`. */
int layout_copy(plan *p, uint32_t node, const copy_part *parts, uint32_t count, uint32_t out);
int plan_place(plan *p);
int plan_memory(plan *p);
/* The refusal of a program that needs more memory than there is: how much, and for which layers. */
int plan_too_large(plan *p, uint64_t needed);
int plan_emit(plan *p);
int plan_sync(plan *p);
/* Predicts the cycles of every layer; all together. */
uint64_t plan_cycles(plan *p);
/* Ways to place, none of which is always the best. */
enum {
    POLICY_KEEP_CHAINS = 1, /* no chain is given up once there is room for it */
    POLICY_EVEN_TILES = 2,  /* tiles at the edges count like the others */
    POLICIES = 4
};

/* The stages from placement on, with the best of several plans. */
int plan_choose(plan *p);

/* An operator of two inputs in the post unit (binary.c): tables by input, indexed by the byte. */
typedef struct binary_post {
    uint32_t alu, kind;
    weft_requant factor;
    int32_t zp;
    weft_clamp clamp;
    int32_t t[2][256];
} binary_post;
int binary_post_of(plan *p, const weft_node *n, unsigned stage, binary_post *b);
/* The node on two functions of one byte: entries by value + 128. */
int binary_of_tables(plan *p, const weft_node *n, const int8_t *const in[2], int8_t *entries);
/* If the node is a function of one of its inputs: that input, and entries by value + 128.  Else 2.
 */
uint32_t binary_as_table(plan *p, const weft_node *n, int8_t *entries, int *rc);

/* Layers a node of two inputs takes in the post unit, one after the other: PRELU 2, MUL 1 or 3. */
unsigned binary_stages(const plan *p, const weft_node *n);

/* Bits of float32 multipliers, which ascend with them: those that give the device the right bytes,
 * none if least > most.  The multiplier itself where it is possible, else the nearest. */
typedef struct factor_range {
    int64_t least, most;
} factor_range;
typedef struct factor_use {
    int32_t zero_point;
    weft_clamp clamp;
} factor_use;
factor_range factor_around(uint32_t bits);
void factor_narrow(const factor_use *u, int32_t acc, int32_t byte, factor_range *in);
weft_requant factor_nearest(factor_range in, uint32_t bits);

/* How the device makes every byte of an ONNX product (multipliers.c).  WEFT_OK, ERR_RANGE,
 * NO_MEMORY. */
typedef struct mul_params {
    weft_requant scale;
    int32_t zero_point[2], zero_point_out, offset;
    weft_clamp clamp;
} mul_params;
typedef struct mul_plan {
    unsigned factors; /* 1, or 2: two bytes, which differ by one at most, and of which `lean` .. */
    weft_requant factor[2];
    int16_t lean[256]; /* .. takes one: (2 y0 + lean[y0 + 128] + 2 y1 - lean[y1 + 128]) / 4 */
} mul_plan;
int mul_find(const mul_params *m, mul_plan *out);
int32_t mul_joined(const mul_plan *how, int32_t y0, int32_t y1);
int8_t mul_exact(const mul_params *m, int8_t a, int8_t b);

/* By node; NULL: no memory.  And the factor for windows with so many taps inside. */
average_plan *averages_prove(const weft_graph *g);
void averages_free(average_plan *plans, uint32_t count);
const char *interpolation_prove(const weft_graph *g, const weft_node *n, average_plan *to);
average_factor average_of(const plan *p, const weft_node *n, uint32_t taps);

/* Taps inside the image along one axis for output o. */
uint32_t window_taps_inside(uint32_t o, uint32_t in, uint32_t taps, uint32_t stride, uint32_t pad,
                            uint32_t dilation);

/* Integer tables for an ONNX addition (addtable.c). */
int add_tables_onnx(const weft_add_params *params, weft_clamp clamp, int32_t *t1, int32_t *t2,
                    uint32_t *mult_bits);

/* Mapping of a convolution, and its weights (conv_map.c, conv_depthwise.c, weights.c).  Its
 * outputs are those at y0 + i * dy, x0 + i * dx of the layer. */
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

/* A way to do a convolution: `count` kernels (of which only the first `streams` differ in
 * weights) and their array cycles; UINT64_MAX if impossible. */
typedef struct mapping {
    uint64_t cycles;
    kernel first;
    uint32_t subs;     /* kernels over output channels within a group */
    uint32_t lattices; /* kernels over dilation phases */
} mapping;

void map_dense(const plan *p, const conv *c, mapping *best);
void map_depthwise(const plan *p, const conv *c, mapping *best);

/* Two pixels an issue (pairs.c).  Bytes from pixel to pixel that the one reader of this tensor, a
 * depthwise convolution, needs for it; 0: nobody does. */
uint32_t pairs_spacing(const plan *p, uint32_t tensor);
/* Can `groups` kernel rows of kw taps at once be computed by pairs of pixels so far apart? */
int pairs_fit(const weft_hw *hw, uint32_t kw, uint32_t stride, uint32_t groups, uint32_t pixel);
/* Rows of a group where the later pixels go, and the issues until the first sum. */
uint32_t pairs_half(uint32_t height);
uint32_t pairs_chain(uint32_t kw);
int conv_stream(plan *p, const conv *c, kernel *k);
/* Choose a mapping and append its kernels to the layer, with `post` saying kind, zp1 and clamp. */
int conv_append(plan *p, conv *c, const kernel *post, layer *l);

/* One column of a header: bias 4 rows, multiplier 4, shift 1, half 3; byte 0 the lowest.  `to` is
 * the column's byte in the first row. */
void header_put(uint8_t *to, uint32_t stream_row, uint32_t bias, weft_requant rq);

/* lower_move.c: data that only moves; and a tensor repeated to the shape of y. */
int lower_move(plan *p, const weft_node *n);
int lower_step(plan *p, uint32_t node);
int lower_repeat(plan *p, uint32_t node, uint32_t tensor, const weft_tensor *y, layout as,
                 uint32_t *out);
operand_steps lower_operand_steps(const weft_tensor *t, const weft_tensor *y);

/* --- emission --- */

/* Set a field of a COMPUTE, LOAD, STORE or TABLE by name; what does not fit becomes an error. */
typedef enum field_id {
#define FIELD(op, name, word, lsb, width, kind, doc) F_##op##_##name,
#include "../../rtl/isa/weft_isa.def"
    FIELD_COUNT
} field_id;

void field_put(plan *p, weft_cmd *cmd, field_id id, int64_t value, int *rc);

pending *emit_command(plan *p, uint32_t layer_index, queue q, uint32_t opcode);
void emit_access(pending *c, access a);

/* Part of a kernel's lattice: vectors j0.. j0+nj-1 of rows i0..i0+ni-1. */
typedef struct part {
    uint32_t i0, ni, j0, nj;
} part;

int emit_compute(plan *p, uint32_t layer_index, const kernel *k, const part *t, const place *in,
                 const place *out, const place *x);
int emit_fence(plan *p, uint32_t layer_index);
int emit_copy(plan *p, uint32_t layer_index);
int emit_load(plan *p, uint32_t layer_index, const place *to, uint32_t row_lo, uint32_t row_hi);
int emit_store(plan *p, uint32_t layer_index, const place *from);

/* The rows and bytes of the input that output rows [y0, y1) and pixels [x0, x1) need, clipped;
 * byte_lo is a multiple of MEM_BYTES.  Empty: row_lo == row_hi.  row_step: of the rows only one in
 * so many is needed, from the first on; 0 like 1. */
typedef struct extent {
    uint32_t row_lo, row_hi, byte_lo, byte_hi, row_step;
    /* By pixel, if across: so many of a row, one in x_step, from number x0 on; then byte_lo and
     * byte_hi are bytes of a pixel, and byte_lo may be any. */
    uint32_t across, x0, x_step;
} extent;

uint32_t extent_rows(const extent *e);

extent input_extent(const plan *p, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                    uint32_t x1);

/* Inputs begin..end-1 that outputs lo..hi-1 need along an axis of `size`. */
void place_reach(const reach *r, uint32_t lo, uint32_t hi, uint32_t size, int64_t *begin,
                 int64_t *end);

/* What each layer of a chain computes for rows y0..y1-1 of the last: rows begin..end-1; `oldest` is
 * the first row that its reader needs.  done: rows computed so far, by layer; 0 at first. */
enum { MAX_CHAIN = 8 };
typedef struct chain_rows {
    uint32_t begin, end, oldest;
} chain_rows;
void place_chain_rows(const plan *p, uint32_t first, uint32_t last, uint32_t y0, uint32_t y1,
                      uint32_t *done, chain_rows *rows);

/* What an output tile fills. */
extent output_extent(const plan *p, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                     uint32_t x1);

/* Likewise of the second operand; nothing is clipped. */
extent operand_extent(const plan *p, const layer *l, uint32_t y0, uint32_t y1, uint32_t x0,
                      uint32_t x1);

/* Is a chain of so many layers done by halves (emit_chain.c)? */
static inline int place_by_halves(uint32_t length)
{
    return length > 2;
}

/* The input of a chain passes through one slot: the next tile's comes when this one's was read. */
int place_one_input_slot(const layer *head);

/* A resident area, of which a layer means its operand (0, 1, 2: output); or part of an area in slot
 * number % slots of an operand. */
place place_whole(const plan *p, uint32_t k);
place place_operand(const plan *p, const layer *l, unsigned operand);
place place_in_slot(plan *p, const layer *l, unsigned operand, uint32_t number, uint32_t k,
                    extent e);

/* Word of local row r (any integer) of a place; and how far a step of so many rows moves in the
 * ring beyond what the bank carries: the *_DA fields. */
uint32_t place_slot(const place *at, int64_t r);
int64_t place_step(const place *at, uint64_t rows);

#endif
