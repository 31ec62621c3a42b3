/* Files of samples as arrays: .npy, .npz, PNG, JPEG, PPM and PGM, BMP, WAV, told apart by their first bytes.
 *
 * A picture is uint8 [height][width][1 or 3]; a sound is float32 [samples] in -1..1, several channels averaged; an array
 * is what its file says, row-major.  Whatever a file says of its size is checked against what it holds. */
#ifndef WEFT_TOOL_MEDIA_H
#define WEFT_TOOL_MEDIA_H

#include <stddef.h>
#include <stdint.h>

#include <weft/weft_status.h>

enum { MEDIA_MAX_RANK = 8, MEDIA_MAX_SIDE = 1 << 15 };
#define MEDIA_MAX_PIXELS ((uint64_t)1 << 27)

typedef enum media_kind { MEDIA_NONE, MEDIA_ARRAY, MEDIA_PICTURE, MEDIA_SOUND } media_kind;

typedef struct media {
    media_kind kind;
    char type; /* as in NumPy: f float, i signed, u unsigned; with unit_bytes */
    uint32_t unit_bytes;
    uint32_t rank;
    uint64_t dims[MEDIA_MAX_RANK];
    uint64_t elements;
    const uint8_t *data; /* of memory */
    uint32_t rate_hz;    /* of a sound */
    void *memory;
} media;

/* What the first bytes of a file are; MEDIA_NONE: nothing of these. */
media_kind media_detect(const uint8_t *bytes, size_t count);

/* Read a file's bytes, which stay the caller's.  `member`: of an .npz, the array of the first of these names (separated by
 * blanks) that it has; NULL: its only one.  Returns WEFT_OK, or with a sentence that names the file
 * WEFT_ERR_FORMAT (damaged), WEFT_ERR_UNSUPPORTED or WEFT_ERR_NO_MEMORY; media_free in any case. */
int media_read(const char *path, const uint8_t *bytes, size_t count, const char *member, media *out,
               weft_error *err);
void media_free(media *m);

/* Element i as a number. */
double media_number(const media *m, uint64_t i);

/* A picture of another size, by averaging over what a pixel covers (a triangle, as Pillow's BILINEAR); `short_side` 0 stretches,
 * otherwise the short side is made so long and the middle cut out.  Returns as media_read. */
int media_resize(const media *from, uint32_t height, uint32_t width, uint32_t short_side,
                 media *out, weft_error *err);

/* --- the readers, each for what media_detect calls its own ---------------------------------- */

int media_npy(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err);
int media_pnm(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err);
int media_bmp(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err);
int media_wav(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err);
int media_png(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err);
int media_jpeg(const char *path, const uint8_t *bytes, size_t count, media *out, weft_error *err);

/* Room for a picture; data can be written through memory. */
int media_new_picture(const char *path, uint64_t height, uint64_t width, uint32_t channels,
                      media *out, weft_error *err);

/* The file `name` inside of a zip archive (stored or deflated), the caller's to free.  Returns as media_read;
 * WEFT_ERR_IO: there is none of that name. */
int media_unzip(const char *path, const uint8_t *bytes, size_t count, const char *name,
                uint8_t **out, size_t *out_bytes, weft_error *err);

/* The name of member i of an archive into `to`; 0 past the last, or if it is damaged. */
int media_zip_name(const uint8_t *bytes, size_t count, uint32_t i, char *to, size_t room);

#endif
