/* The table of TensorFlow Lite operators: adding one is a row here and a function. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tflite_import.h"

enum { ANY = TFL_MAX_INTS }; /* inputs */

static const struct {
    int code;
    uint32_t inputs_min, inputs_max;
    tfl_handler *handle; /* NULL: on constants only */
} ops[] = {
    { 0, 2, 2, tfl_add },                 /* ADD */
    { 1, 1, 1, tfl_average_pool_2d },     /* AVERAGE_POOL_2D */
    { 2, 1, ANY, tfl_concatenation },     /* CONCATENATION */
    { 3, 2, 3, tfl_conv_2d },             /* CONV_2D */
    { 4, 2, 3, tfl_depthwise_conv_2d },   /* DEPTHWISE_CONV_2D */
    { 5, 1, 1, tfl_depth_to_space },      /* DEPTH_TO_SPACE */
    { 6, 1, 1, tfl_dequantize },          /* DEQUANTIZE */
    { 8, 1, 1, tfl_float_only },          /* FLOOR */
    { 9, 2, 3, tfl_fully_connected },     /* FULLY_CONNECTED */
    { 11, 1, 1, tfl_l2_normalization },   /* L2_NORMALIZATION */
    { 14, 1, 1, tfl_logistic },           /* LOGISTIC */
    { 17, 1, 1, tfl_max_pool_2d },        /* MAX_POOL_2D */
    { 18, 2, 2, tfl_mul },                /* MUL */
    { 19, 1, 1, tfl_relu },               /* RELU */
    { 20, 1, 1, tfl_relu_n1_to_1 },       /* RELU_N1_TO_1 */
    { 21, 1, 1, tfl_relu6 },              /* RELU6 */
    { 22, 1, 2, tfl_reshape_like },       /* RESHAPE */
    { 23, 2, 2, tfl_resize_bilinear },    /* RESIZE_BILINEAR */
    { 25, 1, 1, tfl_softmax },            /* SOFTMAX */
    { 26, 1, 1, tfl_space_to_depth },     /* SPACE_TO_DEPTH */
    { 28, 1, 1, tfl_tanh },               /* TANH */
    { 34, 2, 2, tfl_pad },                /* PAD */
    { 36, 2, 2, tfl_gather },             /* GATHER */
    { 37, 3, 3, tfl_batch_to_space },     /* BATCH_TO_SPACE_ND */
    { 38, 3, 3, tfl_space_to_batch },     /* SPACE_TO_BATCH_ND */
    { 39, 2, 2, tfl_transpose },          /* TRANSPOSE */
    { 40, 2, 2, tfl_mean },               /* MEAN */
    { 41, 2, 2, tfl_sub },                /* SUB */
    { 42, 2, 2, tfl_div },                /* DIV */
    { 43, 1, 1, tfl_reshape_like },       /* SQUEEZE */
    { 45, 4, 4, tfl_strided_slice },      /* STRIDED_SLICE */
    { 47, 1, 1, tfl_exp },                /* EXP */
    { 49, 2, 2, tfl_split },              /* SPLIT */
    { 50, 1, 1, tfl_log_softmax },        /* LOG_SOFTMAX */
    { 53, 1, 1, NULL },                   /* CAST */
    { 54, 2, 2, tfl_prelu },              /* PRELU */
    { 55, 2, 2, tfl_maximum },            /* MAXIMUM */
    { 56, 2, 2, tfl_arg_max },            /* ARG_MAX */
    { 57, 2, 2, tfl_minimum },            /* MINIMUM */
    { 58, 2, 2, tfl_compare },            /* LESS */
    { 59, 1, 1, tfl_float_only },         /* NEG */
    { 60, 3, 3, tfl_pad },                /* PADV2 */
    { 61, 2, 2, tfl_compare },            /* GREATER */
    { 62, 2, 2, tfl_compare },            /* GREATER_EQUAL */
    { 63, 2, 2, tfl_compare },            /* LESS_EQUAL */
    { 64, 3, 3, tfl_select },             /* SELECT */
    { 65, 3, 3, tfl_slice },              /* SLICE */
    { 66, 1, 1, tfl_float_only },         /* SIN */
    { 67, 3, 4, tfl_transpose_conv },     /* TRANSPOSE_CONV */
    { 69, 2, 2, tfl_tile },               /* TILE */
    { 70, 2, 2, tfl_reshape_like },       /* EXPAND_DIMS */
    { 71, 2, 2, tfl_compare },            /* EQUAL */
    { 72, 2, 2, tfl_compare },            /* NOT_EQUAL */
    { 73, 1, 1, tfl_log },                /* LOG */
    { 74, 2, 2, tfl_sum },                /* SUM */
    { 75, 1, 1, tfl_sqrt },               /* SQRT */
    { 76, 1, 1, tfl_rsqrt },              /* RSQRT */
    { 77, 1, 1, tfl_shape },              /* SHAPE */
    { 78, 2, 2, tfl_float_only },         /* POW */
    { 79, 2, 2, tfl_arg_min },            /* ARG_MIN */
    { 81, 2, 2, NULL },                   /* REDUCE_PROD */
    { 82, 2, 2, tfl_reduce_max },         /* REDUCE_MAX */
    { 83, 1, ANY, tfl_pack },             /* PACK */
    { 84, 2, 2, tfl_float_only },         /* LOGICAL_OR */
    { 86, 2, 2, tfl_float_only },         /* LOGICAL_AND */
    { 87, 1, 1, tfl_float_only },         /* LOGICAL_NOT */
    { 88, 1, 1, tfl_unpack },             /* UNPACK */
    { 89, 2, 2, tfl_reduce_min },         /* REDUCE_MIN */
    { 90, 2, 2, NULL },                   /* FLOOR_DIV */
    { 92, 1, 1, tfl_float_only },         /* SQUARE */
    { 94, 2, 2, NULL },                   /* FILL */
    { 95, 2, 2, NULL },                   /* FLOOR_MOD */
    { 96, 3, 3, NULL },                   /* RANGE */
    { 97, 2, 2, tfl_resize_nearest },     /* RESIZE_NEAREST_NEIGHBOR */
    { 98, 1, 1, tfl_leaky_relu },         /* LEAKY_RELU */
    { 99, 2, 2, tfl_squared_difference }, /* SQUARED_DIFFERENCE */
    { 100, 2, 2, tfl_mirror_pad },        /* MIRROR_PAD */
    { 101, 1, 1, tfl_abs },               /* ABS */
    { 102, 3, 3, tfl_split_v },           /* SPLIT_V */
    { 104, 1, 1, tfl_float_only },        /* CEIL */
    { 105, 2, 2, tfl_reverse },           /* REVERSE_V2 */
    { 108, 1, 1, tfl_float_only },        /* COS */
    { 110, 1, 1, NULL },                  /* RANK */
    { 111, 1, 1, tfl_elu },               /* ELU */
    { 114, 1, 1, tfl_quantize },          /* QUANTIZE */
    { 116, 1, 1, tfl_float_only },        /* ROUND */
    { 117, 1, 1, tfl_hard_swish },        /* HARD_SWISH */
    { 123, 3, 3, tfl_select },            /* SELECT_V2 */
    { 126, 2, 2, tfl_batch_matmul },      /* BATCH_MATMUL */
    { 129, 0, 0, tfl_call_once },         /* CALL_ONCE */
    { 130, 2, 2, tfl_broadcast_to },      /* BROADCAST_TO */
    { 142, 0, 0, tfl_var_handle },        /* VAR_HANDLE */
    { 143, 1, 1, tfl_read_variable },     /* READ_VARIABLE */
    { 144, 2, 2, tfl_assign_variable },   /* ASSIGN_VARIABLE */
    { 145, 2, 2, NULL },                  /* BROADCAST_ARGS */
    { 150, 1, 1, tfl_gelu_node },         /* GELU */
    { 152, 1, 1, tfl_relu_0_to_1 },       /* RELU_0_TO_1 */
};

