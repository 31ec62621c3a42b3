
J´>HTFgSJlQc~mDhwBPjq77pBVh>CbX=+BCGB4Nn5XF)`43<45?VE=j=g>,e72IR%P[VdiB@i5a8a4<O:3>C*@I0B2>dB^dobKYLF8M' p%nML:BfDW`#FA.<X9
>D;IBZ(FD4D;*<T:h1Bti_"lVYhDRK<9RIa