# Random command programs.

RANDOM_CMDS_C := \
    models/random/gen_cmds.c \
    models/random/gen_compute.c \
    models/random/gen_fault.c \
    models/random/gen_room.c
