// AXI4 memory for benches: in order, with random latency, random stalls and a range that answers with errors.
//
// Bursts INCR of full beats.  A read is answered latency + 0..jitter cycles after it was taken, beat by beat;
// every channel is held up in stall of 100 cycles.  Beats in [err_base, err_limit) get SLVERR and are not
// written.  The variables latency, jitter, stall and seed may be set by the bench at any time; bytes
// are in mem[], read and write bursts are counted.  Ends the run when the master breaks a rule:
// a request changes while it waits, a burst crosses 16 beats or leaves SIZE, wlast is in the wrong place.

`timescale 1ns / 1ps
`default_nettype none

module axi_mem #(
    parameter integer MEM_BYTES = 16,
    parameter integer SIZE      = 65536,
    parameter integer LATENCY   = 8,
    parameter integer JITTER    = 8,
    parameter integer STALL     = 25,
    parameter integer SEED      = 1
) (
    input  wire                   clk,
    input  wire                   rst,
    input  wire [31:0]            err_base,
    input  wire [31:0]            err_limit,
    input  wire                   arvalid,
    output reg                    arready,
    input  wire [31:0]            araddr,
    input  wire [7:0]             arlen,
    input  wire [2:0]             arsize,
    input  wire [1:0]             arburst,
    output reg                    rvalid,
    input  wire                   rready,
    output reg  [8*MEM_BYTES-1:0] rdata,
    output reg  [1:0]             rresp,
    output reg                    rlast,
    input  wire                   awvalid,
    output reg                    awready,
    input  wire [31:0]            awaddr,
    input  wire [7:0]             awlen,
    input  wire [2:0]             awsize,
    input  wire [1:0]             awburst,
    input  wire                   wvalid,
    output reg                    wready,
    input  wire [8*MEM_BYTES-1:0] wdata,
    input  wire [MEM_BYTES-1:0]   wstrb,
    input  wire                   wlast,
    output reg                    bvalid,
    input  wire                   bready,
    output reg  [1:0]             bresp
);

    localparam integer QUEUE = 256;             // requests and written beats that fit

    reg [7:0] mem [0:SIZE-1];
    integer   latency = LATENCY, jitter = JITTER, stall = STALL, seed = SEED;
    integer   read_bursts = 0, write_bursts = 0, cycle = 0;

    reg [31:0]            ar_addr [0:QUEUE-1], aw_addr [0:QUEUE-1];
    integer               ar_len [0:QUEUE-1], ar_due [0:QUEUE-1], aw_len [0:QUEUE-1], b_due [0:QUEUE-1];
    reg [8*MEM_BYTES-1:0] w_data [0:QUEUE-1];
    reg [MEM_BYTES-1:0]   w_strb [0:QUEUE-1];
    reg                   w_last [0:QUEUE-1], b_error [0:QUEUE-1];
    integer ar_in = 0, ar_out = 0, r_beat = 0, aw_in = 0, aw_out = 0, w_in = 0, w_out = 0, w_beat = 0;
    integer b_in = 0, b_out = 0, i;
    reg     w_bad = 1'b0;
    reg [31:0] at;

    function go(input integer unused);
        go = $unsigned($random(seed)) % 100 >= stall;
    endfunction

    function integer due_after(input integer unused);
        due_after = cycle + latency + (jitter > 0 ? $unsigned($random(seed)) % (jitter + 1) : 0);
    endfunction

    function is_bad(input [31:0] addr);
        is_bad = addr >= err_base && addr < err_limit;
    endfunction

    task check_burst(input [31:0] addr, input [7:0] len, input [2:0] size, input [1:0] burst);
        begin
            if (burst != 2'b01 || (1 << size) != MEM_BYTES || addr % MEM_BYTES != 0 || len > 15
                || addr / (16*MEM_BYTES) != (addr + len*MEM_BYTES) / (16*MEM_BYTES)
                || {1'b0, addr} + (len+1)*MEM_BYTES > SIZE)
                $fatal(1, "FAIL axi_mem: burst addr %h len %0d size %0d type %0d", addr, len, size, burst);
        end
    endtask

    // Requests hold until they are taken.
    reg                   ar_wait = 1'b0, aw_wait = 1'b0, w_wait = 1'b0;
    reg [39:0]            ar_was, aw_was;
    reg [9*MEM_BYTES:0]   w_was;
    always @(posedge clk) begin
        ar_wait <= arvalid && !arready && !rst;
        aw_wait <= awvalid && !awready && !rst;
        w_wait  <= wvalid && !wready && !rst;
        ar_was  <= {araddr, arlen};
        aw_was  <= {awaddr, awlen};
        w_was   <= {wdata, wstrb, wlast};
        if (ar_wait && (!arvalid || ar_was !== {araddr, arlen})) $fatal(1, "FAIL axi_mem: AR did not hold");
        if (aw_wait && (!awvalid || aw_was !== {awaddr, awlen})) $fatal(1, "FAIL axi_mem: AW did not hold");
        if (w_wait && (!wvalid || w_was !== {wdata, wstrb, wlast})) $fatal(1, "FAIL axi_mem: W did not hold");
        if (rvalid && !rready) $fatal(1, "FAIL axi_mem: rready is low");
        if (bvalid && !bready) $fatal(1, "FAIL axi_mem: bready is low");
    end

    always @(posedge clk) begin : reads
        cycle   = cycle + 1;
        if (arvalid && arready && !rst) begin
            check_burst(araddr, arlen, arsize, arburst);
            ar_addr[ar_in % QUEUE] = araddr;
            ar_len[ar_in % QUEUE]  = arlen;
            ar_due[ar_in % QUEUE]  = due_after(0);
            ar_in       = ar_in + 1;
            read_bursts = read_bursts + 1;
        end
        arready <= go(0) && ar_in - ar_out < QUEUE - 2;
        rvalid  <= 1'b0;
        rdata   <= {8*MEM_BYTES{1'bx}};
        rlast   <= 1'bx;
        rresp   <= 2'bx;
        if (ar_out != ar_in && ar_due[ar_out % QUEUE] <= cycle && go(0)) begin
            at = ar_addr[ar_out % QUEUE] + r_beat * MEM_BYTES;
            for (i = 0; i < MEM_BYTES; i = i + 1) rdata[8*i +: 8] <= mem[at + i];
            rvalid <= 1'b1;
            rresp  <= is_bad(at) ? 2'b10 : 2'b00;
            rlast  <= r_beat == ar_len[ar_out % QUEUE];
            if (r_beat == ar_len[ar_out % QUEUE]) begin
                r_beat = 0;
                ar_out = ar_out + 1;
            end else begin
                r_beat = r_beat + 1;
            end
        end
        if (rst) begin
            arready <= 1'b0;
            rvalid  <= 1'b0;
        end
    end

    always @(posedge clk) begin : writes
        if (awvalid && awready && !rst) begin
            check_burst(awaddr, awlen, awsize, awburst);
            aw_addr[aw_in % QUEUE] = awaddr;
            aw_len[aw_in % QUEUE]  = awlen;
            aw_in        = aw_in + 1;
            write_bursts = write_bursts + 1;
        end
        if (wvalid && wready && !rst) begin
            w_data[w_in % QUEUE] = wdata;
            w_strb[w_in % QUEUE] = wstrb;
            w_last[w_in % QUEUE] = wlast;
            w_in = w_in + 1;
        end
        awready <= go(0) && aw_in - aw_out < QUEUE - 2;
        wready  <= go(0) && w_in - w_out < QUEUE - 2;
        if (aw_out != aw_in && w_out != w_in) begin
            at = aw_addr[aw_out % QUEUE] + w_beat * MEM_BYTES;
            if (is_bad(at)) w_bad = 1'b1;
            else for (i = 0; i < MEM_BYTES; i = i + 1)
                if (w_strb[w_out % QUEUE][i]) mem[at + i] = w_data[w_out % QUEUE][8*i +: 8];
            if (w_last[w_out % QUEUE] !== (w_beat == aw_len[aw_out % QUEUE]))
                $fatal(1, "FAIL axi_mem: wlast in beat %0d of %0d", w_beat, aw_len[aw_out % QUEUE]);
            w_beat = w_beat + 1;
            if (w_last[w_out % QUEUE]) begin
                b_due[b_in % QUEUE]   = due_after(0);
                b_error[b_in % QUEUE] = w_bad;
                b_in   = b_in + 1;
                aw_out = aw_out + 1;
                w_beat = 0;
                w_bad  = 1'b0;
            end
            w_out = w_out + 1;
        end
        bvalid <= 1'b0;
        bresp  <= 2'bx;
        if (b_out != b_in && b_due[b_out % QUEUE] <= cycle && go(0)) begin
            bvalid <= 1'b1;
            bresp  <= b_error[b_out % QUEUE] ? 2'b10 : 2'b00;
            b_out  = b_out + 1;
        end
        if (rst) begin
            awready <= 1'b0;
            wready  <= 1'b0;
            bvalid  <= 1'b0;
        end
    end

endmodule

`default_nettype wire
