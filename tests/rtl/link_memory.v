// Memory behind the two memory clients of weft_link: random pauses everywhere, errors above
// GOOD_BYTES.
//
// A beat at or above GOOD_BYTES is answered with an error; a write burst that holds one ends with
// an error, its other beats are written.  Ends the run if the rules of the clients are broken:
// alignment, bursts of 1..16 beats inside a multiple of 16*MEM_BYTES, inside MEM_SIZE, requests
// that hold.
`timescale 1ns / 1ps
`default_nettype none
module link_memory #(
    parameter integer MEM_BYTES  = 16,
    parameter integer MEM_SIZE   = 8448,
    parameter integer GOOD_BYTES = 8192
) (
    input  wire                   clk,
    input  wire                   rst,
    input  wire                   rd_req_valid,
    output reg                    rd_req_ready,
    input  wire [31:0]            rd_req_addr,
    input  wire [4:0]             rd_req_beats,
    output reg                    rd_rsp_valid,
    output reg  [8*MEM_BYTES-1:0] rd_rsp_data,
    output reg                    rd_rsp_error,
    input  wire                   wr_req_valid,
    output reg                    wr_req_ready,
    input  wire [31:0]            wr_req_addr,
    input  wire [4:0]             wr_req_beats,
    input  wire                   wr_data_valid,
    output reg                    wr_data_ready,
    input  wire [8*MEM_BYTES-1:0] wr_data,
    input  wire [MEM_BYTES-1:0]   wr_strb,
    output reg                    wr_done,
    output reg                    wr_done_error,
    output integer                bursts
);
    reg  [7:0]  memory [0:MEM_SIZE-1];
    reg  [31:0] read_at [0:7];                                 // bursts accepted
    reg  [4:0]  read_left [0:7];
    reg  [31:0] write_at;
    reg  [4:0]  write_left;
    reg         write_bad;
    integer     read_head, read_tail, owed_good, owed_bad, seed, b;
    reg         rd_held, wr_held;
    reg  [36:0] rd_was, wr_was;

    initial begin
        seed = 99; read_head = 0; read_tail = 0; owed_good = 0; owed_bad = 0; write_left = 0; bursts = 0;
        rd_held = 0; wr_held = 0;
        for (b = 0; b < MEM_SIZE; b = b + 1) memory[b] = 8'd0;
    end

    task check(input [31:0] addr, input [4:0] beats);
        if (addr % MEM_BYTES != 0 || beats < 1 || beats > 16 || addr + beats*MEM_BYTES > MEM_SIZE ||
            addr / (16*MEM_BYTES) != (addr + beats*MEM_BYTES - 1) / (16*MEM_BYTES))
            $fatal(1, "FAIL link_memory: burst of %0d beats at %h", beats, addr);
    endtask

    // A request once shown stays as it is until it is accepted.
    always @(posedge clk) if (!rst) begin
        if ((rd_held && (!rd_req_valid || rd_was !== {rd_req_addr, rd_req_beats})) ||
            (wr_held && (!wr_req_valid || wr_was !== {wr_req_addr, wr_req_beats})))
            $fatal(1, "FAIL link_memory: a request does not hold");
        rd_held = rd_req_valid && !rd_req_ready;
        wr_held = wr_req_valid && !wr_req_ready;
        rd_was  = {rd_req_addr, rd_req_beats};
        wr_was  = {wr_req_addr, wr_req_beats};
    end

    always @(posedge clk) begin
        if (rd_req_valid && rd_req_ready) begin
            check(rd_req_addr, rd_req_beats);
            bursts = bursts + 1;
            read_at[read_tail % 8]   = rd_req_addr;
            read_left[read_tail % 8] = rd_req_beats;
            read_tail = read_tail + 1;
        end
        if (wr_data_valid && wr_data_ready) begin
            if (write_left == 0) $fatal(1, "FAIL link_memory: data without a request");
            for (b = 0; b < MEM_BYTES; b = b + 1)
                if (wr_strb[b]) memory[write_at + b] = wr_data[8*b +: 8];
            write_bad  = write_bad || write_at >= GOOD_BYTES;
            write_at   = write_at + MEM_BYTES;
            write_left = write_left - 1;
            if (write_left == 0 && write_bad) owed_bad = owed_bad + 1;
            if (write_left == 0 && !write_bad) owed_good = owed_good + 1;
        end
        if (wr_req_valid && wr_req_ready) begin
            check(wr_req_addr, wr_req_beats);
            if (write_left != 0) $fatal(1, "FAIL link_memory: a request before the data of the last");
            bursts = bursts + 1;
            write_at = wr_req_addr; write_left = wr_req_beats; write_bad = 0;
        end
    end

    always @(negedge clk) begin
        rd_req_ready  = read_tail - read_head < 7 && ($random(seed) & 1) != 0;
        wr_req_ready  = ($random(seed) & 1) != 0;
        wr_data_ready = ($random(seed) & 3) != 0;
        wr_done       = 0;
        wr_done_error = $random(seed);
        if (owed_good + owed_bad != 0 && ($random(seed) & 7) == 0) begin
            wr_done = 1;
            wr_done_error = owed_bad != 0;
            if (owed_bad != 0) owed_bad = owed_bad - 1; else owed_good = owed_good - 1;
        end
        rd_rsp_valid = read_head != read_tail && ($random(seed) & 3) != 0;
        rd_rsp_error = $random(seed);
        rd_rsp_data  = {MEM_BYTES/4{$random(seed)}};
        if (rd_rsp_valid) begin
            rd_rsp_error = read_at[read_head % 8] >= GOOD_BYTES;
            for (b = 0; b < MEM_BYTES; b = b + 1)
                rd_rsp_data[8*b +: 8] = memory[read_at[read_head % 8] + b];
            read_at[read_head % 8]   = read_at[read_head % 8] + MEM_BYTES;
            read_left[read_head % 8] = read_left[read_head % 8] - 1;
            if (read_left[read_head % 8] == 0) read_head = read_head + 1;
        end
    end
endmodule
`default_nettype wire