enum { OP_ROWS = sizeof ops / sizeof *ops };

static int find_row(int code)
{
    for (int i = 0; i < OP_ROWS; i++)
        if (ops[i].code == code)
            return i;
    return -1;
}

/* Add an operator without a row to the refusals; custom ones by their own name. */
static int add_unknown(tfl_import *im, const tfl_node *n, size_t table)
{
    enum { CUSTOM = 32 };
    static const char boxes[] = "TFLite_Detection_PostProcess";
    const fb_vector name = fb_list(&im->file, table, 1, 1);
    char op[REFUSALS_OP_BYTES] = "";
    int at = *n->op == '?' ? snprintf(op, sizeof op, "operator %d", n->code)
                           : snprintf(op, sizeof op, "%s", n->op);
    if (n->code == CUSTOM && at > 0 && name.count)
        snprintf(op + at, sizeof op - (size_t)at, " %.*s",
                 (int)(name.count < sizeof op ? name.count : sizeof op),
                 (const char *)im->file.bytes + name.at);
    for (char *c = op; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    if (n->code == CUSTOM && name.count == sizeof boxes - 1 &&
        memcmp(im->file.bytes + name.at, boxes, name.count) == 0) {
        int rc = TFL_REFUSE(WEFT_ERR_UNSUPPORTED,
                            "%s is not supported; cut the network in front of it, what it reads "
                            "are boxes and scores",
                            boxes);
        return refusals_add(im->refused, rc, im->err, op, n->name);
    }
    refusals_add_unknown(im->refused, op, n->name);
    return WEFT_OK;
}

/* --- one operator ------------------------------------------------------------------------- */

/* On constants, or on float32 that bytes decide. */
static int without_a_node(tfl_import *im, const tfl_node *n, int row, int *done)
{
    int rc = tfl_fold(im, n, done);
    if (rc == WEFT_OK && !*done)
        rc = tfl_float(im, n, done);
    if (rc == WEFT_OK && !*done)
        rc = tfl_float_wide(im, n, done);
    if (rc == WEFT_OK && !*done && tfl_is_move(n->code))
        rc = tfl_float_move(im, n, ops[row].handle, done);
    return rc;
}

/* Factors of products as LiteRT computes them, where it judges: what TensorFlow Lite Micro has no kernel for. */
static void choose_judge(tfl_import *im, const tfl_node *n)
{
    const tfl_value *x = tfl_in(im, n, 0), *y = tfl_out(im, n, 0);
    const int is_uint8 = y && y->type == TFL_UINT8 && !(x && x->type == TFL_INT8);
    im->products =
        im->truth == WEFT_TRUTH_LITERT || is_uint8 ? WEFT_REQUANT_TFLITE_F32 : WEFT_REQUANT_TFLITE;
}

static int import_node(tfl_import *im, const tfl_node *n, int row)
{
    if (n->inputs.count < ops[row].inputs_min || n->inputs.count > ops[row].inputs_max)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "has %" PRIu32 " inputs", n->inputs.count);
    int done = 0;
    int rc = without_a_node(im, n, row, &done);
    if (rc != WEFT_OK || done)
        return rc;
    choose_judge(im, n);
    if (!ops[row].handle)
        return TFL_REFUSE(WEFT_ERR_UNSUPPORTED, "is supported for constant shapes only");
    return ops[row].handle(im, n);
}

