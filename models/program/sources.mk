# The program file.

PROGRAM_C := \
    models/program/weft_attr.c \
    models/program/weft_bytes.c \
    models/program/weft_commands.c \
    models/program/weft_file.c \
    models/program/weft_file_write.c \
    models/program/weft_program.c \
    models/program/weft_steps.c \
    models/program/weft_steps_write.c
