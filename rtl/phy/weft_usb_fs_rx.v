// Receiver of full-speed pins: finds the bits in four samples each, takes coding, stuffing and synchronisation away.
//
// `clk` is 48 MHz, `line` {D-, D+} sampled with it and synchronised.  A bit is read two cycles after the edge that
// began it or, without an edge, four after the last one; so a host may be 0.25 % off and its edges jitter by a cycle.
// A packet begins with the last two bits of its synchronisation and ends with SE0: rx_active in between, rx_valid for
// a cycle with each byte.  rx_error: a seventh one in a row, or bits left over at the end (one is let pass: hubs may
// add it).  Nothing is received while `mute`.

`default_nettype none

module weft_usb_fs_rx (
    input  wire       clk,
    input  wire       rst,
    input  wire [1:0] line,
    input  wire       mute,
    output reg        rx_active,
    output reg        rx_valid,
    output reg  [7:0] rx_data,
    output reg        rx_error
);

    reg [1:0] phase;
    reg       level, bit_level;                                // of D+ when last J or K; of the bit before
    reg [6:0] bits;                                            // last bits, the newest on top
    reg [2:0] ones, count;                                     // ones in a row; bits of this byte
    wire      driven = line[0] != line[1];
    wire      edge_seen = driven && line[0] != level;
    wire      read = phase == 2'd1 && !edge_seen;
    wire      same = line[0] == bit_level;                     // NRZI: a one is no change
    wire      stuffed = ones == 3'd6;

    always @(posedge clk) begin
        rx_valid <= 1'b0;
        rx_error <= 1'b0;
        phase    <= edge_seen ? 2'd0 : phase + 2'd1;
        if (driven) level <= line[0];
        if (read && line == 2'b00) begin
            rx_error  <= rx_active && count > 3'd1;
            rx_active <= 1'b0;
            ones      <= 3'd0;
            bits      <= 7'h7f;
        end else if (read && driven) begin
            bit_level <= line[0];
            ones      <= same && !stuffed ? ones + 3'd1 : 3'd0;
            if (!(rx_active && stuffed)) begin
                bits  <= {same, bits[6:1]};
                count <= count + 3'd1;
            end
            if (rx_active) begin
                rx_error <= stuffed && same;
                if (!stuffed && count == 3'd7) begin
                    rx_valid <= 1'b1;
                    rx_data  <= {same, bits};
                end
            end else if (same && bits[6:1] == 6'd0) begin
                rx_active <= 1'b1;
                ones      <= 3'd1;
                count     <= 3'd0;
            end
        end
        if (rst || mute) begin
            rx_active <= 1'b0;
            bits      <= 7'h7f;
            ones      <= 3'd0;
        end
    end

endmodule

`default_nettype wire
