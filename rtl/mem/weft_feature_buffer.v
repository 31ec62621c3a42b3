// The feature buffer: four banks that give any WORD_BYTES bytes each per cycle and take results in between.
//
// A bank is two RAMs, even and odd words, each with two ports.  "Bytes from (word, off)" are the
// bytes off.. of word followed by those of word + 1, modulo FB_WORDS.
//
// Port A, one read per bank and cycle, never refused: a_en[b], a_word, a_off in cycle t give the
// WORD_BYTES bytes from (a_word, a_off) on a_data in cycle t+3, kept until bank b is read again.  a_step is 1;
// with a_pair it may be any odd number, and a_later, kept likewise, has the bytes of word a_word + a_step from
// a_off on; then only bytes of these two words mean something.
//
// Port B, one access per bank and cycle; clients of different banks go side by side, in one bank
// the order is results, operand, store, load:
//   results  w_en: always taken.  Byte c goes to (w_word, w_off) + c where w_be[c].
//   operand  x_valid/x_ready: COLS bytes from (x_word, x_off), on x_rsp_data with x_rsp_valid four
//            cycles after it was taken; no way to refuse.
//   store    s_valid/s_ready: MEM_BYTES bytes, s_off a multiple of MEM_BYTES; answer as for operand.
//   load     l_valid/l_ready: MEM_BYTES bytes, l_off a multiple of MEM_BYTES.
// The ready of a client depends on the valid of those before it and on nothing else.
//
// What port B took in cycle t is seen by port B from cycle t+1 on, by port A from cycle t+2 on.  A byte
// read while it is written is undefined, other bytes of the same word are not.  The RAMs are not reset.
//
// b_clk, the clock of port B, is clk; it may stand still from the fifth cycle after the last access on (weft_gate.v).

`default_nettype none

module weft_feature_buffer #(
    parameter  integer ROWS       = weft_isa::ROWS,         // 4..32
    parameter  integer COLS       = weft_isa::COLS,         // 4..32
    parameter  integer FB_WORDS   = weft_isa::FB_WORDS,     // words of a bank, power of two >= 4
    parameter  integer MEM_BYTES  = weft_isa::MEM_BYTES,    // 4, 8, 16, 32
    localparam integer CELLS_MAX  = ROWS > COLS ? ROWS : COLS,
    localparam integer WORD_BYTES = 1 << $clog2(CELLS_MAX > MEM_BYTES ? CELLS_MAX : MEM_BYTES),
    localparam integer AW         = $clog2(FB_WORDS),
    localparam integer OW         = $clog2(WORD_BYTES)
) (
    input  wire                      clk,
    input  wire                      b_clk,
    input  wire                      rst,

    input  wire [3:0]                a_en,
    input  wire [4*AW-1:0]           a_word,
    input  wire [4*OW-1:0]           a_off,
    input  wire                      a_pair,
    input  wire [AW-1:0]             a_step,
    output reg  [4*8*WORD_BYTES-1:0] a_data,
    output reg  [4*8*COLS-1:0]       a_later,

    input  wire                      w_en,
    input  wire [1:0]                w_bank,
    input  wire [AW-1:0]             w_word,
    input  wire [OW-1:0]             w_off,
    input  wire [COLS-1:0]           w_be,
    input  wire [8*COLS-1:0]         w_data,

    input  wire                      x_valid,
    output wire                      x_ready,
    input  wire [1:0]                x_bank,
    input  wire [AW-1:0]             x_word,
    input  wire [OW-1:0]             x_off,
    output reg                       x_rsp_valid,
    output reg  [8*COLS-1:0]         x_rsp_data,

    input  wire                      s_valid,
    output wire                      s_ready,
    input  wire [1:0]                s_bank,
    input  wire [AW-1:0]             s_word,
    input  wire [OW-1:0]             s_off,
    output reg                       s_rsp_valid,
    output reg  [8*MEM_BYTES-1:0]    s_rsp_data,

    input  wire                      l_valid,
    output wire                      l_ready,
    input  wire [1:0]                l_bank,
    input  wire [AW-1:0]             l_word,
    input  wire [OW-1:0]             l_off,
    input  wire [8*MEM_BYTES-1:0]    l_data
);

    localparam integer W       = WORD_BYTES;
    localparam [OW-1:0] BEAT_OFF = OW'(MEM_BYTES - 1);      // offset bits inside a memory beat

`ifndef SYNTHESIS
    initial begin
        if (FB_WORDS < 4 || FB_WORDS != 1 << AW) $fatal(1, "%m: FB_WORDS must be a power of two, at least 4");
        if (MEM_BYTES < 4 || MEM_BYTES != 1 << $clog2(MEM_BYTES)) $fatal(1, "%m: MEM_BYTES must be 4, 8, 16 or 32");
    end
