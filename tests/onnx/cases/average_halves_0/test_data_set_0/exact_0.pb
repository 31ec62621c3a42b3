
J–hv†xoyiU9Œzrs`ips^=–xcYccfpM?–“ympZm`E:‡–{cmXnpK7W_i``XKYE/uic^o…k;‘‚]_ds‹”rI†…qafg{d@cXsnmt]gJ1^^^WY\XaE(lŒ“Š‘…y|Y2cs€‡–œX0ffjo…–«ŸiDbb^f…†ª¤rW