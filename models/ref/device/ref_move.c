/* LOAD, STORE and TABLE of the reference device, and the copies from and to a bank. */
#include "ref_state.h"

void ref_bank_read(const weft_ref_device *dev, uint32_t bank, uint32_t place, uint32_t bytes,
                   uint8_t *at)
{
    while (bytes) {
        uint32_t piece = dev->bank_bytes - place;
        piece = piece < bytes ? piece : bytes;
        memcpy(at, dev->bank[bank] + place, piece);
        at += piece;
        bytes -= piece;
        place = 0;
    }
}

void ref_bank_write(weft_ref_device *dev, uint32_t bank, uint32_t place, uint32_t bytes,
                    const uint8_t *at)
{
    while (bytes) {
        uint32_t piece = dev->bank_bytes - place;
        piece = piece < bytes ? piece : bytes;
        memcpy(dev->bank[bank] + place, at, piece);
        at += piece;
        bytes -= piece;
        place = 0;
    }
}

void ref_load(weft_ref_device *dev, const weft_cmd *cmd)
{
    const ref_ring ring = { (uint32_t)weft_LOAD_get_PITCH(cmd), (uint32_t)weft_LOAD_get_TOP(cmd),
                            (uint32_t)weft_LOAD_get_SIZE(cmd) };
    ref_position at = { weft_LOAD_get_ROW(cmd), (uint32_t)weft_LOAD_get_A_START(cmd) };
    const uint8_t *from = dev->pages.bytes + weft_LOAD_get_ADDR(cmd);
    for (int64_t i = 0; i < weft_LOAD_get_ROWS(cmd); i++) {
        ref_bank_write(dev, at.r & 3, ref_place(dev, at.a, weft_LOAD_get_U_START(cmd)),
                       (uint32_t)weft_LOAD_get_ROW_BYTES(cmd),
                       from + i * weft_LOAD_get_STRIDE(cmd));
        ref_step(&at, &ring, 1, 0);
    }
}

void ref_store(weft_ref_device *dev, const weft_cmd *cmd)
{
    const ref_ring ring = { (uint32_t)weft_STORE_get_PITCH(cmd), (uint32_t)weft_STORE_get_TOP(cmd),
                            (uint32_t)weft_STORE_get_SIZE(cmd) };
    ref_position at = { weft_STORE_get_ROW(cmd), (uint32_t)weft_STORE_get_A_START(cmd) };
    uint8_t *to = dev->pages.bytes + weft_STORE_get_ADDR(cmd);
    for (int64_t i = 0; i < weft_STORE_get_ROWS(cmd); i++) {
        ref_bank_read(dev, at.r & 3, ref_place(dev, at.a, weft_STORE_get_U_START(cmd)),
                      (uint32_t)weft_STORE_get_ROW_BYTES(cmd), to + i * weft_STORE_get_STRIDE(cmd));
        ref_step(&at, &ring, 1, 0);
    }
}

static void read_operands(uint32_t *table, const uint8_t *from)
{
    for (unsigned i = 0; i < REF_TABLE; i++)
        table[i] = (uint32_t)from[4 * i] | (uint32_t)from[4 * i + 1] << 8 |
                   (uint32_t)from[4 * i + 2] << 16 | (uint32_t)from[4 * i + 3] << 24;
}

void ref_table(weft_ref_device *dev, const weft_cmd *cmd)
{
    const uint8_t *from = dev->pages.bytes + weft_TABLE_get_ADDR(cmd);
    if (weft_TABLE_get_BYTES(cmd)) {
        memcpy(dev->table_bytes, from, REF_TABLE);
        from += REF_TABLE;
    }
    if (weft_TABLE_get_OPERANDS(cmd)) {
        read_operands(dev->table_1, from);
        read_operands(dev->table_2, from + 4 * REF_TABLE);
    }
}