/* --- going on behind a refusal ------------------------------------------------------------ */

/* An operator of which nothing can be said, because of one before it. */
static int depends_on_refused(tfl_import *im, const tfl_node *n)
{
    for (uint32_t i = 0; i < n->inputs.count; i++)
        if (tfl_in(im, n, i) && tfl_in(im, n, i)->refused)
            return 1;
    for (uint32_t i = 0; i < n->outputs.count; i++)
        if (tfl_out(im, n, i) && tfl_out(im, n, i)->refused)
            return 1;
    return 0;
}

/* What the file declares stands for what the operator would have made, if that is a tensor of
 * bytes: so the operators behind it are judged as well. */
static int put_placeholders(tfl_import *im, const tfl_node *n)
{
    for (uint32_t i = 0; i < n->outputs.count; i++) {
        tfl_value *y = tfl_out(im, n, i);
        weft_tensor_desc d;
        if (!y || y->refused || y->data || y->function || y->wide || y->tensor != WEFT_NONE)
            continue;
        y->refused = (y->type != TFL_INT8 && y->type != TFL_UINT8) || y->quant.count != 1 ||
                     y->elements == 0;
        if (y->refused)
            continue;
        int rc = tfl_desc(im, n, y, &d);
        if (rc == WEFT_OK)
            rc = tfl_add_tensor(im, n, &d, &y->tensor);
        if (rc != WEFT_OK)
            return rc;
    }
    return WEFT_OK;
}

static int makes_nothing(int code)
{
    enum { CALL_ONCE = 129, ASSIGN_VARIABLE = 144 };
    return code == CALL_ONCE || code == ASSIGN_VARIABLE;
}

int tfl_dispatch(tfl_import *im, size_t op)
{
    tfl_node node;
    const tfl_node *n = &node;
    size_t table = 0;
    tfl_read_node(im, op, &node);
    const int row = find_row(node.code);
    const tfl_value *y = tfl_out(im, n, 0);
    node.name = y ? y->name : "";
    im->looked_at += 1 + node.inputs.count + node.outputs.count;
    if (tfl_op_code(im, op, &table) < 0)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "an operator has no code; the file is damaged");
    if (im->file.bad || (row >= 0 && !y && !makes_nothing(node.code)) ||
        im->looked_at > TFL_MOST_LOOKED_AT)
        return TFL_REFUSE(WEFT_ERR_FORMAT, "it is damaged");
    if (row < 0) {
        int rc = add_unknown(im, n, table);
        if (rc != WEFT_OK)
            return rc;
    } else if (!depends_on_refused(im, n)) {
        weft_graph_origin(im->graph, n->op);
        int rc = import_node(im, n, row);
        weft_graph_origin(im->graph, NULL);
        if (rc == WEFT_OK)
            return rc;
        rc = refusals_add(im->refused, rc, im->err, n->op, n->name);
        if (rc != WEFT_OK)
            return rc;
    }
    return put_placeholders(im, n);
}
