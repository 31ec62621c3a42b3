# Operators and commands as plain loops: the definition.

REF_C := \
    models/ref/device/ref_check.c \
    models/ref/device/ref_compute.c \
    models/ref/device/ref_device.c \
    models/ref/device/ref_move.c \
    models/ref/device/ref_post.c \
    models/ref/operators/ref_dynamic.c \
    models/ref/operators/ref_graph.c \
    models/ref/operators/ref_mean.c \
    models/ref/operators/ref_ops.c \
    models/ref/operators/ref_ops_elementwise.c \
    models/ref/operators/ref_ops_host.c \
    models/ref/operators/ref_ops_move.c \
    models/ref/operators/ref_ops_norm.c \
    models/ref/operators/ref_ops_pool.c \
    models/ref/operators/ref_real.c
