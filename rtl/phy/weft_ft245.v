// An FTDI FIFO chip as a byte stream: FT232H, FT2232H (WORD_BYTES 1), FT600 (2), FT601 (4).
//
//     pins <-> weft_ft245_bus --------------> weft_gearbox -> weft_cdc_fifo -> rx      chip's clock left of weft_cdc_fifo, `clk` right of
//                             <- weft_packets <- weft_gearbox <- weft_cdc_fifo <- tx      it; the gearboxes on the side of the narrower words
//
// The stream is STREAM_BYTES wide: a word holds rx_bytes (tx_bytes) bytes, 1 to STREAM_BYTES, in its low places.  With one byte a word it is
// what weft_top takes; both counts are 1 then.  The wire is used fully when clk times STREAM_BYTES is at least the chip's clock times
// WORD_BYTES.  rx words are full unless the host's transfer ended or nothing followed for RX_LINGER
// cycles.
//
// PACKET_BYTES, if not 0: what is sent waits until that many bytes are there or none follow for a while (weft_packets.v).  The FT600 and
// FT601 need it: the size of a packet on USB, 1024 (SuperSpeed) or 512 (high speed).
//
// The pins are those of the chip, without the pads: `ft_drive` switches the drivers of data and byte enables.  ft_clk may stand still at any time;
// nothing is lost then.  `up` is low until both sides have left their reset.

