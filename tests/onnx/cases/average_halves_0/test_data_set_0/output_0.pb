
J–hv†xoyiV9Œzrs`ips^=–xcYbcfpM?–“ympZm`E:‡–{cmXnpK7W_i``XKZE/ujc^o…k;‘‚]_ds‹”rI†…qaggzd@cXsnmt]gJ1^^^WX\XaD(lŒ“Š‘…y|Y2cs€‡–œW0ffko…–«iDbb^f…†ª¤qW