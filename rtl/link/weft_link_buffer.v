// Data of two memory packets, in two halves of LINK_DATA bytes, in words of MEM_BYTES: one write
// and one read per cycle.
//
// get_data shows word get_word from the cycle after get_valid on and holds it until the next get.
// A word that is put and got in the same cycle is undefined.  Not reset.

`default_nettype none

module weft_link_buffer #(
    parameter  integer MEM_BYTES = weft_isa::MEM_BYTES,        // a power of two, 4..32
    parameter  integer LINK_DATA = weft_isa::LINK_DATA,        // a power of two, 32*MEM_BYTES..8192
    localparam integer WORDS     = 2 * LINK_DATA / MEM_BYTES,
    localparam integer BUFFER_W  = $clog2(WORDS)
) (
    input  wire                   clk,
    input  wire                   put_valid,
    input  wire [BUFFER_W-1:0]    put_word,
    input  wire [8*MEM_BYTES-1:0] put_data,
    input  wire                   get_valid,
    input  wire [BUFFER_W-1:0]    get_word,
    output reg  [8*MEM_BYTES-1:0] get_data
);

    reg [8*MEM_BYTES-1:0] ram [0:WORDS-1];

    always @(posedge clk) begin
        if (put_valid)
            ram[put_word] <= put_data;
        if (get_valid)
            get_data <= ram[get_word];
    end

endmodule

`default_nettype wire
