// Device memory in block RAM behind an AXI4 slave, for weft_chip: BEATS beats, repeated through all addresses.
//
// One burst at a time each way, INCR, full beats, never an error.  Read data comes three cycles after the address and
// then every cycle; who reads takes it at once (rready is not looked at, as bready is not).

`default_nettype none

module weft_chip_memory #(
    parameter integer MEM_BYTES = 8,
    parameter integer BEATS     = 512           // a power of two
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire                   arvalid,
    output wire                   arready,
    input  wire [31:0]            araddr,
    input  wire [7:0]             arlen,
    output reg                    rvalid,
    output reg  [8*MEM_BYTES-1:0] rdata,
    output reg                    rlast,

    input  wire                   awvalid,
    output wire                   awready,
    input  wire [31:0]            awaddr,
    input  wire                   wvalid,
    output wire                   wready,
    input  wire [8*MEM_BYTES-1:0] wdata,
    input  wire [MEM_BYTES-1:0]   wstrb,
    input  wire                   wlast,
    output reg                    bvalid
);

    localparam integer AW = $clog2(BEATS);
    localparam integer BW = $clog2(MEM_BYTES);

    (* no_rw_check *)
    reg [8*MEM_BYTES-1:0] mem [0:BEATS-1];

    // Reads: the address, the memory, a register.
    reg                   reads, read_1, last_1;
    reg [AW-1:0]          read_at;
    reg [7:0]             left;
    reg [8*MEM_BYTES-1:0] data_1;
    assign arready = !reads;
    always @(posedge clk) begin
        rdata <= data_1;
        {rvalid, rlast} <= {read_1, last_1};
        data_1 <= mem[read_at];
        {read_1, last_1} <= {reads, reads && left == 8'd0};
        if (reads) begin
            read_at <= read_at + 1'b1;
            left <= left - 8'd1;
            reads <= left != 8'd0;
        end else if (arvalid) begin
            read_at <= araddr[BW +: AW];
            left <= arlen;
            reads <= 1'b1;
        end
        if (rst) {reads, read_1, rvalid} <= 3'b000;
    end

    // Writes, a byte where its strobe says so.
    reg          writes;
    reg [AW-1:0] write_at;
    assign awready = !writes && !bvalid;
    assign wready  = writes;
    integer b;
    always @(posedge clk) begin
        bvalid <= 1'b0;
        if (writes) begin
            if (wvalid) begin
                for (b = 0; b < MEM_BYTES; b = b + 1)
                    if (wstrb[b]) mem[write_at][8*b +: 8] <= wdata[8*b +: 8];
                write_at <= write_at + 1'b1;
                writes <= !wlast;
                bvalid <= wlast;
            end
        end else if (awvalid && !bvalid) begin
            write_at <= awaddr[BW +: AW];
            writes <= 1'b1;
        end
        if (rst) {writes, bvalid} <= 2'b00;
    end

    wire unused = &{1'b0, araddr, awaddr};
endmodule

`default_nettype wire
