/* PNG through libpng's simplified interface, 8 bits a channel, gray or RGB; transparent pixels are laid over black. */
#include "media.h"

#ifdef WEFT_HAS_PNG
#include <png.h>

int media_png(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    const png_color black = { 0, 0, 0 };
    if (!png_image_begin_read_from_memory(&image, bytes, count))
        return weft_error_set(err, WEFT_ERR_FORMAT, "%.200s is damaged: %.60s", path,
                              image.message);
    const int color = image.format & PNG_FORMAT_FLAG_COLOR;
    image.format = color ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    int rc = media_new_picture(path, image.height, image.width, color ? 3 : 1, out, err);
    if (rc == WEFT_OK && !png_image_finish_read(&image, &black, out->memory, 0, NULL))
        rc = weft_error_set(err, WEFT_ERR_FORMAT, "%.200s is damaged: %.60s", path, image.message);
    png_image_free(&image);
    return rc;
}
#else
int media_png(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err)
{
    (void)bytes, (void)count, (void)out;
    return weft_error_set(
        err, WEFT_ERR_UNSUPPORTED,
        "%.200s: this weft was built without libpng and reads no PNG; convert it to PPM", path);
}
#endif
