# ONNX operators on arrays.

EVAL_C := \
    models/eval/eval.c \
    models/eval/eval_attr.c \
    models/eval/eval_binary.c \
    models/eval/eval_columns.c \
    models/eval/eval_conv.c \
    models/eval/eval_decode.c \
    models/eval/eval_lists.c \
    models/eval/eval_make.c \
    models/eval/eval_matrix.c \
    models/eval/eval_move.c \
    models/eval/eval_nd.c \
    models/eval/eval_norm.c \
    models/eval/eval_pool.c \
    models/eval/eval_quant.c \
    models/eval/eval_reduce.c \
    models/eval/eval_resample.c \
    models/eval/eval_resize.c \
    models/eval/eval_shape.c \
    models/eval/eval_spread.c \
    models/eval/eval_unary.c \
    models/eval/eval_window.c
