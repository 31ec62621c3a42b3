/* Operators of the file as they stand: what they are, and the sentence of one that is refused. */
#include <stdarg.h>

#include "tflite_import.h"

int tfl_refuse(tfl_import *im, const tfl_node *n, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)refusals_vsay(im->refused, im->err, status, n->op, n->name, format, args);
    va_end(args);
    return status;
}

int tfl_op_code(tfl_import *im, size_t op, size_t *table)
{
    const uint32_t index = (uint32_t)fb_i32(&im->file, op, 0, 0);
    if (index >= im->opcodes.count)
        return -1;
    *table = fb_list_table(&im->file, im->opcodes, index);
    const int old = fb_i8(&im->file, *table, 0, 0);
    const int wide = fb_i32(&im->file, *table, 3, 0);
    return wide > old ? wide : old;
}

void tfl_read_node(tfl_import *im, size_t op, tfl_node *n)
{
    size_t table;
    *n = (tfl_node){ .code = tfl_op_code(im, op, &table), .name = "" };
    n->op = tfl_op_name(n->code);
    n->options = fb_table(&im->file, op, 4);
    n->inputs = fb_list(&im->file, op, 1, 4);
    n->outputs = fb_list(&im->file, op, 2, 4);
}
