/* A text in memory; the contract is in text_file.h. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "text_file.h"

#include <stdlib.h>

int text_begin(text_file *f)
{
    *f = (text_file){ 0 };
    f->to = open_memstream(&f->text, &f->bytes);
    return f->to != NULL;
}

char *text_end(text_file *f)
{
    const int bad = ferror(f->to);
    if (fclose(f->to) == 0 && !bad)
        return f->text;
    free(f->text);
    return NULL;
}
