// Front end of a ULPI transceiver (UTMI+ Low Pin Interface 1.1, 8 bits, single data rate).
//
// `clk` is the 60 MHz on which the pins change, be it the transceiver's CLKOUT or a REFCLK that the FPGA itself
// drives.  All outputs come from registers; stp and data_out look at dir and nxt directly, as the protocol wants an
// answer in the next cycle.
//
// After reset OTG Control is written (no pull-downs), then Function Control whenever what weft_usb_core wants of the
// transceiver differs from what was written last; a write that the transceiver interrupts is done again, and so are a
// chirp and a packet that it has taken nothing of.  A packet that it interrupts later is lost.
//
// A packet waits for these writes and, at full speed, until the line has been J for TURN cycles (two bit times); ULPI
// wants 7 to 18.

`default_nettype none

module weft_usb_ulpi #(
    parameter integer TURN = 9
) (
    input  wire       clk,
    input  wire       rst,

    input  wire       dir,
    input  wire       nxt,
    output reg        stp,
    input  wire [7:0] data_in,
    output reg  [7:0] data_out,
    output wire       data_drive,

    output reg        rx_active,
    output reg        rx_valid,
    output reg  [7:0] rx_data,
    output reg        rx_error,
    output reg  [1:0] line,
    input  wire       tx_valid,
    input  wire [7:0] tx_data,
    output wire       tx_ready,
    input  wire       xcvr_full,
    input  wire       term_full,
    input  wire [1:0] op_mode
);

    localparam [7:0] TX_COMMAND = 8'h40, REG_WRITE = 8'h80;
    localparam [7:0] FUNCTION_CONTROL = 8'h04, OTG_CONTROL = 8'h0a;

    // --- from the transceiver: pins in registers, looked at a cycle later ---
    reg       dir_1, nxt_1, dir_2;
    reg [7:0] data_1;
    wire      turn = dir_1 != dir_2;                           // nobody drives

    always @(posedge clk) begin
        dir_1    <= dir;
        nxt_1    <= nxt;
        data_1   <= data_in;
        dir_2    <= dir_1;
        rx_valid <= dir_1 && !turn && nxt_1;
        rx_data  <= data_1;
        rx_error <= 1'b0;
        if (!dir_1) rx_active <= 1'b0;
        else if (turn) rx_active <= nxt_1;
        else if (!nxt_1) begin                                 // RX CMD
            line      <= data_1[1:0];
            rx_active <= data_1[4];
            rx_error  <= data_1[5] && data_1[4];
        end
        if (rst) begin
            line      <= 2'b00;
            rx_active <= 1'b0;
        end
    end

    // --- to the transceiver ---
    localparam [2:0] IDLE = 3'd0, WRITE = 3'd1, VALUE = 3'd2, STOP = 3'd3, SEND = 3'd4;

    reg  [2:0] state;
    reg        otg_done;
    reg  [6:0] written;                                        // Function Control
    reg  [3:0] quiet;                                          // cycles of J, when at full speed
    wire [6:0] wanted = {2'b10, op_mode, term_full, 1'b0, xcvr_full};
    wire       write  = !otg_done || written != wanted;
    wire       raw    = op_mode == 2'd2;
    wire       quiet_done = quiet == 4'(TURN);
    reg        dropping;                                       // the rest of a packet that was interrupted
    reg        first, again;                                   // nothing of the packet is taken yet; its first byte is held
    reg  [3:0] held;
    wire       may_send = state == IDLE && !dir && !dir_1 && !write && !dropping && (quiet_done || !xcvr_full);
    wire       next_valid, next_take;
    wire [7:0] next_data;

    assign data_drive = !dir && !dir_1;
    assign next_take  = next_valid && ((may_send && !again) || (state == SEND && nxt && !dir));

    // A register on the way, so that nxt goes no further than this file; one byte a cycle.
    weft_skid #(.WIDTH(8)) u_skid (
        .clk(clk), .rst(rst), .s_valid(tx_valid), .s_ready(tx_ready), .s_data(tx_data),
        .m_valid(next_valid), .m_ready(next_take || dropping), .m_data(next_data));

    always @(posedge clk) begin
        if (!xcvr_full || line != 2'b01 || rx_active) quiet <= 4'd0;
        else if (!quiet_done) quiet <= quiet + 4'd1;
        stp <= 1'b0;
        if (!next_valid) dropping <= 1'b0;
        case (state)
            IDLE: begin
                data_out <= 8'd0;
                if (!dir && !dir_1 && write) begin
                    data_out <= REG_WRITE | (otg_done ? FUNCTION_CONTROL : OTG_CONTROL);
                    state    <= WRITE;
                end else if (may_send && (next_valid || again)) begin
                    data_out <= TX_COMMAND | {4'd0, raw ? 4'd0 : again ? held : next_data[3:0]};
                    if (!again) held <= next_data[3:0];
                    first <= 1'b1;
                    again <= 1'b0;
                    state <= SEND;
                end
            end
            WRITE: if (nxt) begin
                data_out <= otg_done ? {1'b0, wanted} : 8'd0;
                state    <= VALUE;
            end
            VALUE: if (nxt) begin
                data_out <= 8'd0;
                stp      <= 1'b1;
                otg_done <= 1'b1;
                if (otg_done) written <= data_out[6:0];
                state    <= STOP;
            end
            SEND: if (nxt) begin
                first    <= 1'b0;
                data_out <= next_valid ? next_data : 8'd0;
                if (!next_valid) begin
                    stp   <= 1'b1;
                    state <= STOP;
                end
            end
            default: state <= IDLE;                            // STOP
        endcase
        if (dir && state != IDLE && state != STOP) begin       // the transceiver wants the bus: begin again
            data_out <= 8'd0;
            stp      <= 1'b0;
            state    <= IDLE;
            again    <= state == SEND && (first || raw);
            dropping <= state == SEND && !(first || raw);
            first    <= first;
            otg_done <= otg_done;
            written  <= written;
        end
        if (rst) begin
            state    <= IDLE;
            stp      <= 1'b1;
            data_out <= 8'd0;
            otg_done <= 1'b0;
            written  <= 7'h7f;
            dropping <= 1'b0;
            again    <= 1'b0;
        end
    end

endmodule

`default_nettype wire