`endif

    // The W bytes from byte off of the word at hand on: odd_first says in which half that word lies.  In two cycles: first
    // the half is chosen, byte by byte where it lies, then the bytes are turned.  Simulation does all in the first.
    function automatic [8*W-1:0] chosen(input [8*W-1:0] even, input [8*W-1:0] odd, input odd_first, input [OW-1:0] off);
`ifdef SYNTHESIS
        reg [31:0]     i;
        for (i = 0; i < W; i = i + 1)
            chosen[8*i +: 8] = odd_first != (i < {{32-OW{1'b0}}, off}) ? odd[8*i +: 8] : even[8*i +: 8];
`else
        reg [16*W-1:0] pair;
        begin
            pair = odd_first ? {even, odd} : {odd, even};
            chosen = pair[{1'b0, off, 3'd0} +: 8*W];
        end
`endif
    endfunction

    /* verilator lint_off UNUSEDSIGNAL */
    function automatic [8*W-1:0] turned(input [8*W-1:0] bytes, input [OW-1:0] off);
`ifdef SYNTHESIS
        reg [16*W-1:0] twice;
        begin
            twice = {bytes, bytes};
            turned = twice[{1'b0, off, 3'd0} +: 8*W];
        end
`else
        turned = bytes;
`endif
    endfunction
    /* verilator lint_on UNUSEDSIGNAL */

    // Byte i goes to place (i + off) mod W: what of it belongs to the next word lies below off.
    function automatic [8*W-1:0] turned_data(input [8*W-1:0] bytes, input [OW-1:0] off);
        reg [16*W-1:0] twice;
        begin
            twice       = {bytes, bytes};
            turned_data = twice[{(OW+1)'(W) - {1'b0, off}, 3'd0} +: 8*W];
        end
    endfunction

    function automatic [2*W-1:0] moved_be(input [W-1:0] be, input [OW-1:0] off);
        moved_be = {{W{1'b0}}, be} << off;
    endfunction

    // RAM word of (word, off) in the even and in the odd half: the even one is the next if word is odd.
    function automatic [AW-2:0] even_addr(input [AW-1:0] word);
        even_addr = word[AW-1:1] + {{AW-2{1'b0}}, word[0]};
    endfunction

    // ---- Port B: who goes

    wire x_blocked = w_en && w_bank == x_bank;
    wire s_blocked = (w_en && w_bank == s_bank) || (x_valid && x_bank == s_bank);
    wire l_blocked = (w_en && w_bank == l_bank) || (x_valid && x_bank == l_bank) || (s_valid && s_bank == l_bank);
    wire x_take    = x_valid && !x_blocked;
    wire s_take    = s_valid && !s_blocked;
    wire l_take    = l_valid && !l_blocked;

    assign x_ready = !x_blocked;
    assign s_ready = !s_blocked;
    assign l_ready = !l_blocked;

    // ---- Port B: one access register per bank.  Even and odd half get the same data.

    reg [3:0]     b_even_en, b_odd_en, b_write;
    (* mem2reg *) reg [AW-2:0]  b_even_addr [0:3];
    (* mem2reg *) reg [AW-2:0]  b_odd_addr  [0:3];
    (* mem2reg *) reg [W-1:0]   b_even_be   [0:3];
    (* mem2reg *) reg [W-1:0]   b_odd_be    [0:3];
    (* mem2reg *) reg [8*W-1:0] b_wdata     [0:3];

    wire [2*W-1:0] w_moved_be = moved_be(W'(w_be), w_off);
    wire           w_lo       = |w_moved_be[W-1:0];
    wire           w_hi       = |w_moved_be[2*W-1:W];
    wire           x_hi       = {1'b0, x_off} > (OW+1)'(W - COLS);      // the read goes on in the next word
    wire [W-1:0]   l_be       = W'({MEM_BYTES{1'b1}}) << (l_off & ~BEAT_OFF);

    always @(posedge b_clk) begin
        b_even_en <= 4'd0;
        b_odd_en  <= 4'd0;
        if (!rst) begin
            if (w_en) begin
                b_even_en[w_bank]   <= w_word[0] ? w_hi : w_lo;
                b_odd_en[w_bank]    <= w_word[0] ? w_lo : w_hi;
                b_write[w_bank]     <= 1'b1;
                b_even_addr[w_bank] <= even_addr(w_word);
                b_odd_addr[w_bank]  <= w_word[AW-1:1];
                b_even_be[w_bank]   <= w_word[0] ? w_moved_be[2*W-1:W] : w_moved_be[W-1:0];
                b_odd_be[w_bank]    <= w_word[0] ? w_moved_be[W-1:0] : w_moved_be[2*W-1:W];
                b_wdata[w_bank]     <= turned_data((8*W)'(w_data), w_off);
            end
            if (x_take) begin
                b_even_en[x_bank]   <= !x_word[0] || x_hi;
                b_odd_en[x_bank]    <= x_word[0] || x_hi;
                b_write[x_bank]     <= 1'b0;
                b_even_addr[x_bank] <= even_addr(x_word);
                b_odd_addr[x_bank]  <= x_word[AW-1:1];
            end
            if (s_take) begin
                b_even_en[s_bank]   <= !s_word[0];
                b_odd_en[s_bank]    <= s_word[0];
                b_write[s_bank]     <= 1'b0;
                b_even_addr[s_bank] <= s_word[AW-1:1];
                b_odd_addr[s_bank]  <= s_word[AW-1:1];
            end
            if (l_take) begin
                b_even_en[l_bank]   <= !l_word[0];
                b_odd_en[l_bank]    <= l_word[0];
                b_write[l_bank]     <= 1'b1;
                b_even_addr[l_bank] <= l_word[AW-1:1];
                b_odd_addr[l_bank]  <= l_word[AW-1:1];
                b_even_be[l_bank]   <= l_be;
                b_odd_be[l_bank]    <= l_be;
                b_wdata[l_bank]     <= {W/MEM_BYTES{l_data}};
            end
        end
    end

    // ---- The banks, and port A

    genvar g;
    generate
        for (g = 0; g < 4; g = g + 1) begin : g_bank
            wire [AW-1:0]  word = a_word[AW*g +: AW];
            wire [OW-1:0]  off  = a_off[OW*g +: OW];
            wire           both = off != 0 || a_pair;
            wire [AW-2:0]  other = (AW-1)'((word + a_step) >> 1);   // in the other half, as a_step is odd
            wire [8*W-1:0] even_data, odd_data, b_even_data, b_odd_data;
            reg            read, odd_first, pair;   // a read of the cycle before
            reg  [OW-1:0]  read_off;
            reg            read_2, pair_2;          // of the one before that, its halves chosen
            reg  [OW-1:0]  off_2;
            reg  [8*W-1:0] bytes_2, later_2;

            always @(posedge clk) begin
                if (read_2) a_data[8*W*g +: 8*W] <= turned(bytes_2, off_2);
                if (read_2 && pair_2) a_later[8*COLS*g +: 8*COLS] <= (8*COLS)'(turned(later_2, off_2));
                if (read) begin
                    bytes_2 <= chosen(even_data, odd_data, odd_first, read_off);
                    off_2   <= read_off;
                    pair_2  <= pair;
                    if (pair) later_2 <= chosen(even_data, odd_data, !odd_first, read_off);
                end
                read_2 <= read && !rst;
                read <= a_en[g] && !rst;
                if (a_en[g]) begin
                    odd_first <= word[0];
                    read_off  <= off;
                    pair      <= a_pair;
                end
            end

            weft_ram_tdp #(.BYTES(W), .DEPTH(FB_WORDS / 2)) u_even (
                .a_clk(clk), .b_clk(b_clk),
                .a_en(a_en[g] && (both || !word[0])), .a_addr(word[0] ? other : word[AW-1:1]), .a_data(even_data),
                .b_en(b_even_en[g]), .b_write(b_write[g]), .b_be(b_even_be[g]), .b_addr(b_even_addr[g]),
                .b_wdata(b_wdata[g]), .b_data(b_even_data));

            weft_ram_tdp #(.BYTES(W), .DEPTH(FB_WORDS / 2)) u_odd (
                .a_clk(clk), .b_clk(b_clk),
                .a_en(a_en[g] && (both || word[0])), .a_addr(word[0] ? word[AW-1:1] : other), .a_data(odd_data),
                .b_en(b_odd_en[g]), .b_write(b_write[g]), .b_be(b_odd_be[g]), .b_addr(b_odd_addr[g]),
                .b_wdata(b_wdata[g]), .b_data(b_odd_data));
        end
    endgenerate

    // ---- Port B: answers.  Stage 1 beside the access register, stage 2 beside the data of the RAM, stage 3 with what
    // was chosen of it: as hardware both halves of the bank, which leaves the choice between them to the turning; simulated the bytes.

    reg                   x_valid_1, x_valid_2, x_valid_3, x_odd_1, x_odd_2;
    reg                   s_valid_1, s_valid_2, s_valid_3, s_odd_1, s_odd_2;
    reg [1:0]             x_bank_1, x_bank_2, s_bank_1, s_bank_2;
    reg [OW-1:0]          x_off_1, x_off_2, x_off_3, s_off_1, s_off_2, s_off_3;
`ifdef SYNTHESIS
    reg                   x_odd_3, s_odd_3;
    reg [8*W-1:0]         x_even_bytes_3, x_odd_bytes_3, s_even_word_3, s_odd_word_3;
    wire [8*W-1:0]        x_bytes_3 = chosen(x_even_bytes_3, x_odd_bytes_3, x_odd_3, x_off_3);
    wire [8*W-1:0]        s_word_3  = s_odd_3 ? s_odd_word_3 : s_even_word_3;

    function automatic [8*W-1:0] of_bank(input [1:0] bank, input [8*W-1:0] d0, d1, d2, d3);
        of_bank = bank[1] ? (bank[0] ? d3 : d2) : (bank[0] ? d1 : d0);
    endfunction
`else
    reg [8*W-1:0]         x_bytes_3, s_word_3;
`endif

    always @(posedge b_clk) begin
        if (x_valid_3) x_rsp_data <= (8*COLS)'(turned(x_bytes_3, x_off_3));
        if (s_valid_3) s_rsp_data <= s_word_3[{s_off_3, 3'd0} +: 8*MEM_BYTES];
`ifdef SYNTHESIS
        if (x_valid_2) begin
            x_even_bytes_3 <= of_bank(x_bank_2, g_bank[0].b_even_data, g_bank[1].b_even_data, g_bank[2].b_even_data, g_bank[3].b_even_data);
            x_odd_bytes_3  <= of_bank(x_bank_2, g_bank[0].b_odd_data, g_bank[1].b_odd_data, g_bank[2].b_odd_data, g_bank[3].b_odd_data);
            x_odd_3 <= x_odd_2;
            x_off_3 <= x_off_2;
        end
        if (s_valid_2) begin
            s_even_word_3 <= of_bank(s_bank_2, g_bank[0].b_even_data, g_bank[1].b_even_data, g_bank[2].b_even_data, g_bank[3].b_even_data);
            s_odd_word_3  <= of_bank(s_bank_2, g_bank[0].b_odd_data, g_bank[1].b_odd_data, g_bank[2].b_odd_data, g_bank[3].b_odd_data);
            s_odd_3 <= s_odd_2;
            s_off_3 <= s_off_2;
        end
`else
        if (x_valid_2) begin
            x_bytes_3 <= chosen(
                x_bank_2 == 2'd0 ? g_bank[0].b_even_data : x_bank_2 == 2'd1 ? g_bank[1].b_even_data
                : x_bank_2 == 2'd2 ? g_bank[2].b_even_data : g_bank[3].b_even_data,
                x_bank_2 == 2'd0 ? g_bank[0].b_odd_data : x_bank_2 == 2'd1 ? g_bank[1].b_odd_data
                : x_bank_2 == 2'd2 ? g_bank[2].b_odd_data : g_bank[3].b_odd_data,
                x_odd_2, x_off_2);
            x_off_3 <= x_off_2;
        end
        if (s_valid_2) begin
            case ({s_bank_2, s_odd_2})
                3'd0:    s_word_3 <= g_bank[0].b_even_data;
                3'd1:    s_word_3 <= g_bank[0].b_odd_data;
                3'd2:    s_word_3 <= g_bank[1].b_even_data;
                3'd3:    s_word_3 <= g_bank[1].b_odd_data;
                3'd4:    s_word_3 <= g_bank[2].b_even_data;
                3'd5:    s_word_3 <= g_bank[2].b_odd_data;
                3'd6:    s_word_3 <= g_bank[3].b_even_data;
                default: s_word_3 <= g_bank[3].b_odd_data;
            endcase
            s_off_3 <= s_off_2;
        end
`endif
        if (x_valid_1) {x_bank_2, x_odd_2, x_off_2} <= {x_bank_1, x_odd_1, x_off_1};
        if (s_valid_1) {s_bank_2, s_odd_2, s_off_2} <= {s_bank_1, s_odd_1, s_off_1};
        if (x_take) {x_bank_1, x_odd_1, x_off_1} <= {x_bank, x_word[0], x_off};
        if (s_take) {s_bank_1, s_odd_1, s_off_1} <= {s_bank, s_word[0], s_off & ~BEAT_OFF};
        {x_valid_1, x_valid_2, x_valid_3, x_rsp_valid} <= {x_take, x_valid_1, x_valid_2, x_valid_3};
        {s_valid_1, s_valid_2, s_valid_3, s_rsp_valid} <= {s_take, s_valid_1, s_valid_2, s_valid_3};
        if (rst) begin
            {x_valid_1, x_valid_2, x_valid_3, x_rsp_valid} <= 4'd0;
            {s_valid_1, s_valid_2, s_valid_3, s_rsp_valid} <= 4'd0;
        end
    end

endmodule

`default_nettype wire
