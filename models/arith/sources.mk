# Arithmetic on numbers only.

ARITH_C := \
    models/arith/fixedpoint.c \
    models/arith/layer_norm.c \
    models/arith/requantize.c \
    models/arith/softmax.c
