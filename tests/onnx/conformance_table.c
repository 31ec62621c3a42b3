/* Cases by operator and sentence; the contract is in conformance_table.h. */
#include "conformance_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/files.h"
#include "onnx.pb-c.h"

/* The operator of a model of one node. */
static void operator_of(const char *model, char *out, size_t room)
{
    uint8_t *bytes = NULL;
    size_t count = 0;
    snprintf(out, room, "unreadable");
    if (weft_file_read(model, &bytes, &count, NULL) != WEFT_OK)
        return;
    Onnx__ModelProto *m = onnx__model_proto__unpack(NULL, count, bytes);
    const Onnx__GraphProto *g = m ? m->graph : NULL;
    if (g)
        snprintf(out, room, "%s", g->n_node == 1 ? g->node[0]->op_type : "several");
    if (m)
        onnx__model_proto__free_unpacked(m, NULL);
    free(bytes);
}

/* The sentence without what stands in quotes. */
static void without_names(const char *sentence, char *out, size_t room)
{
    size_t at = 0;
    int quoted = 0;
    for (; *sentence && at + 1 < room; sentence++) {
        quoted ^= *sentence == '"';
        if (!quoted || *sentence == '"')
            out[at++] = *sentence;
    }
    out[at] = 0;
}

void conformance_count(conformance_table *table, const char *model, int wrong, int passed,
                       const char *sentence)
{
    conformance_row row = { .passed = passed && !wrong, .wrong = wrong != 0 };
    if (!table)
        return;
    row.refused = !row.passed && !row.wrong;
    operator_of(model, row.operator, sizeof row.operator);
    without_names(sentence, row.sentence, sizeof row.sentence);
    size_t i = 0;
    while (i < table->count && (strcmp(table->rows[i].operator, row.operator) != 0 ||
                                strcmp(table->rows[i].sentence, row.sentence) != 0))
        i++;
    if (i == table->count && table->count < CONFORMANCE_ROWS)
        table->rows[table->count++] = row;
    else {
        conformance_row *to = &table->rows[i < table->count ? i : table->count - 1];
        to->passed += row.passed;
        to->refused += row.refused;
        to->wrong += row.wrong;
    }
}

static int by_operator(const void *a, const void *b)
{
    const conformance_row *x = a, *y = b;
    const int order = strcmp(x->operator, y->operator);
    return order ? order : strcmp(x->sentence, y->sentence);
}

void conformance_print(conformance_table *table)
{
    if (!table)
        return;
    qsort(table->rows, table->count, sizeof *table->rows, by_operator);
    printf("%-28s %6s %7s %5s\n", "operator", "passed", "refused", "wrong");
    for (size_t i = 0; i < table->count; i++) {
        const conformance_row *r = &table->rows[i];
        printf("%-28s %6u %7u %5u  %s\n", r->operator, r->passed, r->refused, r->wrong,
               r->sentence);
    }
}
