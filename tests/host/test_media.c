/* Pictures, sounds and arrays from files: what was written is read back; cut at every length and changed at every byte a file is
 * refused or read, and nothing else; a picture of another size. */
#include <stdlib.h>
#include <string.h>

#include "host/tool/media/media.h"
#include "tests/rng.h"
#include "tests/test.h"

#ifdef WEFT_HAS_PNG
#include <png.h>
#endif
#ifdef WEFT_HAS_JPEG
#include <stdio.h>

#include <jpeglib.h>
#endif

enum { W = 13, H = 9, ROOM = 1 << 16 };

typedef struct file {
    const char *name;
    uint8_t bytes[ROOM];
    size_t count;
} file;

static void put(file *f, const void *bytes, size_t count)
{
    memcpy(f->bytes + f->count, bytes, count);
    f->count += count;
}

static void put_number(file *f, uint32_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        f->bytes[f->count++] = (uint8_t)(v >> 8 * i);
}

/* A smooth picture, so that JPEG changes it little. */
static unsigned pixel(unsigned y, unsigned x, unsigned c)
{
    return 20 + 9 * y + 7 * x + 15 * c;
}

/* --- what is written ------------------------------------------------------------------------ */

static file make_ppm(void)
{
    file f = { .name = "ppm" };
    put(&f, "P6 # a comment\n13 9\n255\n", 24);
    for (unsigned i = 0; i < W * H * 3; i++)
        f.bytes[f.count++] = (uint8_t)pixel(i / 3 / W, i / 3 % W, i % 3);
    return f;
}

static file make_bmp(void)
{
    file f = { .name = "bmp" };
    put(&f, "BM", 2);
    put_number(&f, 54 + 40 * H, 4);
    put_number(&f, 0, 4);
    put_number(&f, 54, 4);
    put_number(&f, 40, 4);
    put_number(&f, W, 4);
    put_number(&f, H, 4);
    put_number(&f, 1, 2);
    put_number(&f, 24, 2);
    for (unsigned i = 0; i < 6; i++)
        put_number(&f, 0, 4);
    for (unsigned y = H; y-- > 0;
         put_number(&f, 0, 1)) /* from below; rows of 39 bytes are filled up to 40 */
        for (unsigned x = 0; x < W; x++)
            for (unsigned c = 3; c-- > 0;)
                put_number(&f, pixel(y, x, c), 1);
    return f;
}

static file make_npy(void)
{
    file f = { .name = "npy" };
    static const char header[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (9, 13, 3), }";
    put(&f, "\x93NUMPY\1\0", 8);
    put_number(&f, sizeof header, 2);
    put(&f, header, sizeof header - 1);
    put(&f, "\n", 1);
    for (unsigned i = 0; i < W * H * 3; i++)
        f.bytes[f.count++] = (uint8_t)pixel(i / 3 / W, i / 3 % W, i % 3);
    return f;
}

/* Stored, which needs no CRC to be read. */
static file make_npz(void)
{
    const file in = make_npy();
    file f = { .name = "npz" };
    put(&f, "PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0", 18);
    put_number(&f, (uint32_t)in.count, 4);
    put_number(&f, (uint32_t)in.count, 4);
    put_number(&f, 5, 4);
    put(&f, "x.npy", 5);
    put(&f, in.bytes, in.count);
    const uint32_t directory = (uint32_t)f.count;
    put(&f, "PK\1\2\24\0\24\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    put_number(&f, (uint32_t)in.count, 4);
    put_number(&f, (uint32_t)in.count, 4);
    put_number(&f, 5, 4);
    for (unsigned i = 0; i < 7; i++)
        put_number(&f, 0, 2);
    put(&f, "x.npy", 5);
    const uint32_t size = (uint32_t)f.count - directory;
    put(&f, "PK\5\6\0\0\0\0\1\0\1\0", 12);
    put_number(&f, size, 4);
    put_number(&f, directory, 4);
    put_number(&f, 0, 2);
    return f;
}

static file make_wav(void)
{
    file f = { .name = "wav" };
    put(&f, "RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0\2\0", 24);
    put_number(&f, 16000, 4);
    put_number(&f, 64000, 4);
    put_number(&f, 4, 2);
    put_number(&f, 16, 2);
    put(&f, "data", 4);
    put_number(&f, 4 * 100, 4);
    for (unsigned i = 0; i < 100; i++) {
        put_number(&f, 100 * i, 2);
        put_number(&f, (uint32_t)(-50 * (int)i), 2);
    }
    return f;
}

#ifdef WEFT_HAS_PNG
static file make_png(void)
{
    const file ppm = make_ppm();
    file f = { .name = "png" };
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = W, .height = H, .format = PNG_FORMAT_RGB
    };
    png_alloc_size_t bytes = sizeof f.bytes;
    if (png_image_write_to_memory(&image, f.bytes, &bytes, 0, ppm.bytes + 24, 0, NULL))
        f.count = bytes;
    return f;
}
#endif

