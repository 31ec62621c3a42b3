// The parameters of the device are ones it can be built with; nothing else: no ports, no logic.
//
// Others end the elaboration, in a way that every tool has: as a module that does not exist, whose
// name says why.  Printed from isa/weft_isa.def by `make isa`.

`default_nettype none
`include "weft_params.vh"

module weft_legal #(
    `WEFT_PARAMETERS
) ();

    generate
        if (ROWS < 4 || ROWS > 32) begin : g_rows
            ROWS_is_not_4_to_32 u_refused ();
        end
        if (COLS < 4 || COLS > 32) begin : g_cols
            COLS_is_not_4_to_32 u_refused ();
        end
        if (LANES < 1 || LANES > 32 || COLS % LANES != 0) begin : g_lanes
            LANES_does_not_divide_COLS u_refused ();
        end
        if (FB_WORDS < 64 || FB_WORDS > 32768 || (FB_WORDS & (FB_WORDS - 1)) != 0) begin : g_fb_words
            FB_WORDS_is_no_power_of_two_64_to_32768 u_refused ();
        end
        if (ACC_DEPTH < 16 || ACC_DEPTH > 4096) begin : g_acc_depth
            ACC_DEPTH_is_not_16_to_4096 u_refused ();
        end
        if (MEM_BYTES < 4 || MEM_BYTES > 32 || (MEM_BYTES & (MEM_BYTES - 1)) != 0) begin : g_mem_bytes
            MEM_BYTES_is_no_power_of_two_4_to_32 u_refused ();
        end
        if (MEM_SIZE < 32 || MEM_SIZE > 32'd4294967264 || MEM_SIZE % 32 != 0) begin : g_mem_size
            MEM_SIZE_is_no_multiple_of_32 u_refused ();
        end
        if (HAS_PAIR < 0 || HAS_PAIR > 1) begin : g_pair
            HAS_PAIR_is_not_0_or_1 u_refused ();
        end
        if (HAS_TFLITE < 0 || HAS_TFLITE > 1) begin : g_tflite
            HAS_TFLITE_is_not_0_or_1 u_refused ();
        end
        if (HAS_FLOAT < 0 || HAS_FLOAT > 1) begin : g_float
            HAS_FLOAT_is_not_0_or_1 u_refused ();
        end
        if (HAS_COUNTERS < 0 || HAS_COUNTERS > 1) begin : g_counters
            HAS_COUNTERS_is_not_0_or_1 u_refused ();
        end
        if (HAS_CHECKS < 0 || HAS_CHECKS > 1) begin : g_checks
            HAS_CHECKS_is_not_0_or_1 u_refused ();
        end
    endgenerate

endmodule

`default_nettype wire
