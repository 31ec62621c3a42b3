# Arithmetic on numbers only.

ARITH_C := \
    models/arith/fixedpoint.c \
    models/arith/layer_norm.c \
    models/arith/mlas_sum.c \
    models/arith/ort_functions.c \
    models/arith/real_functions.c \
    models/arith/requantize.c \
    models/arith/softmax.c
