# What every room may use.

BASE_C := \
    models/base/args.c \
    models/base/cpu_level.c \
    models/base/files.c \
    models/base/growing.c \
    models/base/uri.c \
    models/base/utf8.c \
    models/base/weft_crc32.c \
    models/base/weft_hw.c \
    models/base/weft_status.c
