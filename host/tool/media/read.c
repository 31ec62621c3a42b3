/* Which reader a file needs; the contract is in media.h. */
#include "media.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int reader(const char *path, const uint8_t *bytes, size_t count, media *out,
                   weft_error *err);

static int begins(const uint8_t *bytes, size_t count, const char *with, size_t length)
{
    return count >= length && !memcmp(bytes, with, length);
}

static int read_npz(const char *path, const uint8_t *bytes, size_t count, const char *member,
                    media *out, weft_error *err);

static media_kind find(const uint8_t *bytes, size_t count, reader **read)
{
    *read = NULL;
    if (begins(bytes, count, "\x93NUMPY", 6)) {
        *read = media_npy;
        return MEDIA_ARRAY;
    }
    if (begins(bytes, count, "PK\3\4", 4))
        return MEDIA_ARRAY;
    if (begins(bytes, count, "RIFF", 4) && count >= 12 && !memcmp(bytes + 8, "WAVE", 4)) {
        *read = media_wav;
        return MEDIA_SOUND;
    }
    if (begins(bytes, count, "\x89PNG\r\n\x1a\n", 8))
        *read = media_png;
    else if (begins(bytes, count, "\xff\xd8\xff", 3))
        *read = media_jpeg;
    else if (count >= 3 && bytes[0] == 'P' && (bytes[1] == '5' || bytes[1] == '6') &&
             strchr(" \t\r\n#", bytes[2]))
        *read = media_pnm;
    else if (begins(bytes, count, "BM", 2) && count >= 26 && !memcmp(bytes + 6, "\0\0\0\0", 4))
        *read = media_bmp;
    return *read ? MEDIA_PICTURE : MEDIA_NONE;
}

media_kind media_detect(const uint8_t *bytes, size_t count)
{
    reader *read;
    return find(bytes, count, &read);
}

int media_read(const char *path, const uint8_t *bytes, size_t count, const char *member, media *out,
               weft_error *err)
{
    reader *read;
    *out = (media){ 0 };
    const media_kind kind = find(bytes, count, &read);
    if (kind == MEDIA_NONE)
        return weft_error_set(err, WEFT_ERR_UNSUPPORTED,
                              "%.200s is no .npy, .npz, PNG, JPEG, PPM, BMP or WAV file", path);
    const int rc =
        read ? read(path, bytes, count, out, err) : read_npz(path, bytes, count, member, out, err);
    if (rc != WEFT_OK)
        media_free(out);
    else
        out->kind = kind;
    return rc;
}

/* --- .npz: a zip archive of .npy files ------------------------------------------------------ */

/* The member of the first name that is there; without names the only member. */
static int choose(const char *path, const uint8_t *bytes, size_t count, const char *names, char *to,
                  size_t room, weft_error *err)
{
    char have[128], list[400] = "";
    uint32_t members = 0;
    for (; media_zip_name(bytes, count, members, have, sizeof have); members++) {
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%.60s", members ? ", " : "", have);
    }
    if (members == 1 && media_zip_name(bytes, count, 0, to, room))
        return WEFT_OK;
    for (const char *name = names; name && *name; name += strspn(name, " ")) {
        const size_t length = strcspn(name, " ");
        for (uint32_t i = 0; media_zip_name(bytes, count, i, to, room); i++)
            if (strlen(to) == length + 4 && !strncmp(to, name, length) &&
                !strcmp(to + length, ".npy"))
                return WEFT_OK;
        name += length;
    }
    return weft_error_set(
        err, WEFT_ERR_UNSUPPORTED,
        "%.120s holds %.300s; save the array that is meant alone, with numpy.save", path,
        members ? list : "no arrays");
}

static int read_npz(const char *path, const uint8_t *bytes, size_t count, const char *member,
                    media *out, weft_error *err)
{
    char name[128];
    uint8_t *inside = NULL;
    size_t inside_bytes = 0;
    int rc = choose(path, bytes, count, member, name, sizeof name, err);
    if (rc == WEFT_OK)
        rc = media_unzip(path, bytes, count, name, &inside, &inside_bytes, err);
    if (rc == WEFT_OK)
        rc = media_npy(path, inside, inside_bytes, out, err);
    free(inside);
    return rc;
}
