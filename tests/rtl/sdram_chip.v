// A SDR SDRAM chip of 16 bits seen from its pins: keeps what is written, and ends the run at the first breach of its datasheet.
//
// Time is the number of clock edges times CLOCK_PS, so that the model needs no delays and simulates in any tool.  Bursts of
// 2, 4 or 8 words, sequential, as the mode says; neither automatic precharge nor interrupted bursts are allowed, though real chips
// have them.  Checked: T_POWER_UP of nothing, then PRECHARGE of all banks, two REFRESH or more and the mode before the first row is opened; tRCD,
// tRP, tRAS and its maximum, tRC, tRFC, tRRD, tWR, tMRD; the last REFRESHES refreshes in T_REF, at every edge; commands to open and closed banks; that a
// word read is not cut off; that nobody drives the bus together or in neighbouring cycles; that nothing unknown is on a pin that counts.
`timescale 1ns / 1ps
`default_nettype none

module sdram_chip #(
    parameter integer ROW_BITS   = 13,
    parameter integer COL_BITS   = 9,
    parameter integer CLOCK_PS   = 12500,
    parameter integer T_POWER_UP = 200000000,
    parameter integer T_RCD      = 20000,
    parameter integer T_RP       = 20000,
    parameter integer T_RAS      = 44000,
    parameter integer T_RC       = 66000,
    parameter integer T_RFC      = 66000,
    parameter integer T_RRD      = 14000,
    parameter integer T_WR       = 15000,
    parameter integer T_AC       = 6000,        // of the CAS latency in use: a clock faster than this and T_SETUP is refused
    parameter integer MRD        = 2,           // cycles
    parameter integer REFRESHES  = 8192,
    parameter [63:0]  T_REF      = 64'd64000000000
) (
    input  wire        clk,
    input  wire        cke,
    input  wire        cs_n,
    input  wire        ras_n,
    input  wire        cas_n,
    input  wire        we_n,
    input  wire [1:0]  ba,
    input  wire [12:0] a,
    input  wire [1:0]  dqm,
    inout  wire [15:0] dq
);

    localparam integer WORDS    = 1 << (ROW_BITS + 2 + COL_BITS);
    localparam [63:0]  NEVER    = 64'd0;
    localparam integer T_SETUP  = 1500;
    localparam [63:0]  RAS_MOST = 64'd100000000;

    reg [15:0]         mem [0:WORDS-1];
    reg [63:0]         now = 64'd1000000000;    // so that what never was lies far behind
    reg [63:0]         woken = 64'd0;           // first edge with cke
    reg [63:0]         opened [0:3], closed [0:3], written [0:3], last_open, last_refresh, last_mode;
    reg [63:0]         refreshed [0:REFRESHES-1];
    integer            refreshes = 0, at_start = 0;
    reg [3:0]          open = 4'd0;
    reg [ROW_BITS-1:0] row [0:3];
    reg                precharged = 1'b0, ready = 1'b0;
    reg [2:0]          cas = 3'd0;
    integer            burst = 0;
    integer            i;

    // Words on their way out: shown[k] in k edges.
    reg [4:0]          shown = 5'd0;
    reg [15:0]         word [0:4];
    reg [1:0]          hidden;                  // dqm of the edge before
    reg                drives = 1'b0, drove = 1'b0;
    reg [15:0]         out;
    reg [1:0]          out_mask;
    assign dq[7:0]  = drives && !out_mask[0] ? out[7:0] : 8'hzz;
    assign dq[15:8] = drives && !out_mask[1] ? out[15:8] : 8'hzz;

    reg                reading = 1'b0, writing = 1'b0;
    reg [1:0]          bank;
    reg [COL_BITS-1:0] column;
    integer            left = 0;                // words of the burst that come after this edge

    task broken(input [8*60-1:0] rule);
        $fatal(1, "FAIL sdram_chip: %0s, %0d ps after power-up", rule, now - 64'd1000000000);
    endtask

    task since(input [63:0] then, input integer least, input [8*60-1:0] rule);
        if (now - then < 64'(least)) broken(rule);
    endtask

    function [ROW_BITS+2+COL_BITS-1:0] place(input [1:0] of_bank, input [COL_BITS-1:0] of_column);
        place = {row[of_bank], of_bank, of_column};
    endfunction

    // A burst stays in its block of columns.
    function [COL_BITS-1:0] after(input [COL_BITS-1:0] this_column);
        after = (this_column & ~(COL_BITS'(burst) - 1'b1)) | ((this_column + 1'b1) & (COL_BITS'(burst) - 1'b1));
    endfunction

    task idle_all;
        begin
            if (open != 4'd0) broken("a command for which all banks have to be closed");
            for (i = 0; i < 4; i = i + 1) since(closed[i], T_RP, "tRP");
            since(last_refresh, T_RFC, "tRFC");
            if (now - last_mode < 64'(MRD) * CLOCK_PS) broken("tMRD");
        end
    endtask

    task precharge(input [1:0] which);
        begin
            if (open[which]) begin
                since(opened[which], T_RAS, "tRAS");
                since(written[which], T_WR, "tWR");
            end
            if (left != 0 && bank == which) broken("a PRECHARGE cuts a burst off");
            if (open[which]) closed[which] = now;
            open[which] = 1'b0;
        end
    endtask

    task access(input is_write);
        begin
            if (!ready) broken("a READ or WRITE before the mode is set");
            if (!open[ba]) broken("a READ or WRITE to a closed bank");
            since(opened[ba], T_RCD, "tRCD");
            if (a[10]) broken("automatic precharge");
            if (left != 0) broken("a burst is interrupted");
            if (is_write && (shown != 5'd0 || drives || drove)) broken("a WRITE while the chip drives the bus or just did");
            reading = !is_write;
            writing = is_write;
            bank    = ba;
            column  = a[COL_BITS-1:0];
            left    = burst;
        end
    endtask

    task command;
        case ({ras_n, cas_n, we_n})
        3'b111: ;
        3'b011: begin
            if (!ready) broken("an ACTIVATE before the mode is set");
            if (open[ba]) broken("an ACTIVATE of an open bank");
            if (32'(a) >> ROW_BITS != 0) broken("a row that is not there");
            since(closed[ba], T_RP, "tRP");
            since(opened[ba], T_RC, "tRC");
            since(last_open, T_RRD, "tRRD");
            since(last_refresh, T_RFC, "tRFC");
            if (now - last_mode < 64'(MRD) * CLOCK_PS) broken("tMRD");
            open[ba]   = 1'b1;
            row[ba]    = a[ROW_BITS-1:0];
            opened[ba] = now;
            last_open  = now;
        end
        3'b101: access(1'b0);
        3'b100: access(1'b1);
        3'b010: begin
            since(last_refresh, T_RFC, "tRFC");
            if (a[10]) begin
                for (i = 0; i < 4; i = i + 1) precharge(i[1:0]);
                if (!precharged) for (i = 0; i < 4; i = i + 1) closed[i] = now;
                precharged = 1'b1;
            end else precharge(ba);
        end
        3'b001: begin
            if (!precharged) broken("a REFRESH before the first PRECHARGE of all banks");
            idle_all;
            last_refresh = now;
            at_start = at_start + 1;
            refreshed[refreshes % REFRESHES] = now;
            refreshes = refreshes + 1;
        end
        3'b000: begin
            idle_all;
            if (at_start < 2) broken("a mode before two REFRESH");
            if (ba != 2'd0 || a[12:7] != 6'd0 || a[3] || a[2:0] == 3'd0 || a[2:0] > 3'd3 || (a[6:4] != 3'd2 && a[6:4] != 3'd3)) broken("a mode that is not here");
            cas       = a[6:4];
            burst     = 1 << a[2:0];
            last_mode = now;
            if (!ready) for (i = 0; i < REFRESHES; i = i + 1) refreshed[i] = now;
            ready = 1'b1;
        end
        default: broken("BURST STOP");
        endcase
    endtask

    initial begin
        if (CLOCK_PS < T_AC + T_SETUP) broken("the clock is too fast for the chip");
        for (i = 0; i < 4; i = i + 1) begin opened[i] = NEVER; closed[i] = NEVER; written[i] = NEVER; end
        last_open = NEVER; last_refresh = NEVER; last_mode = NEVER;
    end

    always @(posedge clk) if (cke === 1'b1) begin : edge_of_clock
        reg drives_now;
        now = now + 64'(CLOCK_PS);
        if (woken == 64'd0) woken = now;
        if (^{cs_n, ras_n, cas_n, we_n} === 1'bx) broken("a command pin is unknown");
        if (!cs_n && {ras_n, cas_n, we_n} != 3'b111) begin
            if (now - woken < 64'(T_POWER_UP)) broken("a command before the end of the power-up");
            if (^{ba, a} === 1'bx && ({ras_n, cas_n, we_n} == 3'b011 || {cas_n, we_n} == 2'b00 || {cas_n, we_n} == 2'b01))
                if ({ras_n, cas_n, we_n} != 3'b001) broken("an address pin is unknown");
            command;
        end
        if (ready && now - refreshed[refreshes % REFRESHES] > T_REF) broken("a row has not been refreshed in time");
        for (i = 0; i < 4; i = i + 1) if (open[i] && now - opened[i] > RAS_MOST) broken("the maximum of tRAS");

        // The word of this edge.
        if (left != 0 && writing) begin
            if (drives) broken("both sides drive the bus");
            if (^dqm === 1'bx) broken("a mask is unknown");
            if ((!dqm[0] && ^dq[7:0] === 1'bx) || (!dqm[1] && ^dq[15:8] === 1'bx)) broken("a written word is unknown");
            if (!dqm[0]) mem[place(bank, column)][7:0]  = dq[7:0];
            if (!dqm[1]) mem[place(bank, column)][15:8] = dq[15:8];
            written[bank] = now;
        end
        // What is shown from this edge on; dqm hides it two edges later.
        drives_now = shown[0];
        out        <= word[0];
        out_mask   <= hidden;
        hidden     = dqm;
        for (i = 0; i < 4; i = i + 1) word[i] = word[i+1];
        shown = shown >> 1;
        if (left != 0 && reading) begin
            if (cas == 3'd2) begin shown[0] = 1'b1; word[0] = mem[place(bank, column)]; end
            else             begin shown[1] = 1'b1; word[1] = mem[place(bank, column)]; end
        end
        if (left != 0) begin
            column = after(column);
            left   = left - 1;
        end
        drove  = drives;
        drives <= drives_now;
    end

endmodule

`default_nettype wire
