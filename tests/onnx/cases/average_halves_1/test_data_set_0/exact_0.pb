
J´>HSFgSJlQc~mChwCOkq67pBVh>CbX=+BCGB4No5XF)`43;45?VE>j=g?,e71IQ%O[VdiBAh6a9a3;O:2=C*@I0B1>dB_dobKYKF8M' p%nMM9CfEWa#FA.<Y9?E;IBZ(GD5D;*;T:h1Bti_#mWYiDRK=9RIb