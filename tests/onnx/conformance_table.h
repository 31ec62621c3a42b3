/* How cases ended, by operator and sentence: what test_conformance -t prints. */
#ifndef WEFT_CONFORMANCE_TABLE_H
#define WEFT_CONFORMANCE_TABLE_H

#include <stddef.h>

enum { CONFORMANCE_ROWS = 1024 };

typedef struct conformance_row {
    char operator[40], sentence[200]; /* without names of values; "" if not refused */
    unsigned passed, refused, wrong;
} conformance_row;

typedef struct conformance_table {
    conformance_row rows[CONFORMANCE_ROWS];
    size_t count;
} conformance_table;

/* Count the case of this model, the operator of which is that of its node, or "several".  table may
 * be NULL; cases beyond CONFORMANCE_ROWS kinds go into the last row. */
void conformance_count(conformance_table *table, const char *model, int wrong, int passed,
                       const char *sentence);

/* Sorted by operator; table may be NULL. */
void conformance_print(conformance_table *table);

#endif
