# The door of the compiler: what weft_compiler.h declares.

COMPILER_C := \
    models/compiler/compiled.c \
    models/compiler/network.c \
    models/compiler/quantizer.c \
    models/compiler/read.c \
    models/compiler/version.c
