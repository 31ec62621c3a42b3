# Arithmetic on numbers only.

ARITH_C := \
    models/arith/fixedpoint.c \
    models/arith/requantize.c
