/* COMPUTE of the reference device: the loops of the contract, the array, the accumulators.  It can be left after a pass and
 * gone on with later.
 *
 * The loops are written as the contract writes them.  An issue gathers its bytes once into vectors;
 * the multiply-accumulate over them is a plain loop of fixed width that a compiler turns into
 * vector instructions (-O3), those of the machine it runs on (cpu_level.h).  Costs about a byte copy
 * and R * C products an issue. */
#include "models/base/cpu_level.h"
#include "ref_state.h"

#define COMPUTE(name) weft_COMPUTE_get_##name(cmd)

static ref_job job_of(const weft_ref_device *dev, const weft_cmd *cmd)
{
    return (ref_job){
        .dev = dev,
        .ring = { (uint32_t)COMPUTE(PITCH), (uint32_t)COMPUTE(TOP), (uint32_t)COMPUTE(SIZE) },
        .rows = COMPUTE(ROWS),
        .row_bytes = COMPUTE(ROW_BYTES),
        .krows = COMPUTE(KROWS),
        .seg = COMPUTE(SEG),
        .mode = (uint32_t)COMPUTE(MODE),
        .groups = (uint32_t)COMPUTE(GROUPS),
        .chain = (uint32_t)COMPUTE(CHAIN),
        .height = dev->hw.rows / (uint32_t)COMPUTE(GROUPS),
        .later = (uint32_t)COMPUTE(PAIR) * dev->hw.word_bytes,
        .phases = (uint32_t)COMPUTE(PHASES),
        .inner = (uint32_t)COMPUTE(INNER),
        .outer = (uint32_t)COMPUTE(OUTER),
        .in_dr = (uint32_t)COMPUTE(IN_DR),
        .in_da = (uint32_t)COMPUTE(IN_DA),
        .out_dr = (uint32_t)COMPUTE(OUT_DR),
        .out_da = (uint32_t)COMPUTE(OUT_DA),
        .in_du = COMPUTE(IN_DU),
        .out_du = COMPUTE(OUT_DU),
        .span = COMPUTE(SPAN) != 0,
        .zp = (int)COMPUTE(ZP),
    };
}

/* --- what enters --- */

/* Bytes (g, b) .. (g, b + count - 1) of an issue at `at` in kernel row kr; count <= 32. */
static void gather(const ref_job *k, const ref_position *at, int64_t kr, uint32_t g, int64_t b,
                   uint32_t count, int8_t *to)
{
    const int64_t row = at->r + g;
    int64_t from = b < 0 ? -b : 0;
    int64_t end = b + count > k->row_bytes ? k->row_bytes - b : count;
    if (row < 0 || row >= k->rows || kr + g >= k->krows || end <= from)
        from = end = 0;
    if (end - from != count)
        memset(to, k->zp, count);
    if (from < end)
        ref_bank_read(k->dev, row & 3, ref_place(k->dev, ref_slot(at, &k->ring, g), b + from),
                      (uint32_t)(end - from), (uint8_t *)to + from);
}

/* The lanes of a dense issue: lane l is byte (g, u - g*SEG + l), g the segments that end before l.
 */
static void gather_lanes(const ref_job *k, const ref_pass *p, const ref_position *at, int64_t u,
                         int8_t *lane)
{
    const int64_t lanes = k->dev->hw.rows;
    int64_t l = 0;
    for (uint32_t g = 0; l < lanes; g++) {
        int64_t end = k->span && g < 3 ? (g + 1) * k->seg - p->i0 : lanes;
        if (end > lanes)
            end = lanes;
        gather(k, at, p->kr, g, u - g * k->seg + l, (uint32_t)(end - l), lane + l);
        l = end;
    }
}

/* --- what is summed --- */

static inline void multiply(const int8_t *restrict lane, int16_t (*restrict weight)[REF_MAX_CELLS],
                            uint32_t rows, uint32_t cols, int32_t *restrict sum)
{
    for (uint32_t l = 0; l < rows; l++)
        for (uint32_t c = 0; c < cols; c++)
            sum[c] += lane[l] * weight[l][c];
}

static void sum_dense(const ref_job *k, ref_cells *state, const int8_t *lane, int32_t *sum)
{
    const uint32_t rows = k->dev->hw.rows, cols = k->dev->hw.cols;
    if (cols <= 8)
        multiply(lane, state->weight, rows, 8, sum);
    else if (cols <= 16)
        multiply(lane, state->weight, rows, 16, sum);
    else
        multiply(lane, state->weight, rows, 32, sum);
}

