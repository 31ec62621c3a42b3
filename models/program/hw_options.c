/* Devices described in words; the contract is in hw_options.h. */
#include "hw_options.h"

#include <stdio.h>

enum { USUAL_MEM_SIZE = 256 << 20 };

int weft_hw_read(const weft_uri *uri, weft_hw *out, weft_error *err)
{
    weft_hw hw = weft_hw_default(USUAL_MEM_SIZE);
    uint64_t lanes = 0, fb = hw.fb_words, acc = hw.acc_depth, port = hw.mem_bytes,
             mem = hw.mem_size;
    int rc = weft_uri_shape(uri, "shape", &hw.rows, &hw.cols, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "lanes", 1, hw.cols, &lanes, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "fb", 64, 32768, &fb, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "acc", 16, 4096, &acc, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "port", 4, 32, &port, err);
    if (rc == WEFT_OK)
        rc = weft_uri_number(uri, "mem", 4096, UINT32_MAX - 4095u, &mem, err);
    if (rc != WEFT_OK)
        return rc;
    hw.lanes = lanes ? (uint32_t)lanes : hw.cols;
    hw.fb_words = (uint32_t)fb;
    hw.acc_depth = (uint32_t)acc;
    hw.mem_bytes = (uint32_t)port;
    hw.mem_size = (uint32_t)mem;
    hw.word_bytes = weft_hw_word_bytes(&hw);
    rc = weft_hw_check(&hw, err);
    if (rc == WEFT_OK)
        *out = hw;
    return rc;
}

int weft_hw_parse(const char *description, weft_hw *out, weft_error *err)
{
    char text[WEFT_URI_BYTES];
    weft_uri uri;
    const int length = snprintf(text, sizeof text, "device:%s", description);
    if (length < 0 || (size_t)length >= sizeof text)
        return weft_error_set(err, WEFT_ERR_ARG, "the description of the device is too long");
    int rc = weft_uri_parse(text, &uri, err);
    if (rc == WEFT_OK)
        rc = weft_uri_allow(&uri, WEFT_HW_OPTIONS, err);
    return rc == WEFT_OK ? weft_hw_read(&uri, out, err) : rc;
}
