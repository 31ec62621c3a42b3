// The parameters of the device are ones it can be built with; nothing else: no ports, no logic.
//
// Others end the elaboration, in a way that every tool has: as a module that does not exist, whose
// name says why.

`default_nettype none

module weft_legal #(
    parameter integer ROWS      = weft_isa::ROWS,
    parameter integer COLS      = weft_isa::COLS,
    parameter integer LANES     = weft_isa::LANES,
    parameter integer FB_WORDS  = weft_isa::FB_WORDS,
    parameter integer ACC_DEPTH = weft_isa::ACC_DEPTH,
    parameter integer MEM_BYTES = weft_isa::MEM_BYTES,
    parameter [31:0]  MEM_SIZE  = 32'h10000000,
    parameter integer LINK_DATA   = weft_isa::LINK_DATA,
    parameter integer LINK_WINDOW = weft_isa::LINK_WINDOW
) ();

    generate
        if (ROWS < 4 || ROWS > 32) begin : g_rows
            ROWS_is_not_4_to_32 u_refused ();
        end
        if (COLS < 4 || COLS > 32) begin : g_cols
            COLS_is_not_4_to_32 u_refused ();
        end
        if (LANES < 1 || COLS % LANES != 0) begin : g_lanes
            LANES_does_not_divide_COLS u_refused ();
        end
        if (FB_WORDS < 64 || FB_WORDS > 32768 || (FB_WORDS & (FB_WORDS - 1)) != 0) begin : g_fb_words
            FB_WORDS_is_no_power_of_two_64_to_32768 u_refused ();
        end
        if (ACC_DEPTH < 16 || ACC_DEPTH > 4096) begin : g_acc_depth
            ACC_DEPTH_is_not_16_to_4096 u_refused ();
        end
        if (MEM_BYTES != 4 && MEM_BYTES != 8 && MEM_BYTES != 16 && MEM_BYTES != 32) begin : g_mem_bytes
            MEM_BYTES_is_not_4_8_16_or_32 u_refused ();
        end
        if (MEM_SIZE % 32 != 0) begin : g_mem_size
            MEM_SIZE_is_no_multiple_of_32 u_refused ();
        end
        if (LINK_DATA < 32 * MEM_BYTES || LINK_DATA > weft_isa::PKT_MAX_DATA || (LINK_DATA & (LINK_DATA - 1)) != 0) begin : g_link_data
            LINK_DATA_is_no_power_of_two_32_MEM_BYTES_to_8192 u_refused ();
        end
        if (LINK_WINDOW < 1 || LINK_WINDOW > 4096) begin : g_link_window
            LINK_WINDOW_is_not_1_to_4096 u_refused ();
        end
    endgenerate

endmodule

`default_nettype wire