/* A chain of `count` cells from row `top` on: the sample of i issues ago is in row top + i. */
static void sum_chain(const ref_cells *state, int8_t (*samples)[REF_MAX_CELLS], uint32_t top,
                      uint32_t count, int32_t *sum)
{
    for (uint32_t i = 0; i < count; i++) {
        const int8_t *sample = samples[(state->newest - i) % REF_MAX_CELLS];
        const int16_t *weight = state->weight[top + i];
        for (uint32_t c = 0; c < REF_MAX_CELLS; c++)
            sum[c] += sample[c] * weight[c];
    }
}

/* Group g has its chain from row T_g on; of pairs first the later words, then the earlier. */
static void sum_chains(const ref_job *k, ref_cells *state, int32_t *sum)
{
    const uint32_t half = (k->height + 1) / 2, rest = k->height - half;
    for (uint32_t g = 0; g < k->groups; g++) {
        sum_chain(state, state->chain[k->later != 0][g], g * k->height, k->chain, sum);
        if (k->later)
            sum_chain(state, state->chain[0][g], g * k->height + half,
                      k->chain < rest ? k->chain : rest, sum);
    }
}

static void sum_words(const ref_job *k, int8_t word[][REF_MAX_CELLS], int32_t *sum)
{
    for (uint32_t c = 0; c < REF_MAX_CELLS; c++)
        sum[c] = word[0][c];
    for (uint32_t g = 1; g < k->groups; g++)
        for (uint32_t c = 0; c < REF_MAX_CELLS; c++)
            sum[c] = k->mode == WEFT_MODE_SUM ? sum[c] + word[g][c]
                     : sum[c] > word[g][c]    ? sum[c]
                                              : word[g][c];
}

/* One issue: gather, and if it emits give the sum of every column. */
static void issue(const ref_job *k, const ref_pass *p, const ref_position *at, int64_t u, int emit,
                  ref_cells *state, int32_t *sum)
{
    const uint32_t cols = k->dev->hw.cols;
    int8_t lane[REF_MAX_CELLS], word[WEFT_MAX_GROUPS][REF_MAX_CELLS] = { { 0 } };
    memset(sum, 0, REF_MAX_CELLS * sizeof *sum);
    switch (k->mode) {
    case WEFT_MODE_DENSE:
        gather_lanes(k, p, at, u, lane);
        sum_dense(k, state, lane, sum);
        break;
    case WEFT_MODE_DEPTHWISE:
        state->newest = (state->newest + 1) % REF_MAX_CELLS;
        for (uint32_t g = 0; g < k->groups; g++)
            gather(k, at, p->kr, g, u, cols, state->chain[0][g][state->newest]);
        for (uint32_t g = 0; k->later && g < k->groups; g++)
            gather(k, at, p->kr, g, u + k->later, cols, state->chain[1][g][state->newest]);
        if (emit)
            sum_chains(k, state, sum);
        break;
    default:
        for (uint32_t g = 0; g < k->groups; g++)
            gather(k, at, p->kr, g, u, cols, word[g]);
        sum_words(k, word, sum);
    }
}

/* --- where it is kept --- */

/* first: the value of the first pass is set to sum + bias; bias may be NULL. */
static void accumulate(uint32_t *acc, const int32_t *sum, int first, int max, const uint32_t *bias)
{
    for (unsigned c = 0; c < REF_MAX_CELLS; c++) {
        const uint32_t value = (uint32_t)sum[c];
        if (first)
            acc[c] = bias ? value + bias[c] : value;
        else if (!max)
            acc[c] += value;
        else if ((value ^ 0x80000000u) > (acc[c] ^ 0x80000000u)) /* as int32 */
            acc[c] = value;
    }
}

static inline void run_pass_body(weft_ref_device *dev, const ref_job *k, const ref_pass *p,
                                 int first, const uint32_t *bias, ref_cells *state)
{
    ref_position outer = p->at;
    int64_t outer_u = p->up;
    uint32_t index = 0;
    for (uint32_t o = 0; o < k->outer; o++) {
        ref_position at = outer;
        int64_t u = outer_u;
        uint32_t fill = k->chain - 1, phase = 0;
        for (uint32_t i = 0; i < k->inner; i++) {
            const int emit = fill == 0 && phase == 0;
            int32_t sum[REF_MAX_CELLS];
            issue(k, p, &at, u + p->i0, emit, state, sum);
            if (emit)
                accumulate(dev->acc[index++], sum, first, k->mode == WEFT_MODE_MAX, bias);
            if (fill)
                fill--;
            else
                phase = phase + 1 == k->phases ? 0 : phase + 1;
            ref_step(&at, &k->ring, k->in_dr, k->in_da);
            u += k->in_du;
        }
        ref_step(&outer, &k->ring, k->out_dr, k->out_da);
        outer_u += k->out_du;
    }
}

WEFT_FORMS(run_pass,
           (weft_ref_device * dev, const ref_job *k, const ref_pass *p, int first,
            const uint32_t *bias, ref_cells *state),
           (dev, k, p, first, bias, state))

