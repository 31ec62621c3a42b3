
J´>FJcCCqpVC=BC45)4?Ej?7Q[iha3:2*0BoY8 MfaA<Y?;B(5;T1#YRHgl~hO6BhbGNX`35V>=,1%VB9;=@B>_bKMpn9E#9EIZGD*:BimiK9ISSQmwk7>X+BoF4;geIOdA6aOCI1ddKF'%MCWF.D;ht_WD=Rb