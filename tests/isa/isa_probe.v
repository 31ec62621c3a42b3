// Show every field of a command, sliced by the constants of the package, in table order;
// printed by `make isa`, run by tests/isa/tb_isa_probe.v.

`default_nettype none

module isa_probe (
    input wire [1279:0] cmd
);

    task show;
        begin
            if (cmd[7:0] == 8'(weft_isa::OP_NOP)) $display("NOP.OPCODE %0d", $unsigned(cmd[weft_isa::NOP_OPCODE_LSB +: weft_isa::NOP_OPCODE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.OPCODE %0d", $unsigned(cmd[weft_isa::LOAD_OPCODE_LSB +: weft_isa::LOAD_OPCODE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.POP_COMPUTE %0d", $unsigned(cmd[weft_isa::LOAD_POP_COMPUTE_LSB +: weft_isa::LOAD_POP_COMPUTE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.POP_STORE %0d", $unsigned(cmd[weft_isa::LOAD_POP_STORE_LSB +: weft_isa::LOAD_POP_STORE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.PUSH_COMPUTE %0d", $unsigned(cmd[weft_isa::LOAD_PUSH_COMPUTE_LSB +: weft_isa::LOAD_PUSH_COMPUTE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.ROW %0d", $unsigned(cmd[weft_isa::LOAD_ROW_LSB +: weft_isa::LOAD_ROW_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.ADDR %0d", $unsigned(cmd[weft_isa::LOAD_ADDR_LSB +: weft_isa::LOAD_ADDR_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.STRIDE %0d", $unsigned(cmd[weft_isa::LOAD_STRIDE_LSB +: weft_isa::LOAD_STRIDE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.ROWS %0d", $unsigned(cmd[weft_isa::LOAD_ROWS_LSB +: weft_isa::LOAD_ROWS_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.A_START %0d", $unsigned(cmd[weft_isa::LOAD_A_START_LSB +: weft_isa::LOAD_A_START_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.ROW_BYTES %0d", $unsigned(cmd[weft_isa::LOAD_ROW_BYTES_LSB +: weft_isa::LOAD_ROW_BYTES_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.PITCH %0d", $unsigned(cmd[weft_isa::LOAD_PITCH_LSB +: weft_isa::LOAD_PITCH_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.TOP %0d", $unsigned(cmd[weft_isa::LOAD_TOP_LSB +: weft_isa::LOAD_TOP_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.SIZE %0d", $unsigned(cmd[weft_isa::LOAD_SIZE_LSB +: weft_isa::LOAD_SIZE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_LOAD)) $display("LOAD.U_START %0d", $unsigned(cmd[weft_isa::LOAD_U_START_LSB +: weft_isa::LOAD_U_START_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.OPCODE %0d", $unsigned(cmd[weft_isa::STORE_OPCODE_LSB +: weft_isa::STORE_OPCODE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.POP_COMPUTE %0d", $unsigned(cmd[weft_isa::STORE_POP_COMPUTE_LSB +: weft_isa::STORE_POP_COMPUTE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.PUSH_COMPUTE %0d", $unsigned(cmd[weft_isa::STORE_PUSH_COMPUTE_LSB +: weft_isa::STORE_PUSH_COMPUTE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.PUSH_LOAD %0d", $unsigned(cmd[weft_isa::STORE_PUSH_LOAD_LSB +: weft_isa::STORE_PUSH_LOAD_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.ROW %0d", $unsigned(cmd[weft_isa::STORE_ROW_LSB +: weft_isa::STORE_ROW_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.ADDR %0d", $unsigned(cmd[weft_isa::STORE_ADDR_LSB +: weft_isa::STORE_ADDR_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.STRIDE %0d", $unsigned(cmd[weft_isa::STORE_STRIDE_LSB +: weft_isa::STORE_STRIDE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.ROWS %0d", $unsigned(cmd[weft_isa::STORE_ROWS_LSB +: weft_isa::STORE_ROWS_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.A_START %0d", $unsigned(cmd[weft_isa::STORE_A_START_LSB +: weft_isa::STORE_A_START_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.ROW_BYTES %0d", $unsigned(cmd[weft_isa::STORE_ROW_BYTES_LSB +: weft_isa::STORE_ROW_BYTES_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.PITCH %0d", $unsigned(cmd[weft_isa::STORE_PITCH_LSB +: weft_isa::STORE_PITCH_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.TOP %0d", $unsigned(cmd[weft_isa::STORE_TOP_LSB +: weft_isa::STORE_TOP_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.SIZE %0d", $unsigned(cmd[weft_isa::STORE_SIZE_LSB +: weft_isa::STORE_SIZE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_STORE)) $display("STORE.U_START %0d", $unsigned(cmd[weft_isa::STORE_U_START_LSB +: weft_isa::STORE_U_START_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_TABLE)) $display("TABLE.OPCODE %0d", $unsigned(cmd[weft_isa::TABLE_OPCODE_LSB +: weft_isa::TABLE_OPCODE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_TABLE)) $display("TABLE.BYTES %0d", $unsigned(cmd[weft_isa::TABLE_BYTES_LSB +: weft_isa::TABLE_BYTES_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_TABLE)) $display("TABLE.OPERANDS %0d", $unsigned(cmd[weft_isa::TABLE_OPERANDS_LSB +: weft_isa::TABLE_OPERANDS_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_TABLE)) $display("TABLE.ADDR %0d", $unsigned(cmd[weft_isa::TABLE_ADDR_LSB +: weft_isa::TABLE_ADDR_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.OPCODE %0d", $unsigned(cmd[weft_isa::COMPUTE_OPCODE_LSB +: weft_isa::COMPUTE_OPCODE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.POP_LOAD %0d", $unsigned(cmd[weft_isa::COMPUTE_POP_LOAD_LSB +: weft_isa::COMPUTE_POP_LOAD_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.POP_STORE %0d", $unsigned(cmd[weft_isa::COMPUTE_POP_STORE_LSB +: weft_isa::COMPUTE_POP_STORE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.PUSH_LOAD %0d", $unsigned(cmd[weft_isa::COMPUTE_PUSH_LOAD_LSB +: weft_isa::COMPUTE_PUSH_LOAD_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.PUSH_STORE %0d", $unsigned(cmd[weft_isa::COMPUTE_PUSH_STORE_LSB +: weft_isa::COMPUTE_PUSH_STORE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.WAIT %0d", $unsigned(cmd[weft_isa::COMPUTE_WAIT_LSB +: weft_isa::COMPUTE_WAIT_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.W_SYNC %0d", $unsigned(cmd[weft_isa::COMPUTE_W_SYNC_LSB +: weft_isa::COMPUTE_W_SYNC_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.MODE %0d", $unsigned(cmd[weft_isa::COMPUTE_MODE_LSB +: weft_isa::COMPUTE_MODE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.SPAN %0d", $unsigned(cmd[weft_isa::COMPUTE_SPAN_LSB +: weft_isa::COMPUTE_SPAN_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.GROUPS %0d", $unsigned(cmd[weft_isa::COMPUTE_GROUPS_LSB +: weft_isa::COMPUTE_GROUPS_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.RAW %0d", $unsigned(cmd[weft_isa::COMPUTE_RAW_LSB +: weft_isa::COMPUTE_RAW_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.KIND %0d", $unsigned(cmd[weft_isa::COMPUTE_KIND_LSB +: weft_isa::COMPUTE_KIND_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.ALU %0d", $unsigned(cmd[weft_isa::COMPUTE_ALU_LSB +: weft_isa::COMPUTE_ALU_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.KIND2 %0d", $unsigned(cmd[weft_isa::COMPUTE_KIND2_LSB +: weft_isa::COMPUTE_KIND2_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.LUT %0d", $unsigned(cmd[weft_isa::COMPUTE_LUT_LSB +: weft_isa::COMPUTE_LUT_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.WEIGHTS %0d", $unsigned(cmd[weft_isa::COMPUTE_WEIGHTS_LSB +: weft_isa::COMPUTE_WEIGHTS_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.A_START %0d", $unsigned(cmd[weft_isa::COMPUTE_A_START_LSB +: weft_isa::COMPUTE_A_START_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.PITCH %0d", $unsigned(cmd[weft_isa::COMPUTE_PITCH_LSB +: weft_isa::COMPUTE_PITCH_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.TOP %0d", $unsigned(cmd[weft_isa::COMPUTE_TOP_LSB +: weft_isa::COMPUTE_TOP_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.SIZE %0d", $unsigned(cmd[weft_isa::COMPUTE_SIZE_LSB +: weft_isa::COMPUTE_SIZE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.R_START %0d", $signed(cmd[weft_isa::COMPUTE_R_START_LSB +: weft_isa::COMPUTE_R_START_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.ROWS %0d", $unsigned(cmd[weft_isa::COMPUTE_ROWS_LSB +: weft_isa::COMPUTE_ROWS_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.U_START %0d", $signed(cmd[weft_isa::COMPUTE_U_START_LSB +: weft_isa::COMPUTE_U_START_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.ZP %0d", $signed(cmd[weft_isa::COMPUTE_ZP_LSB +: weft_isa::COMPUTE_ZP_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.ROW_BYTES %0d", $unsigned(cmd[weft_isa::COMPUTE_ROW_BYTES_LSB +: weft_isa::COMPUTE_ROW_BYTES_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.IN_DU %0d", $signed(cmd[weft_isa::COMPUTE_IN_DU_LSB +: weft_isa::COMPUTE_IN_DU_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.IN_DR %0d", $unsigned(cmd[weft_isa::COMPUTE_IN_DR_LSB +: weft_isa::COMPUTE_IN_DR_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.OUT_DU %0d", $signed(cmd[weft_isa::COMPUTE_OUT_DU_LSB +: weft_isa::COMPUTE_OUT_DU_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.OUT_DR %0d", $unsigned(cmd[weft_isa::COMPUTE_OUT_DR_LSB +: weft_isa::COMPUTE_OUT_DR_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.TAP_DU %0d", $signed(cmd[weft_isa::COMPUTE_TAP_DU_LSB +: weft_isa::COMPUTE_TAP_DU_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.ROW_DR %0d", $unsigned(cmd[weft_isa::COMPUTE_ROW_DR_LSB +: weft_isa::COMPUTE_ROW_DR_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.BLK_U %0d", $signed(cmd[weft_isa::COMPUTE_BLK_U_LSB +: weft_isa::COMPUTE_BLK_U_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.TAPS_X %0d", $unsigned(cmd[weft_isa::COMPUTE_TAPS_X_LSB +: weft_isa::COMPUTE_TAPS_X_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.SEG %0d", $unsigned(cmd[weft_isa::COMPUTE_SEG_LSB +: weft_isa::COMPUTE_SEG_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.PASS_Q %0d", $unsigned(cmd[weft_isa::COMPUTE_PASS_Q_LSB +: weft_isa::COMPUTE_PASS_Q_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.CHAIN %0d", $unsigned(cmd[weft_isa::COMPUTE_CHAIN_LSB +: weft_isa::COMPUTE_CHAIN_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.PASS_R %0d", $unsigned(cmd[weft_isa::COMPUTE_PASS_R_LSB +: weft_isa::COMPUTE_PASS_R_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.PHASES %0d", $unsigned(cmd[weft_isa::COMPUTE_PHASES_LSB +: weft_isa::COMPUTE_PHASES_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.INNER %0d", $unsigned(cmd[weft_isa::COMPUTE_INNER_LSB +: weft_isa::COMPUTE_INNER_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.OUTER %0d", $unsigned(cmd[weft_isa::COMPUTE_OUTER_LSB +: weft_isa::COMPUTE_OUTER_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.PASSES %0d", $unsigned(cmd[weft_isa::COMPUTE_PASSES_LSB +: weft_isa::COMPUTE_PASSES_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.BLOCKS %0d", $unsigned(cmd[weft_isa::COMPUTE_BLOCKS_LSB +: weft_isa::COMPUTE_BLOCKS_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.IN_DA %0d", $unsigned(cmd[weft_isa::COMPUTE_IN_DA_LSB +: weft_isa::COMPUTE_IN_DA_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.OUT_DA %0d", $unsigned(cmd[weft_isa::COMPUTE_OUT_DA_LSB +: weft_isa::COMPUTE_OUT_DA_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.ROW_DA %0d", $unsigned(cmd[weft_isa::COMPUTE_ROW_DA_LSB +: weft_isa::COMPUTE_ROW_DA_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.KROWS %0d", $unsigned(cmd[weft_isa::COMPUTE_KROWS_LSB +: weft_isa::COMPUTE_KROWS_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_A_START %0d", $unsigned(cmd[weft_isa::COMPUTE_O_A_START_LSB +: weft_isa::COMPUTE_O_A_START_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_PITCH %0d", $unsigned(cmd[weft_isa::COMPUTE_O_PITCH_LSB +: weft_isa::COMPUTE_O_PITCH_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_TOP %0d", $unsigned(cmd[weft_isa::COMPUTE_O_TOP_LSB +: weft_isa::COMPUTE_O_TOP_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_SIZE %0d", $unsigned(cmd[weft_isa::COMPUTE_O_SIZE_LSB +: weft_isa::COMPUTE_O_SIZE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_U_START %0d", $signed(cmd[weft_isa::COMPUTE_O_U_START_LSB +: weft_isa::COMPUTE_O_U_START_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_ROW %0d", $unsigned(cmd[weft_isa::COMPUTE_O_ROW_LSB +: weft_isa::COMPUTE_O_ROW_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_ROW_BYTES %0d", $unsigned(cmd[weft_isa::COMPUTE_O_ROW_BYTES_LSB +: weft_isa::COMPUTE_O_ROW_BYTES_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_BYTES %0d", $unsigned(cmd[weft_isa::COMPUTE_O_BYTES_LSB +: weft_isa::COMPUTE_O_BYTES_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_LAST %0d", $unsigned(cmd[weft_isa::COMPUTE_O_LAST_LSB +: weft_isa::COMPUTE_O_LAST_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_IN_DU %0d", $signed(cmd[weft_isa::COMPUTE_O_IN_DU_LSB +: weft_isa::COMPUTE_O_IN_DU_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_IN_DR %0d", $unsigned(cmd[weft_isa::COMPUTE_O_IN_DR_LSB +: weft_isa::COMPUTE_O_IN_DR_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_OUT_DU %0d", $signed(cmd[weft_isa::COMPUTE_O_OUT_DU_LSB +: weft_isa::COMPUTE_O_OUT_DU_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_OUT_DR %0d", $unsigned(cmd[weft_isa::COMPUTE_O_OUT_DR_LSB +: weft_isa::COMPUTE_O_OUT_DR_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_IN_DA %0d", $unsigned(cmd[weft_isa::COMPUTE_O_IN_DA_LSB +: weft_isa::COMPUTE_O_IN_DA_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_OUT_DA %0d", $unsigned(cmd[weft_isa::COMPUTE_O_OUT_DA_LSB +: weft_isa::COMPUTE_O_OUT_DA_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_BLK_U %0d", $signed(cmd[weft_isa::COMPUTE_O_BLK_U_LSB +: weft_isa::COMPUTE_O_BLK_U_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.O_INNER %0d", $unsigned(cmd[weft_isa::COMPUTE_O_INNER_LSB +: weft_isa::COMPUTE_O_INNER_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.PAIR %0d", $unsigned(cmd[weft_isa::COMPUTE_PAIR_LSB +: weft_isa::COMPUTE_PAIR_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.ZP1 %0d", $signed(cmd[weft_isa::COMPUTE_ZP1_LSB +: weft_isa::COMPUTE_ZP1_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.LO1 %0d", $signed(cmd[weft_isa::COMPUTE_LO1_LSB +: weft_isa::COMPUTE_LO1_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.HI1 %0d", $signed(cmd[weft_isa::COMPUTE_HI1_LSB +: weft_isa::COMPUTE_HI1_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.MULT2 %0d", $unsigned(cmd[weft_isa::COMPUTE_MULT2_LSB +: weft_isa::COMPUTE_MULT2_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.SHIFT2 %0d", $signed(cmd[weft_isa::COMPUTE_SHIFT2_LSB +: weft_isa::COMPUTE_SHIFT2_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.ZP2 %0d", $signed(cmd[weft_isa::COMPUTE_ZP2_LSB +: weft_isa::COMPUTE_ZP2_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.LO2 %0d", $signed(cmd[weft_isa::COMPUTE_LO2_LSB +: weft_isa::COMPUTE_LO2_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.HI2 %0d", $signed(cmd[weft_isa::COMPUTE_HI2_LSB +: weft_isa::COMPUTE_HI2_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.X_A_START %0d", $unsigned(cmd[weft_isa::COMPUTE_X_A_START_LSB +: weft_isa::COMPUTE_X_A_START_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.X_PITCH %0d", $unsigned(cmd[weft_isa::COMPUTE_X_PITCH_LSB +: weft_isa::COMPUTE_X_PITCH_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.X_TOP %0d", $unsigned(cmd[weft_isa::COMPUTE_X_TOP_LSB +: weft_isa::COMPUTE_X_TOP_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.X_SIZE %0d", $unsigned(cmd[weft_isa::COMPUTE_X_SIZE_LSB +: weft_isa::COMPUTE_X_SIZE_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.X_U_START %0d", $signed(cmd[weft_isa::COMPUTE_X_U_START_LSB +: weft_isa::COMPUTE_X_U_START_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.X_ROW %0d", $unsigned(cmd[weft_isa::COMPUTE_X_ROW_LSB +: weft_isa::COMPUTE_X_ROW_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.X_IN_DU %0d", $signed(cmd[weft_isa::COMPUTE_X_IN_DU_LSB +: weft_isa::COMPUTE_X_IN_DU_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.X_OUT_DR %0d", $unsigned(cmd[weft_isa::COMPUTE_X_OUT_DR_LSB +: weft_isa::COMPUTE_X_OUT_DR_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.X_BLK_U %0d", $signed(cmd[weft_isa::COMPUTE_X_BLK_U_LSB +: weft_isa::COMPUTE_X_BLK_U_W]));
            if (cmd[7:0] == 8'(weft_isa::OP_COMPUTE)) $display("COMPUTE.X_OUT_DA %0d", $unsigned(cmd[weft_isa::COMPUTE_X_OUT_DA_LSB +: weft_isa::COMPUTE_X_OUT_DA_W]));
        end
    endtask

endmodule

`default_nettype wire
