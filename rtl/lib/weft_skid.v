// Register for a stream that cuts the path of valid and data as well as that of ready.
//
// Holds up to two items: one on the output, one that arrived in the cycle the receiver stopped.  One
// item a cycle, latency one cycle, s_ready comes straight from a register.  After reset it is
// empty.  Data registers are not reset; m_valid says whether m_data means anything.

`default_nettype none

module weft_skid #(
    parameter integer WIDTH = 8
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             s_valid,
    output wire             s_ready,
    input  wire [WIDTH-1:0] s_data,
    output reg              m_valid,
    input  wire             m_ready,
    output reg  [WIDTH-1:0] m_data
);

    reg             spare_valid;
    reg [WIDTH-1:0] spare_data;

    assign s_ready = !spare_valid;

    always @(posedge clk) begin : skid
        reg advance;                            // a variable: m_ready may be a pin, and a wire would be evaluated as it rests
        advance = !m_valid || m_ready;
        if (advance && (s_valid || spare_valid))
            m_data <= spare_valid ? spare_data : s_data;
        if (!spare_valid && s_valid)
            spare_data <= s_data;
        if (advance) begin
            m_valid     <= s_valid || spare_valid;
            spare_valid <= 1'b0;
        end else if (s_valid) begin
            spare_valid <= 1'b1;
        end
        if (rst) begin
            m_valid     <= 1'b0;
            spare_valid <= 1'b0;
        end
    end

`ifdef FORMAL
    // What must be inside, computed from the ports alone: f_items, oldest in f_first.
    reg             f_past = 1'b0;
    reg [1:0]       f_items = 2'd0;
    reg [WIDTH-1:0] f_first, f_second;
    wire            f_push = s_valid && s_ready;
    wire            f_pop  = m_valid && m_ready;

    always @(posedge clk) begin
        f_past <= 1'b1;
        if (rst) f_items <= 2'd0;
        else     f_items <= f_items + {1'b0, f_push} - {1'b0, f_pop};
        if (f_items == 2'd0 || (f_items == 2'd1 && f_pop)) f_first <= s_data;
        else if (f_pop)                                    f_first <= f_second;
        if (f_push && f_items - {1'b0, f_pop} == 2'd1)     f_second <= s_data;
    end
    always @(*) begin
        if (!f_past) assume (rst);
        if (f_past) begin
            assert (f_items <= 2'd2);
            assert (m_valid == (f_items != 2'd0));
            assert (s_ready == (f_items != 2'd2));
            if (f_items != 2'd0) assert (m_data == f_first);
            if (f_items == 2'd2) assert (spare_data == f_second);
        end
    end
    always @(posedge clk) if (f_past && !rst) cover (f_items == 2'd2);
`endif

endmodule

`default_nettype wire
