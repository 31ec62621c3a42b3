/* Fuzz target of the packet decoder: no crash, every byte accounted for, and what it accepts is
 * built again to the same bytes.
 *
 * With -DWEFT_LIBFUZZER only LLVMFuzzerTestOneInput is defined (clang -fsanitize=fuzzer).  Without,
 * a program that runs every file of the directories given (default: the committed corpus), each
 * whole and in one-byte pieces. */
#include "host/transport/packet.h"

#include <stdlib.h>
#include <string.h>

#include <weft/weft_status.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* The end of a good frame that was just decoded must be the same bytes as built from it. */
static void rebuild(const weft_packet *p, const uint8_t *end, size_t before)
{
    uint8_t frame[WEFT_FRAME_MAX_BYTES];
    size_t bytes;
    if (weft_packet_build(p, frame, sizeof frame, &bytes) != WEFT_OK || bytes > before ||
        memcmp(frame, end - bytes, bytes))
        abort();
}

static void decode(const uint8_t *data, size_t bytes, size_t piece, weft_packet_decoder *d)
{
    const uint8_t *at = data;
    size_t left = bytes;
    while (left) {
        size_t now = left < piece ? left : piece;
        left -= now;
        weft_packet p;
        while (weft_packet_next(d, &at, &now, &p)) {
            if (p.status == WEFT_PKTST_OK)
                rebuild(&p, at, (size_t)(at - data));
            else if (p.payload_bytes)
                abort();
        }
    }
    if (at != data + bytes)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    weft_packet_decoder whole = { 0 }, single = { 0 };
    decode(data, bytes, bytes, &whole);
    decode(data, bytes, 1, &single);
    if (whole.frames != single.frames || whole.damaged != single.damaged ||
        whole.garbage_bytes != single.garbage_bytes || whole.garbage_bytes > bytes)
        abort();
    return 0;
}

#ifndef WEFT_LIBFUZZER

#include <dirent.h>
#include <stdio.h>

enum { MAX_BYTES = 1 << 20 };

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(MAX_BYTES);
    int bad = 1;
    if (f && data) {
        LLVMFuzzerTestOneInput(data, fread(data, 1, MAX_BYTES, f));
        bad = 0;
    }
    free(data);
    if (f)
        fclose(f);
    return bad;
}

static int run_directory(const char *path, unsigned *files)
{
    DIR *directory = opendir(path);
    int bad = directory == NULL;
    for (struct dirent *entry; !bad && (entry = readdir(directory));) {
        char name[1024];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        bad = run_file(name);
        ++*files;
    }
    if (directory)
        closedir(directory);
    return bad;
}

int main(int argc, char **argv)
{
    const char *corpus = argc > 1 ? argv[1] : "tests/host/corpus_packet";
    unsigned files = 0;
    if (run_directory(corpus, &files) || files == 0) {
        printf("FAIL fuzz_packet: cannot read %s\n", corpus);
        return 1;
    }
    printf("ok fuzz_packet: %u files, whole and byte by byte, seed 0\n", files);
    return 0;
}

#endif