static void next_pass(ref_pass *p, const ref_job *k, const weft_cmd *cmd, int64_t block_u)
{
    p->i0 += COMPUTE(PASS_R);
    ref_step(&p->at, &k->ring, (uint32_t)COMPUTE(PASS_Q), 0);
    p->kr += COMPUTE(PASS_Q);
    if (p->i0 < k->seg)
        return;
    p->i0 = k->span ? p->i0 - k->seg : 0;
    if (p->kx + 1 < COMPUTE(TAPS_X)) {
        p->kx++;
        p->up += COMPUTE(TAP_DU);
    } else {
        p->kx = 0;
        p->up = block_u;
        ref_step(&p->at, &k->ring, (uint32_t)COMPUTE(ROW_DR), (uint32_t)COMPUTE(ROW_DA));
        p->kr += COMPUTE(ROW_DR);
    }
}

/* --- the weight stream --- */

/* The little-endian number of column c whose bytes lie in `count` rows from `from` on. */
static uint32_t number_of(const uint8_t *from, uint32_t row_bytes, uint32_t c, unsigned count)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < count; i++)
        v |= (uint32_t)from[i * row_bytes + c] << (8 * i);
    return v;
}

/* Read 12 rows; advances *from. */
static void take_header(const weft_ref_device *dev, const uint8_t **from, ref_header *header)
{
    const uint32_t row = dev->stream_row_bytes;
    const uint8_t *at[4] = { *from, *from + 4 * row, *from + 8 * row, *from + 9 * row };
    for (uint32_t c = 0; c < dev->hw.cols; c++) {
        header->bias[c] = number_of(at[0], row, c, 4);
        header->mult[c] = number_of(at[1], row, c, 4);
        header->shift[c] = (int8_t)at[2][c];
        header->half[c] = number_of(at[3], row, c, 3);
    }
    *from += WEFT_HEADER_ROWS * row;
}

/* Read the weights of a pass, bottom row first; advances *from. */
static void take_weights(const weft_ref_device *dev, const uint8_t **from, ref_cells *state)
{
    for (uint32_t l = dev->hw.rows; l-- > 0; *from += dev->stream_row_bytes)
        for (uint32_t c = 0; c < dev->hw.cols; c++)
            state->weight[l][c] = (int8_t)(*from)[c];
}

void ref_compute_begin(weft_ref_device *dev, const weft_cmd *cmd)
{
    ref_compute_state *c = &dev->compute;
    *c = (ref_compute_state){ .cmd = *cmd,
                              .job = job_of(dev, cmd),
                              .stream = ref_stream_bytes(dev, cmd) ? (size_t)COMPUTE(WEIGHTS) : 0 };
}

static void begin_block(weft_ref_device *dev, ref_compute_state *c)
{
    const weft_cmd *cmd = &c->cmd;
    const uint8_t *from = dev->pages.bytes + c->stream;
    c->block_u = COMPUTE(U_START) + c->block * COMPUTE(BLK_U);
    c->at = (ref_pass){ .at = { COMPUTE(R_START), (uint32_t)COMPUTE(A_START) }, .up = c->block_u };
    if (!COMPUTE(RAW))
        take_header(dev, &from, &c->header);
    c->stream = (size_t)(from - dev->pages.bytes);
}

static void one_pass(weft_ref_device *dev, ref_compute_state *c)
{
    const weft_cmd *cmd = &c->cmd;
    const uint32_t mode = c->job.mode;
    const int has_bias = mode != WEFT_MODE_MAX && !COMPUTE(RAW);
    if (mode == WEFT_MODE_DENSE || mode == WEFT_MODE_DEPTHWISE) {
        const uint8_t *from = dev->pages.bytes + c->stream;
        take_weights(dev, &from, &c->cells);
        c->stream = (size_t)(from - dev->pages.bytes);
    }
    run_pass(dev, &c->job, &c->at, c->pass == 0, has_bias ? c->header.bias : NULL, &c->cells);
    next_pass(&c->at, &c->job, cmd, c->block_u);
}

int ref_compute_continue(weft_ref_device *dev, int64_t *issues)
{
    ref_compute_state *c = &dev->compute;
    const weft_cmd *cmd = &c->cmd;
    while (c->block < COMPUTE(BLOCKS) && *issues > 0) {
        if (c->pass == 0)
            begin_block(dev, c);
        while (c->pass < COMPUTE(PASSES) && *issues > 0) {
            one_pass(dev, c);
            c->pass++;
            *issues -= (int64_t)c->job.inner * c->job.outer;
        }
        if (c->pass < COMPUTE(PASSES))
            break;
        ref_post_block(dev, cmd, &c->header, c->block++);
        c->pass = 0;
    }
    return c->block >= COMPUTE(BLOCKS);
}
