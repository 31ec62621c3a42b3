rtl/lib/weft_cdc_sync.v
rtl/lib/weft_cdc_fifo.v
