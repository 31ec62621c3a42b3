/* test_idx DIR: the idx reader of models/lenet5 against good, damaged and hostile files.
 *
 * Writes small files into DIR. Every error code is produced, every cut of a good file is tried,
 * plain and gzip, and every single-bit flip of it: the reader must refuse with a sentence, or
 * return what the flipped file really says. Prints one line, "ok" or the first failure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "models/nets/lenet5/idx.h"

enum { PATH_BYTES = 512, IMAGES = 3, ROWS = 4, COLS = 5, PIXELS = IMAGES * ROWS * COLS };
enum { IMAGE_FILE_BYTES = 16 + PIXELS, LABEL_FILE_BYTES = 8 + IMAGES };

typedef struct paths {
    char images[PATH_BYTES], labels[PATH_BYTES];
} paths;

typedef struct content {
    uint8_t images[IMAGE_FILE_BYTES + 1], labels[LABEL_FILE_BYTES + 1];
} content;

static int checks;

static void check(int holds, const char *what, size_t at)
{
    checks++;
    if (holds)
        return;
    printf("FAIL idx: %s, case %zu\n", what, at);
    exit(1);
}

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static content good_content(void)
{
    content c;
    const uint32_t header[4] = { 0x803, IMAGES, ROWS, COLS };
    memset(&c, 0, sizeof c);
    for (size_t i = 0; i < 4; i++)
        put_u32(c.images + 4 * i, header[i]);
    put_u32(c.labels, 0x801);
    put_u32(c.labels + 4, IMAGES);
    for (size_t i = 0; i < PIXELS; i++)
        c.images[16 + i] = (uint8_t)(i * 37);
    for (size_t i = 0; i < IMAGES; i++)
        c.labels[8 + i] = (uint8_t)(9 - i);
    return c;
}

static void write_plain(const char *path, const void *data, size_t bytes)
{
    FILE *f = fopen(path, "wb");
    check(f && fwrite(data, 1, bytes, f) == bytes && fclose(f) == 0, "cannot write a file", bytes);
}

static size_t write_gzip(const char *path, const void *data, size_t bytes)
{
    gzFile f = gzopen(path, "wb");
    check(f && gzwrite(f, data, (unsigned)bytes) == (int)bytes && gzclose(f) == Z_OK,
          "cannot write a gzip file", bytes);
    FILE *back = fopen(path, "rb");
    check(back && fseek(back, 0, SEEK_END) == 0, "cannot measure a file", bytes);
    long size = ftell(back);
    fclose(back);
    return (size_t)size;
}

static int load(const paths *p, weft_idx *set)
{
    char why[WEFT_IDX_WHY_BYTES];
    int status = weft_idx_load_files(p->images, p->labels, set, why);
    int told = why[0] != '\0' && !strchr(why, '\n');
    check(status == WEFT_IDX_OK ? why[0] == '\0' : told, "sentence and status disagree", 0);
    check(status == WEFT_IDX_OK || (!set->pixels && !set->labels), "a failure left memory", 0);
    return status;
}

static void expect(const paths *p, const content *c, size_t image_bytes, size_t label_bytes,
                   int status, const char *what)
{
    weft_idx set;
    write_plain(p->images, c->images, image_bytes);
    write_plain(p->labels, c->labels, label_bytes);
    check(load(p, &set) == status, what, image_bytes);
    weft_idx_free(&set);
}

static void test_good(const paths *p)
{
    content c = good_content();
    weft_idx set;
    for (size_t gzip = 0; gzip < 2; gzip++) {
        write_plain(p->images, c.images, IMAGE_FILE_BYTES);
        write_plain(p->labels, c.labels, LABEL_FILE_BYTES);
        if (gzip) {
            write_gzip(p->images, c.images, IMAGE_FILE_BYTES);
            write_gzip(p->labels, c.labels, LABEL_FILE_BYTES);
        }
        check(load(p, &set) == WEFT_IDX_OK, "a good pair is refused", gzip);
        check(set.count == IMAGES && set.rows == ROWS && set.cols == COLS, "dimensions", gzip);
        check(!memcmp(set.pixels, c.images + 16, PIXELS), "pixels differ", gzip);
        check(!memcmp(set.labels, c.labels + 8, IMAGES), "labels differ", gzip);
        check(weft_idx_image(&set, 2) == set.pixels + 2 * ROWS * COLS, "third image", gzip);
        check(!weft_idx_image(&set, IMAGES), "an image beyond the last", gzip);
        weft_idx_free(&set);
        weft_idx_free(&set);
    }
    weft_idx_free(NULL);
}

static void test_errors(const paths *p, const char *dir)
{
    weft_idx set;
    content c = good_content();
    expect(p, &c, IMAGE_FILE_BYTES + 1, LABEL_FILE_BYTES, WEFT_IDX_ERR_FORMAT, "a byte too many");
    expect(p, &c, IMAGE_FILE_BYTES, LABEL_FILE_BYTES + 1, WEFT_IDX_ERR_FORMAT, "a label too many");
    put_u32(c.labels + 4, IMAGES - 1);
    expect(p, &c, IMAGE_FILE_BYTES, LABEL_FILE_BYTES, WEFT_IDX_ERR_MISMATCH, "a label missing");
    for (size_t field = 0; field < 4; field++) {
        static const uint32_t BAD[2] = { 0, 0xffffffff };
        for (size_t i = 0; i < 2; i++) {
            c = good_content();
            put_u32(c.images + 4 * field, BAD[i]);
            expect(p, &c, IMAGE_FILE_BYTES, LABEL_FILE_BYTES, WEFT_IDX_ERR_FORMAT, "bad header");
        }
    }
    c = good_content();
    put_u32(c.images + 4, WEFT_IDX_MAX_COUNT);
    put_u32(c.images + 8, WEFT_IDX_MAX_SIDE);
    put_u32(c.images + 12, WEFT_IDX_MAX_SIDE);
    expect(p, &c, IMAGE_FILE_BYTES, LABEL_FILE_BYTES, WEFT_IDX_ERR_FORMAT, "2^40 pixels");
    put_u32(c.images + 4, WEFT_IDX_MAX_BYTES / WEFT_IDX_MAX_SIDE / WEFT_IDX_MAX_SIDE);
    expect(p, &c, IMAGE_FILE_BYTES, LABEL_FILE_BYTES, WEFT_IDX_ERR_FORMAT, "2^28 of 60 pixels");
    remove(p->labels);
    write_plain(p->images, good_content().images, IMAGE_FILE_BYTES);
    check(load(p, &set) == WEFT_IDX_ERR_OPEN, "labels are not there", 0);
    check(weft_idx_load(dir, WEFT_IDX_TEST, &set, NULL) == WEFT_IDX_ERR_OPEN, "no such names", 0);
}

static void test_cuts(const paths *p)
{
    content c = good_content();
    uint8_t zipped[256];
    weft_idx set;
    for (size_t bytes = 0; bytes < IMAGE_FILE_BYTES; bytes++)
        expect(p, &c, bytes, LABEL_FILE_BYTES, WEFT_IDX_ERR_FORMAT, "cut images");
    for (size_t bytes = 0; bytes < LABEL_FILE_BYTES; bytes++)
        expect(p, &c, IMAGE_FILE_BYTES, bytes, WEFT_IDX_ERR_FORMAT, "cut labels");
    size_t size = write_gzip(p->images, c.images, IMAGE_FILE_BYTES);
    FILE *f = fopen(p->images, "rb");
    check(f && size <= sizeof zipped && fread(zipped, 1, size, f) == size, "gzip size", size);
    fclose(f);
    write_plain(p->labels, c.labels, LABEL_FILE_BYTES);
    for (size_t bytes = 0; bytes < size; bytes++) {
        write_plain(p->images, zipped, bytes);
        check(load(p, &set) != WEFT_IDX_OK, "cut gzip accepted", bytes);
    }
    for (size_t bit = 0; bit < size * 8; bit++) { /* header bits without meaning may pass */
        zipped[bit / 8] ^= (uint8_t)(1 << bit % 8);
        write_plain(p->images, zipped, size);
        if (load(p, &set) == WEFT_IDX_OK)
            check(!memcmp(set.pixels, c.images + 16, PIXELS), "damaged gzip gave pixels", bit);
        weft_idx_free(&set);
        zipped[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void test_flips(const paths *p)
{
    content c = good_content();
    weft_idx set;
    write_plain(p->labels, c.labels, LABEL_FILE_BYTES);
    for (size_t bit = 0; bit < IMAGE_FILE_BYTES * 8; bit++) {
        c.images[bit / 8] ^= (uint8_t)(1 << bit % 8);
        write_plain(p->images, c.images, IMAGE_FILE_BYTES);
        int status = load(p, &set);
        check((status == WEFT_IDX_OK) == (bit >= 16 * 8), "a flipped header bit", bit);
        if (status == WEFT_IDX_OK)
            check(!memcmp(set.pixels, c.images + 16, PIXELS), "a flipped pixel bit", bit);
        weft_idx_free(&set);
        c.images[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

int main(int argc, char **argv)
{
    paths p;
    if (argc != 2 || strlen(argv[1]) > PATH_BYTES / 2) {
        fputs("usage: test_idx DIR\n", stderr);
        return 2;
    }
    snprintf(p.images, sizeof p.images, "%s/test_idx.images", argv[1]);
    snprintf(p.labels, sizeof p.labels, "%s/test_idx.labels", argv[1]);
    test_good(&p);
    test_errors(&p, argv[1]);
    test_cuts(&p);
    test_flips(&p);
    remove(p.images);
    remove(p.labels);
    printf("ok idx: good, every error, every cut and every flipped bit, %d checks\n", checks);
    return 0;
}
