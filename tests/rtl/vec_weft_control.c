/* Vectors for tb_weft_control: random programs, whole ones and ones with a fault, and how they must
 * end.
 *
 *   vec_weft_control DIR ROWS COLS FB_WORDS ACC_DEPTH MEM_BYTES PROGRAMS SEED
 *
 * Writes DIR/prog.hex (the words of all programs), DIR/table.hex (eight words a program: PROG_ADDR,
 * PROG_COUNT, WIN_BASE, WIN_LIMIT, error, error index, first word in prog.hex, number of words) and
 * DIR/jobs.hex (per command with a weight stream, in order: address, stream rows, W_SYNC). */
#include "models/random/gen_cmds.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct files {
    FILE *prog, *table, *jobs;
    uint32_t words;
} files;

static FILE *create(const char *dir, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return fopen(path, "w");
}

static void put_job(const files *f, const weft_hw *shape, const weft_cmd *c)
{
    const uint32_t op = c->word[0] & 0xff, cp = shape->cols > 16  ? 32
                                                : shape->cols > 8 ? 16
                                                : shape->cols > 4 ? 8
                                                                  : 4;
    if (op == WEFT_CMD_TABLE)
        fprintf(
            f->jobs, "%08x %08x 0\n", (unsigned)weft_TABLE_get_ADDR(c),
            (unsigned)((weft_TABLE_get_BYTES(c) * 256 + weft_TABLE_get_OPERANDS(c) * 2048) / cp));
    if (op != WEFT_CMD_COMPUTE)
        return;
    const int64_t rows = (weft_COMPUTE_get_RAW(c) ? 0 : WEFT_HEADER_ROWS) +
                         (weft_COMPUTE_get_MODE(c) < WEFT_MODE_MAX
                              ? weft_COMPUTE_get_PASSES(c) * (int64_t)shape->rows
                              : 0);
    if (rows)
        fprintf(f->jobs, "%08x %08x %x\n", (unsigned)weft_COMPUTE_get_WEIGHTS(c),
                (unsigned)(rows * weft_COMPUTE_get_BLOCKS(c)),
                (unsigned)weft_COMPUTE_get_W_SYNC(c));
}

static void put_program(files *f, const weft_hw *shape, const gen_program *p, const uint8_t *memory)
{
    fprintf(f->table, "%08x %08x %08x %08x %08x %08x %08x %08x\n", p->prog_addr, p->prog_count,
            p->win_base, p->win_limit, p->error, p->error_index, f->words, p->prog_bytes / 4);
    const uint8_t *at = memory + p->prog_addr;
    for (uint32_t i = 0; i < p->prog_bytes; i += 4, f->words++)
        fprintf(f->prog, "%02x%02x%02x%02x\n", at[i + 3], at[i + 2], at[i + 1], at[i]);
    const uint32_t good = p->error ? p->error_index : p->prog_count;
    for (uint32_t i = 0; i < good; i++)
        put_job(f, shape, &p->cmd[i]);
}

/* Moves the window so that the whole program lies before it or behind it. */
static void move_window(gen_program *p, int before)
{
    if (before)
        p->win_base = p->prog_addr + 2 * WEFT_CMD_UNIT_BYTES;
    else
        p->win_limit = p->prog_addr < WEFT_CMD_UNIT_BYTES ? 0 : p->prog_addr - WEFT_CMD_UNIT_BYTES;
    p->error = WEFT_DEV_WINDOW;
    p->error_index = 0;
}

int main(int argc, char **argv)
{
    if (argc != 9)
        return 2;
    weft_hw shape = weft_hw_default(GEN_MEM_SIZE);
    shape.rows = (uint32_t)atoi(argv[2]);
    shape.cols = shape.lanes = (uint32_t)atoi(argv[3]);
    shape.fb_words = (uint32_t)atoi(argv[4]);
    shape.acc_depth = (uint32_t)atoi(argv[5]);
    shape.mem_bytes = (uint32_t)atoi(argv[6]);
    rng r = rng_make(strtoull(argv[8], NULL, 0));
    files f = { create(argv[1], "prog.hex"), create(argv[1], "table.hex"),
                create(argv[1], "jobs.hex"), 0 };
    uint8_t *memory = malloc(GEN_MEM_SIZE);
    gen_program *p = malloc(sizeof *p);
    if (!f.prog || !f.table || !f.jobs || !memory || !p)
        return 1;
    for (int i = 0, n = atoi(argv[7]); i < n; i++) {
        if (gen_make(&r, &shape, (unsigned)(1 + i % 5), i % 3 != 0, memory, p) != 0)
            continue;
        if (i % 8 == 3 || i % 8 == 7)
            move_window(p, i % 8 == 3);
        put_program(&f, &shape, p, memory);
    }
    free(p);
    free(memory);
    return (fclose(f.prog) | fclose(f.table) | fclose(f.jobs)) != 0;
}
