/* Command lines: options by a table, everything else is an argument.
 *
 *     uint64_t count = 10;
 *     int json = 0;
 *     const option table[] = { { "-n", OPTION_NUMBER, &count, "how many" },
 *                              { "--json", OPTION_FLAG, &json, "print JSON" } };
 *     rc = options_parse(argc, argv, table, 2, &arguments, &err);
 *
 * A value follows as the next word or after '='.  A number may be 0x... and end in K, M or G.  "--" ends the options; --help and -h end the
 * parsing, whatever else there is. */
#ifndef WEFT_TOOL_OPTIONS_H
#define WEFT_TOOL_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <weft/weft_status.h>

typedef enum option_kind {
    OPTION_FLAG,   /* int *: set to 1 */
    OPTION_NUMBER, /* uint64_t * */
    OPTION_REAL,   /* double * */
    OPTION_TEXT,   /* const char ** */
    OPTION_TEXTS /* texts *: every time it is given, one more; the first in place of the default */
} option_kind;

enum { TEXTS_MAX = 16 };

typedef struct texts {
    uint32_t count;              /* 0: not given */
    const char *text[TEXTS_MAX]; /* the first is the default if count is 0 */
} texts;

typedef struct option {
    const char *name;
    option_kind kind;
    void *value; /* unchanged if the option is absent */
    const char *help;
} option;

typedef struct arguments {
    int help; /* --help or -h was there: nothing else is to be looked at */
    int count;
    char **word; /* of the caller's argv, whose front they are moved to */
} arguments;

/* Returns WEFT_OK or WEFT_ERR_ARG with a sentence: unknown option (and which one may be meant), missing
 * or wrong value. */
int options_parse(int argc, char **argv, const option *table, size_t count, arguments *out,
                  weft_error *err);

/* A line for each option: its name, what kind of value it takes, what it is, what it is without. */
void options_print(FILE *to, const option *table, size_t count);

#endif
