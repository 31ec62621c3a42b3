# The network in memory.

GRAPH_C := \
    models/graph/graph.c \
    models/graph/graph_arena.c \
    models/graph/graph_attr.c \
    models/graph/graph_check.c \
    models/graph/graph_check_common.c \
    models/graph/graph_check_dynamic.c \
    models/graph/graph_check_elementwise.c \
    models/graph/graph_check_move.c \
    models/graph/graph_check_ops.c \
    models/graph/graph_quant.c \
    models/graph/graph_read.c \
    models/graph/source.c
