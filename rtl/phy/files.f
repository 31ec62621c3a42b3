rtl/lib/weft_cdc_sync.v
rtl/lib/weft_cdc_fifo.v
rtl/phy/weft_uart_rx.v
rtl/phy/weft_uart_tx.v
rtl/phy/weft_uart.v