#ifdef WEFT_HAS_JPEG
static file make_jpeg(void)
{
    file ppm = make_ppm(), f = { .name = "jpeg" };
    struct jpeg_compress_struct j = { 0 };
    struct jpeg_error_mgr errors;
    unsigned char *out = NULL;
    unsigned long bytes = 0;
    j.err = jpeg_std_error(&errors);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &out, &bytes);
    j.image_width = W;
    j.image_height = H;
    j.input_components = 3;
    j.in_color_space = JCS_RGB;
    jpeg_set_defaults(&j);
    jpeg_set_quality(&j, 100, TRUE);
    j.comp_info[0].h_samp_factor = j.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&j, TRUE);
    for (unsigned y = 0; y < H; y++) {
        JSAMPROW row = ppm.bytes + 24 + (size_t)y * W * 3;
        jpeg_write_scanlines(&j, &row, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    put(&f, out, bytes);
    free(out);
    return f;
}
#endif

/* --- what is read --------------------------------------------------------------------------- */

/* From memory of its own, so that a tool for memory sees the first byte beyond. */
static int read_cut(const file *f, size_t count, media *out, weft_error *err)
{
    uint8_t *own = malloc(count + 1);
    if (!own)
        exit(1);
    memcpy(own, f->bytes, count);
    const int rc = media_read(f->name, own, count, "x", out, err);
    free(own);
    return rc;
}

static void check_file(test *t, file f, int lossy)
{
    media m;
    weft_error err = { 0 };
    CHECK(t, read_cut(&f, f.count, &m, &err) == WEFT_OK, "%s: %s", f.name, err.text);
    CHECK(t, m.rank == 3 && m.dims[0] == H && m.dims[1] == W && m.dims[2] == 3, "%s: its size",
          f.name);
    for (unsigned i = 0; i < W * H * 3 && m.data; i++) {
        const int far = m.data[i] - (int)pixel(i / 3 / W, i / 3 % W, i % 3);
        CHECK(t, abs(far) <= lossy, "%s: byte %u is %u", f.name, i, m.data[i]);
    }
    media_free(&m);
}

/* Nothing but an end of the process could go wrong, and a success without a sentence of its size. */
static void check_damage(test *t, file f)
{
    media m;
    rng r = rng_make(t->seed);
    for (size_t n = 0; n < f.count; n++) {
        weft_error err = { 0 };
        const int rc = read_cut(&f, n, &m, &err);
        CHECK(t, rc == WEFT_OK ? m.data && m.elements : err.text[0] && !m.memory, "%s cut to %zu",
              f.name, n);
        CHECK(t, rc != WEFT_OK || n > f.count / 2, "%s cut to %zu of %zu is taken", f.name, n,
              f.count);
        media_free(&m);
    }
    for (size_t i = 0; i < 2 * f.count; i++) {
        weft_error err = { 0 };
        const size_t at = i % f.count;
        const uint8_t was = f.bytes[at];
        f.bytes[at] = i < f.count ? (uint8_t)~was : (uint8_t)rng_u32(&r);
        const int rc = read_cut(&f, f.count, &m, &err);
        CHECK(t, rc == WEFT_OK ? m.data != NULL : err.text[0] && !m.memory, "%s changed at %zu",
              f.name, at);
        media_free(&m);
        f.bytes[at] = was;
    }
}

static void check_sound(test *t)
{
    const file f = make_wav();
    media m;
    weft_error err = { 0 };
    CHECK(t, read_cut(&f, f.count, &m, &err) == WEFT_OK, "wav: %s", err.text);
    CHECK(t, m.kind == MEDIA_SOUND && m.elements == 100 && m.rate_hz == 16000, "wav: %u",
          (unsigned)m.elements);
    for (unsigned i = 0; i < 100 && m.data; i++) {
        const double far = media_number(&m, i) - 25.0 * i / 32768;
        CHECK(t, far < 1e-6 && far > -1e-6, "sample %u is %g", i, media_number(&m, i));
    }
    media_free(&m);
}

/* Half as large: of a ramp the middle of each pair; stretched: one axis alone; cut: the middle of the longer one. */
static void check_resize(test *t)
{
    media from, to;
    weft_error err = { 0 };
    CHECK(t, media_new_picture("ramp", 8, 16, 1, &from, &err) == WEFT_OK, "%s", err.text);
    for (unsigned i = 0; i < 128 && from.memory; i++)
        ((uint8_t *)from.memory)[i] = (uint8_t)(10 * (i % 16));
    CHECK(t, media_resize(&from, 4, 8, 0, &to, &err) == WEFT_OK, "%s", err.text);
    for (unsigned i = 1; i < 7 && to.data; i++)
        CHECK(t, to.data[8 + i] == 20 * i + 5, "column %u is %u", i, to.data[8 + i]);
    media_free(&to);
    CHECK(t, media_resize(&from, 8, 8, 8, &to, &err) == WEFT_OK, "%s", err.text);
    for (unsigned i = 0; i < 8 && to.data; i++)
        CHECK(t, to.data[i] == 10 * (i + 4), "column %u of the middle is %u", i, to.data[i]);
    media_free(&to);
    media_free(&from);
}

int main(int argc, char **argv)
{
    test t = test_begin("media", argc, argv, 1, 1);
    const file of[] = { make_ppm(), make_bmp(), make_npy(), make_npz() };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        check_file(&t, of[i], 0);
        check_damage(&t, of[i]);
    }
    check_damage(&t, make_wav());
    check_sound(&t);
    check_resize(&t);
#ifdef WEFT_HAS_PNG
    check_file(&t, make_png(), 0);
    check_damage(&t, make_png());
#endif
#ifdef WEFT_HAS_JPEG
    check_file(&t, make_jpeg(), 3);
    check_damage(&t, make_jpeg());
#endif
    return test_end(
        &t, "pictures, sounds and arrays, whole, cut at every length, changed at every byte");
}
