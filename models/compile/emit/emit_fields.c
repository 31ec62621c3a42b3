/* New commands, and writing their fields: every value is checked against its width, so that a shape
 * which the command format cannot hold becomes a sentence and never a wrong program. */
#include "emit.h"

#include <inttypes.h>

typedef struct field_row {
    const char *name;
    uint8_t word, lsb, width;
    char kind;
} field_row;

static const field_row fields[FIELD_COUNT] = {
#define FIELD(op, name, word, lsb, width, kind, doc)                                               \
    [F_##op##_##name] = { #op " " #name, word, lsb, width, (#kind)[0] },
#include "rtl/isa/weft_isa.def"
};

void field_put(schedule *sched, weft_cmd *cmd, field_id id, int64_t value, int *rc)
{
    const field_row *f = &fields[id];
    int fits =
        f->kind == 'S' ? WEFT_FIELD_FITS_S(value, f->width) : WEFT_FIELD_FITS_U(value, f->width);
    if (!fits && *rc == WEFT_OK) {
        uint32_t at = sched->command_count ? sched->commands[sched->command_count - 1].layer : 0;
        *rc = weft_error_set(
            sched->work.err, WEFT_ERR_CAPACITY, "layer \"%.80s\": field %s cannot hold %" PRId64,
            sched->low->layer_count ? sched->low->layers[at].name : "", f->name, value);
        if (sched->low->layer_count)
            work_blame(&sched->work, sched->low->layers[at].node,
                       "the field %s of a command cannot hold %" PRId64, f->name, value);
    }
    weft_field_set(&cmd->word[f->word], f->lsb, f->width, (uint32_t)value);
}

pending *emit_command(schedule *sched, uint32_t layer_index, queue q, uint32_t opcode)
{
    if (sched->command_count >= WEFT_PROG_COUNT_COMMANDS - 1u) {
        weft_error_set(sched->work.err, WEFT_ERR_CAPACITY,
                       "the program would have 2^24 commands or more");
        return NULL;
    }
    pending *grown = work_grow(&sched->work, sched->commands, sched->command_count,
                               &sched->command_room, sizeof *grown);
    if (!grown)
        return NULL;
    sched->commands = grown;
    pending *c = &grown[sched->command_count++];
    *c = (pending){ .queue = q, .layer = layer_index, .run = sched->run };
    c->cmd.word[0] = opcode;
    return c;
}

void emit_access(pending *c, access a)
{
    if (c->access_count < sizeof c->access / sizeof *c->access)
        c->access[c->access_count++] = a;
}
