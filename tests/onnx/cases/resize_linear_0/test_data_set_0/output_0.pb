
JàE[pV;61CViQ91)BRbL7,!@MZH5'>ISC3".CXNE2"''=]ZWA,1777bfiQ:@GGû1gq{aGOWWû1gq{aGOWWû1gq{aGOWWû1gq{aGOWW

-O)'KK6Z:-@@">dK2344.&Go\I9)):0%Oym`?3-'C_abK55,*(7FUcXMM%'*+,Heddd%+<fq{{%+<fq{{%+<fq{{%+<fq{{|{yQ*05/((gebF*2;:99ROK:)5@EII=94.)7EPZZ(##(:KZjj)-0'3HVdd*7C+,FR^^,AV/%CNXX-Ki3ýAIRR-Ki3ýAIRR-Ki3ýAIRR-Ki3ýAIRR`<:cF))H0%;RE880$(9<@CGG2L=.BUUÿ<`>@dd#9O4>bb.6=*;aa%93,9__-D/7]]-D/7]]-D/7]]-D/7]]