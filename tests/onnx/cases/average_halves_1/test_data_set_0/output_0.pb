
J´>FJcDBqpVC=BC45)4?Ej>7R[iia4:3*0BoY8 Lf`A<X>;B(4;T1"YRHgl~hP7BhbGNX`35V==,2%VB8<>@B>^bLMpn:D#9DIZFD*:BilhK9ITSQmwj7>X+BnF4<geIPd@5aOCI2ddKF'%MBWF.
D<ht_VD<Ra