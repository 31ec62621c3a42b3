rtl/board/weft_board_clocks.v
rtl/board/weft_board.v
