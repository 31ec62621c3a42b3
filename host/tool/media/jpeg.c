/* JPEG through libjpeg-turbo, as RGB or gray. */
#include "media.h"

#ifdef WEFT_HAS_JPEG
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>

typedef struct errors {
    struct jpeg_error_mgr base;
    jmp_buf back;
    char text[JMSG_LENGTH_MAX];
} errors;

/* The library wants not to be returned to. */
static void fail(j_common_ptr j)
{
    errors *e = (errors *)(void *)j->err;
    e->base.format_message(j, e->text);
    longjmp(e->back, 1);
}

/* Half a picture is not one. */
static void warn(j_common_ptr j, int level)
{
    if (level < 0 && j->err->msg_code == JWRN_JPEG_EOF)
        fail(j);
}

static int read_rows(struct jpeg_decompress_struct *j, const char *path, media *out,
                     weft_error *err)
{
    jpeg_start_decompress(j);
    const int rc = media_new_picture(path, j->output_height, j->output_width,
                                     (uint32_t)j->output_components, out, err);
    while (rc == WEFT_OK && j->output_scanline < j->output_height) {
        JSAMPROW row = (uint8_t *)out->memory +
                       (size_t)j->output_scanline * j->output_width * (size_t)j->output_components;
        jpeg_read_scanlines(j, &row, 1);
    }
    return rc;
}

int media_jpeg(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err)
{
    struct jpeg_decompress_struct j = { 0 };
    errors e = { 0 };
    volatile int rc = WEFT_OK;
    j.err = jpeg_std_error(&e.base);
    e.base.error_exit = fail;
    e.base.emit_message = warn;
    if (setjmp(e.back)) {
        jpeg_destroy_decompress(&j);
        return weft_error_set(err, WEFT_ERR_FORMAT, "%.200s is damaged: %.100s", path, e.text);
    }
    jpeg_create_decompress(&j);
    jpeg_mem_src(&j, bytes, (unsigned long)count);
    jpeg_read_header(&j, TRUE);
    j.out_color_space = j.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    if ((uint64_t)j.image_width * j.image_height > MEDIA_MAX_PIXELS)
        rc = weft_error_set(err, WEFT_ERR_FORMAT, "%.200s: a picture of %u x %u pixels", path,
                            j.image_width, j.image_height);
    else
        rc = read_rows(&j, path, out, err);
    jpeg_destroy_decompress(&j);
    return rc;
}
#else
int media_jpeg(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err)
{
    (void)bytes, (void)count, (void)out;
    return weft_error_set(
        err, WEFT_ERR_UNSUPPORTED,
        "%.200s: this weft was built without libjpeg and reads no JPEG; convert it to PPM", path);
}
#endif