`default_nettype none

module weft_ft245 #(
    parameter  integer WORD_BYTES   = 1,        // 1, 2 or 4
    parameter  integer STREAM_BYTES = 1,        // a power of two
    parameter  integer PACKET_BYTES = WORD_BYTES == 1 ? 0 : 1024,
    parameter  integer TURN_WORDS   = 1024,
    parameter  integer FIFO_WORDS   = 512,      // in each direction, between the clocks: a slow stream goes on meanwhile the bus turns
    parameter  integer RX_LINGER    = 4,        // cycles, at least 1
    parameter  integer TX_LINGER    = 8,
    localparam integer BYTES_W      = $clog2(STREAM_BYTES + 1)
) (
    input  wire                      clk,
    input  wire                      rst,
    output wire                      up,

    output wire                      rx_valid,
    input  wire                      rx_ready,
    output wire [8*STREAM_BYTES-1:0] rx_data,
    output wire [BYTES_W-1:0]        rx_bytes,
    input  wire                      tx_valid,
    output wire                      tx_ready,
    input  wire [8*STREAM_BYTES-1:0] tx_data,
    input  wire [BYTES_W-1:0]        tx_bytes,

    input  wire                      ft_clk,
    input  wire                      ft_rxf_n,
    input  wire                      ft_txe_n,
    output wire                      ft_oe_n,
    output wire                      ft_rd_n,
    output wire                      ft_wr_n,
    output wire                      ft_siwu_n,
    output wire                      ft_drive,
    input  wire [8*WORD_BYTES-1:0]   ft_data_in,
    input  wire [WORD_BYTES-1:0]     ft_be_in,
    output wire [8*WORD_BYTES-1:0]   ft_data_out,
    output wire [WORD_BYTES-1:0]     ft_be_out
);

    generate
        if (WORD_BYTES != 1 && WORD_BYTES != 2 && WORD_BYTES != 4) begin : g_word_bytes
            WORD_BYTES_is_not_1_2_or_4 u_refused ();
        end
        if (STREAM_BYTES < 1 || (STREAM_BYTES & (STREAM_BYTES - 1)) != 0) begin : g_stream_bytes
            STREAM_BYTES_is_no_power_of_two u_refused ();
        end
        if (PACKET_BYTES % WORD_BYTES != 0) begin : g_packet_bytes
            PACKET_BYTES_is_no_multiple_of_WORD_BYTES u_refused ();
        end
    endgenerate

    // A word and its number of bytes: of the bus, of the stream, and the wider of both between the clocks.
    localparam integer WIDE   = WORD_BYTES > STREAM_BYTES ? WORD_BYTES : STREAM_BYTES;
    localparam integer WORD_W = $clog2(WORD_BYTES + 1), WIDE_W = $clog2(WIDE + 1);
    localparam integer DATA   = 8 * WORD_BYTES, WIDTH = DATA + WORD_W, WIDE_DATA = 8 * WIDE, WIDE_WIDTH = WIDE_DATA + WIDE_W;

    wire clk_rst, ft_rst;
    weft_cdc_reset u_cdc_reset (.clk(clk), .rst(rst), .clk_rst(clk_rst), .other_clk(ft_clk), .other_rst(ft_rst));
    assign up = !clk_rst;

    // The bus.
    wire                  in_valid, in_ready, out_valid, out_ready;
    wire [DATA-1:0]       in_data;
    wire [WORD_BYTES-1:0] in_be, out_be;
    reg  [WORD_W-1:0]     in_bytes;
    wire [DATA-1:0]       out_data;

    weft_ft245_bus #(.WORD_BYTES(WORD_BYTES), .TURN_WORDS(TURN_WORDS)) u_bus (
        .clk(ft_clk), .rst(ft_rst), .rxf_n(ft_rxf_n), .txe_n(ft_txe_n), .oe_n(ft_oe_n), .rd_n(ft_rd_n), .wr_n(ft_wr_n),
        .siwu_n(ft_siwu_n), .drive(ft_drive), .data_in(ft_data_in), .be_in(ft_be_in), .data_out(ft_data_out), .be_out(ft_be_out),
        .rx_valid(in_valid), .rx_ready(in_ready), .rx_data(in_data), .rx_be(in_be),
        .tx_valid(out_valid), .tx_ready(out_ready), .tx_data(out_data), .tx_be(out_be));

    // Words wait for a packet, their bytes already as the bus tells them.
    wire                  narrow, narrow_ready;
    wire [WIDTH-1:0]      narrow_word;
    reg  [WORD_BYTES-1:0] narrow_be;
    integer i;
    always @(*) begin
        in_bytes = {WORD_W{1'b0}};
        for (i = 0; i < WORD_BYTES; i = i + 1) begin
            if (in_be[i]) in_bytes = WORD_W'(i + 1);
            narrow_be[i] = {{32-WORD_W{1'b0}}, narrow_word[WIDTH-1 -: WORD_W]} > i;
        end
    end
    generate
        if (PACKET_BYTES > WORD_BYTES) begin : g_packets
            weft_packets #(.WIDTH(9 * WORD_BYTES), .PACKET_WORDS(PACKET_BYTES / WORD_BYTES)) u_packets (
                .clk(ft_clk), .rst(ft_rst), .in_valid(narrow), .in_ready(narrow_ready), .in_data({narrow_be, narrow_word[DATA-1:0]}),
                .out_valid(out_valid), .out_ready(out_ready), .out_data({out_be, out_data}));
        end else begin : g_no_packets
            assign out_valid    = narrow;
            assign narrow_ready = out_ready;
            assign {out_be, out_data} = {narrow_be, narrow_word[DATA-1:0]};
        end
    endgenerate

    // Across.
    wire                  rx_put, rx_put_ready, rx_got, rx_got_ready, tx_put, tx_put_ready, tx_got, tx_got_ready;
    wire [WIDE_WIDTH-1:0] rx_put_word, rx_got_word, tx_put_word, tx_got_word;

    weft_cdc_fifo #(.WIDTH(WIDE_WIDTH), .DEPTH(FIFO_WORDS)) u_rx_fifo (
        .wr_clk(ft_clk), .wr_rst(ft_rst), .wr_valid(rx_put), .wr_ready(rx_put_ready), .wr_data(rx_put_word),
        .rd_clk(clk), .rd_rst(clk_rst), .rd_valid(rx_got), .rd_ready(rx_got_ready), .rd_data(rx_got_word));
    weft_cdc_fifo #(.WIDTH(WIDE_WIDTH), .DEPTH(FIFO_WORDS)) u_tx_fifo (
        .wr_clk(clk), .wr_rst(clk_rst), .wr_valid(tx_put), .wr_ready(tx_put_ready), .wr_data(tx_put_word),
        .rd_clk(ft_clk), .rd_rst(ft_rst), .rd_valid(tx_got), .rd_ready(tx_got_ready), .rd_data(tx_got_word));

    // From the width of the bus to that of the stream.  In reset nothing is taken.
    wire give = tx_valid && !clk_rst;
    generate
        if (WORD_BYTES < STREAM_BYTES) begin : g_at_the_bus
            weft_gearbox #(.IN_BYTES(WORD_BYTES), .OUT_BYTES(WIDE), .LINGER(RX_LINGER)) u_rx_gearbox (
                .clk(ft_clk), .rst(ft_rst), .in_valid(in_valid), .in_ready(in_ready), .in_data(in_data), .in_bytes(in_bytes),
                .out_valid(rx_put), .out_ready(rx_put_ready), .out_data(rx_put_word[WIDE_DATA-1:0]), .out_bytes(rx_put_word[WIDE_WIDTH-1 -: WIDE_W]));
            weft_gearbox #(.IN_BYTES(WIDE), .OUT_BYTES(WORD_BYTES), .LINGER(TX_LINGER)) u_tx_gearbox (
                .clk(ft_clk), .rst(ft_rst), .in_valid(tx_got), .in_ready(tx_got_ready), .in_data(tx_got_word[WIDE_DATA-1:0]),
                .in_bytes(tx_got_word[WIDE_WIDTH-1 -: WIDE_W]),
                .out_valid(narrow), .out_ready(narrow_ready), .out_data(narrow_word[DATA-1:0]), .out_bytes(narrow_word[WIDTH-1 -: WORD_W]));
            assign rx_valid     = rx_got;
            assign rx_got_ready = rx_ready;
            assign {rx_bytes, rx_data} = rx_got_word;
            assign tx_put       = give;
            assign tx_ready     = tx_put_ready && !clk_rst;
            assign tx_put_word  = {tx_bytes, tx_data};
        end else begin : g_at_the_stream
            wire gear_ready;
            assign rx_put      = in_valid;
            assign in_ready    = rx_put_ready;
            assign rx_put_word = {in_bytes, in_data};
            assign narrow       = tx_got;
            assign tx_got_ready = narrow_ready;
            assign narrow_word  = tx_got_word;
            assign tx_ready     = gear_ready && !clk_rst;
            if (WORD_BYTES == 1) begin : g_bytes
                assign rx_valid     = rx_got;
                assign rx_got_ready = rx_ready;
                assign {rx_bytes, rx_data} = rx_got_word;
                assign tx_put       = give;
                assign gear_ready   = tx_put_ready;
                assign tx_put_word  = {tx_bytes, tx_data};
            end else begin : g_words
                weft_gearbox #(.IN_BYTES(WIDE), .OUT_BYTES(STREAM_BYTES), .LINGER(RX_LINGER)) u_rx_gearbox (
                    .clk(clk), .rst(clk_rst), .in_valid(rx_got), .in_ready(rx_got_ready), .in_data(rx_got_word[WIDE_DATA-1:0]),
                    .in_bytes(rx_got_word[WIDE_WIDTH-1 -: WIDE_W]),
                    .out_valid(rx_valid), .out_ready(rx_ready), .out_data(rx_data), .out_bytes(rx_bytes));
                weft_gearbox #(.IN_BYTES(STREAM_BYTES), .OUT_BYTES(WIDE), .LINGER(TX_LINGER)) u_tx_gearbox (
                    .clk(clk), .rst(clk_rst), .in_valid(give), .in_ready(gear_ready), .in_data(tx_data), .in_bytes(tx_bytes),
                    .out_valid(tx_put), .out_ready(tx_put_ready), .out_data(tx_put_word[WIDE_DATA-1:0]),
                    .out_bytes(tx_put_word[WIDE_WIDTH-1 -: WIDE_W]));
            end
        end
    endgenerate

endmodule

`default_nettype wire
