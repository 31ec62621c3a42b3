rtl/sdram/weft_sdram_times_pkg.v
rtl/sdram/weft_sdram_rows.v
rtl/sdram/weft_sdram_refresh.v
rtl/sdram/weft_sdram.v
rtl/sdram/weft_sdram_pads.v
