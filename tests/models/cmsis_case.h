/* One layer vector of CMSIS-NN as JSON: {"defines": {"CASE_NAME": "text", ..}, "arrays":
 * {"case_name":
 * {"type": .., "values": [..]}, ..}}.  Reads just this form.
 *
 *     cmsis_case c;
 *     if (cmsis_read("conv_2.json", "conv_2", &c)) {
 *         int stride = cmsis_number(&c, "STRIDE_X", 1);
 *         const cmsis_array *w = cmsis_values(&c, "weights");
 *         cmsis_free(&c);
 *     } */
#ifndef WEFT_TESTS_CMSIS_CASE_H
#define WEFT_TESTS_CMSIS_CASE_H

#include <stddef.h>
#include <stdint.h>

enum { CMSIS_MAX_ENTRIES = 64 };

typedef struct cmsis_array {
    char name[96];
    size_t count;
    int32_t *values;
} cmsis_array;

typedef struct cmsis_case {
    const char *name;
    const struct cmsis_door *door; /* where its graphs run besides the reference, or NULL */
    size_t define_count, array_count;
    struct {
        char name[96], text[32];
    } defines[CMSIS_MAX_ENTRIES];
    cmsis_array arrays[CMSIS_MAX_ENTRIES];
} cmsis_case;

/* 1 and a case, or 0 if the file is missing or has another form. */
int cmsis_read(const char *path, const char *name, cmsis_case *c);
void cmsis_free(cmsis_case *c);

/* 1 if there is a define of this name, without the case's prefix. */
int cmsis_defined(const cmsis_case *c, const char *name);
int cmsis_number(const cmsis_case *c, const char *name, int otherwise);

/* The array of this name; NULL if there is none. */
const cmsis_array *cmsis_values(const cmsis_case *c, const char *name);

#endif
