// When a SDRAM is refreshed, and its start: POWER_UP cycles of nothing, eight refreshes, the mode.
//
// `due` asks for a refresh until `renews` says that it is decided.  One is due every INTERVAL cycles on the average, whatever the
// delay of each: up to seven are owed and made up for, one behind the other, as datasheets allow.
// `starting` until the mode is set; `started` with the last refresh before that.

`default_nettype none

module weft_sdram_refresh #(
    parameter integer POWER_UP = 16000,         // cycles
    parameter integer INTERVAL = 615            // cycles
) (
    input  wire clk,
    input  wire rst,
    input  wire renews,
    input  wire sets_mode,
    output wire due,
    output reg  starting,
    output wire started
);

    localparam integer W = $clog2(POWER_UP > INTERVAL ? POWER_UP : INTERVAL);

    localparam [W-1:0] INTERVAL_LESS = W'(INTERVAL - 1), POWER_UP_LESS = W'(POWER_UP - 1);

    reg [W-1:0] left;                           // cycles until the next
    reg         ended;                          // they are over, in a register
    reg [2:0]   renewed;                        // refreshes of the start so far
    reg [2:0]   owed;                           // refreshes that are due
    reg         quiet;                          // before the first command

    assign due     = owed != 3'd0 || (starting && !quiet);
    assign started = starting && renewed == 3'd7;

    always @(posedge clk) begin
        ended <= left == 1;
        left  <= ended ? INTERVAL_LESS : left - 1'b1;
        if (ended && !renews && owed != 3'd7)
            owed <= owed + 3'd1;
        else if (renews && !ended && owed != 3'd0)
            owed <= owed - 3'd1;
        if (ended)   quiet <= 1'b0;
        if (renews && starting) renewed <= renewed + 3'd1;
        if (sets_mode) starting <= 1'b0;
        if (rst) begin
            left     <= POWER_UP_LESS;
            ended    <= 1'b0;
            renewed  <= 3'd0;
            owed     <= 3'd0;
            quiet    <= 1'b1;
            starting <= 1'b1;
        end
    end

endmodule

`default_nettype wire
