/* Boards with the simulated chip on a bus without hardware, and a folder for what the command says. */
#ifndef WEFT_TESTS_BOARDS_H
#define WEFT_TESTS_BOARDS_H

#include "chip_model.h"
#include "tests/test.h"

#define BOARDS_SHAPE "4x4"
/* The C model of the same array. */
#define BOARDS_SAME  "ref:shape=" BOARDS_SHAPE ",port=8,fb=1024,acc=64"

enum { BOARDS = 3, BOARDS_PATH_BYTES = 512 };

typedef struct boards {
    test *t;
    const char *weft, *folder; /* the command; where its files may lie */
    usb_bus *bus;
    chip_model *chip[BOARDS];
} boards;

/* A bus with boards of these serial numbers (NULL: none); 1 if they are there. */
int boards_plug_in(boards *b, unsigned count, const char *const *serial);
void boards_plug_out(boards *b);

/* Give the chips back too. */
void boards_free(boards *b);

/* The path of a file in the folder, BOARDS_PATH_BYTES of room. */
void boards_path(const boards *b, const char *name, char *to);

/* The text of such a file, to be freed; empty if there is none. */
uint8_t *boards_read(const boards *b, const char *name);

/* Start the command with these words (the last NULL); what it prints is in the file "said".  For waitpid. */
int boards_start(const boards *b, char *const *words);

#endif
