# Redraw with: gnuplot rate_distortion.gp
set encoding utf8
# 'negative ELBO 46: kl, rec' .
$d0 << EOD
-0.2624759604149506 46.26247596041495
1.5097499278573423 44.49025007214266
EOD
# 'negative ELBO 48: kl, rec' .
$d1 << EOD
-0.2624759604149506 48.26247596041495
3.5097499278573423 44.49025007214266
EOD
# 'negative ELBO 50: kl, rec' .
$d2 << EOD
-0.2624759604149506 50.26247596041495
4.637094944485096 45.3629050555149
EOD
# 'negative ELBO 52: kl, rec' .
$d3 << EOD
-0.2624759604149506 52.26247596041495
4.637094944485096 47.3629050555149
EOD
# 'negative ELBO 54: kl, rec' .
$d4 << EOD
-0.2624759604149506 54.26247596041495
4.637094944485096 49.3629050555149
EOD
# 'negative ELBO 56: kl, rec' .
$d5 << EOD
1.3319239848641757 54.668076015135824
4.637094944485096 51.3629050555149
EOD
# 'negative ELBO 58: kl, rec' .
$d6 << EOD
3.3319239848641757 54.668076015135824
4.637094944485096 53.3629050555149
EOD
# 'lstm_lm: negative ELBO 47.668283757709325: kl, rec' .
$d7 << EOD
-0.2624759604149506 47.93075971812428
3.1780336855666675 44.49025007214266
EOD
# 'vae by seed: kl, rec' .
$d8 << EOD
0.01051495996843867 48.106089341139594
0.002300306929259741 47.83637848381235
0.00785772840515906 47.5247314340928
EOD
# 'vae: mean kl, mean rec' .
$d9 << EOD
0.006890998434285824 47.822399753014906
EOD
# 'kl_annealing by seed: kl, rec' .
$d10 << EOD
0.028700370347800375 47.372751709593445
0.0033011637815908226 47.666959173539105
0.015848280201439097 47.47411384502379
EOD
# 'kl_annealing: mean kl, mean rec' .
$d11 << EOD
0.015949938110276767 47.50460824271878
EOD
# 'free_bits by seed: kl, rec' .
$d12 << EOD
1.5997689934337842 47.0405185819674
1.835033017346839 47.49507179260254
1.899784149542576 47.19488722937448
EOD
# 'free_bits: mean kl, mean rec' .
$d13 << EOD
1.7781953867743996 47.24349253464814
EOD
# 'free_bits + kl_annealing by seed: kl, rec' .
$d14 << EOD
1.3704344328712015 46.615492855200245
1.6961445745299846 47.13386356530069
1.6870893526477975 46.68436037592527
EOD
# 'free_bits + kl_annealing: mean kl, mean rec' .
$d15 << EOD
1.5845561200163278 46.81123893214207
EOD
# 'bn_vae (train_gamma=false) by seed: kl, rec' .
$d16 << EOD
1.8813872599802097 46.6524738359852
1.7424576391692923 46.264915867012085
1.5633106926910014 46.91643155602848
EOD
# 'bn_vae (train_gamma=false): mean kl, mean rec' .
$d17 << EOD
1.7290518639468344 46.61127375300859
EOD
# 'bn_vae (train_gamma=true) by seed: kl, rec' .
$d18 << EOD
1.6674698725467971 47.732785892486575
1.821020954596896 46.99717274433424
1.6297182647120052 47.502448743130984
EOD
# 'bn_vae (train_gamma=true): mean kl, mean rec' .
$d19 << EOD
1.7060696972852327 47.41080245998393
EOD
# 'sym_bn_vae by seed: kl, rec' .
$d20 << EOD
3.4196657054564534 47.02052951780688
3.025322039187455 46.82529094519735
3.1851099225653323 46.945078138143074
EOD
# 'sym_bn_vae: mean kl, mean rec' .
$d21 << EOD
3.2100325557364138 46.930299533715775
EOD
# 'ln_vae by seed: kl, rec' .
$d22 << EOD
1.5971664035019755 46.76296876057857
1.5148014393173346 46.96299999862158
1.5849917275565009 46.52595564337338
EOD
# 'ln_vae: mean kl, mean rec' .
$d23 << EOD
1.5656531901252704 46.75064146752451
EOD
# 'beta_vae by seed: kl, rec' .
$d24 << EOD
0.6922648049202286 47.18336327977541
0.5238810554271986 47.375165612357
0.6088746265203011 47.57460085844793
EOD
# 'beta_vae: mean kl, mean rec' .
$d25 << EOD
0.6083401622892427 47.37770991686011
EOD
# 'control_vae by seed: kl, rec' .
$d26 << EOD
4.374617931722593 45.03549074766015
4.085560623637768 45.67101802104661
4.176139674266847 47.04390271210871
EOD
# 'control_vae: mean kl, mean rec' .
$d27 << EOD
4.212106076542402 45.91680382693849
EOD
# 'geco by seed: kl, rec' .
$d28 << EOD
3.562725323288381 50.83550784327403
0.7527232876344889 54.122835339618334
3.000803872617353 51.15332778401736
EOD
# 'geco: mean kl, mean rec' .
$d29 << EOD
2.4387508278467407 52.03722365563657
EOD
# 'soft_free_bits by seed: kl, rec' .
$d30 << EOD
2.9027571275454607 45.60803936229033
2.9783344036390798 46.81337034161351
3.176740196973336 45.33473112763477
EOD
# 'soft_free_bits: mean kl, mean rec' .
$d31 << EOD
3.019277242719292 45.91871361051287
EOD
# 'delta_vae by seed: kl, rec' .
$d32 << EOD
1.2000036675389074 47.83118279641416
1.2000036380872006 47.71529887544007
1.2000036610274756 47.42818374794071
EOD
# 'delta_vae: mean kl, mean rec' .
$d33 << EOD
1.2000036555511946 47.658221806598306
EOD
# 'du_vae by seed: kl, rec' .
$d34 << EOD
1.376414873720217 46.97234037543545
1.4131465905854683 47.55053129436589
1.3281285843929322 46.92577472975274
EOD
# 'du_vae: mean kl, mean rec' .
$d35 << EOD
1.372563349566206 47.14954879985135
EOD
# 'mu_forcing by seed: kl, rec' .
$d36 << EOD
2.6031628393325486 46.51888633455549
1.4191230661728804 48.22987552931329
2.1313780419966752 47.07473043794391
EOD
# 'mu_forcing: mean kl, mean rec' .
$d37 << EOD
2.051221315834035 47.27449743393756
EOD
# 'info_vae by seed: kl, rec' .
$d38 << EOD
1.0523475518747537e-06 47.678691197243054
0.00016562858549486688 47.98755919592721
0.0009701515446190074 47.851159659153275
EOD
# 'info_vae: mean kl, mean rec' .
$d39 << EOD
0.0003789441592219163 47.83913668410784
EOD
# 'aggressive by seed: kl, rec' .
$d40 << EOD
0.08642537153067709 48.0058329998946
0.18670634962931398 47.77195764669851
0.1990801935436345 47.80363060526487
EOD
# 'aggressive: mean kl, mean rec' .
$d41 << EOD
0.1574039715678752 47.86047375061933
EOD
# 'pretrain_fb by seed: kl, rec' .
$d42 << EOD
1.3090454389067256 47.859666151960354
2.0098630585590334 47.21182528824365
1.588885764414523 47.567067894815395
EOD
# 'pretrain_fb: mean kl, mean rec' .
$d43 << EOD
1.6359314206267606 47.54618644500647
EOD
# 'word_dropout by seed: kl, rec' .
$d44 << EOD
0.006036999746530998 49.52234107346094
0.0010882958644578436 49.85933296780626
0.0057529875210353305 49.08828235914727
EOD
# 'word_dropout: mean kl, mean rec' .
$d45 << EOD
0.004292761044008058 49.489985466804825
EOD
# 'skip_decoder by seed: kl, rec' .
$d46 << EOD
0.508144508089338 47.83888533215563
0.4738253935044553 47.64425726417734
0.6148543356847362 47.54515643640727
EOD
# 'skip_decoder: mean kl, mean rec' .
$d47 << EOD
0.5322747457595098 47.676099677580076
EOD
# 'pooling_encoder by seed: kl, rec' .
$d48 << EOD
0.012777300642318083 47.78534841457335
0.008055771298769141 47.81929444305035
0.0029902152654503575 48.096606499808175
EOD
# 'pooling_encoder: mean kl, mean rec' .
$d49 << EOD
0.007941095735512526 47.900416452477295
EOD
# 'bn_vae + frozen_encoder by seed: kl, rec' .
$d50 << EOD
1.4558513144485088 47.69628119108056
1.3710637900007874 47.72596581402947
1.3334788054979148 47.804908468743335
EOD
# 'bn_vae + frozen_encoder: mean kl, mean rec' .
$d51 << EOD
1.3867979699824036 47.74238515795113
EOD

set terminal pngcairo noenhanced size 1385,1032 font 'DejaVu Sans,8' fontscale 2.2917 linewidth 2.2917 pointscale 2.2917 background rgb 'white'
set output 'rate_distortion.png'
set multiplot
reset
unset key
set lmargin at screen 0.07738
set rmargin at screen 0.92218
set bmargin at screen 0.38380
set tmargin at screen 0.93817
set border 3 lw 0.8 lc rgb '#222222'
set grid back lt 1 lw 0.5 lc rgb '#E4E4E4'
set xrange [-0.2624759604149506:4.637094944485096]
set xtics scale 0.5 nomirror out ('' 0, '' 0.5, '' 1, '' 1.5, '' 2, '' 2.5, '' 3, '' 3.5, '' 4, '' 4.5)
set yrange [44.49025007214266:54.668076015135824]
set ytics scale 0.5 nomirror out ('' 46, '' 48, '' 50, '' 52, '' 54)
plot $d0 using 1:2 with lines lc rgb '#BBBBBB' lw 0.7 dt (8,6), $d1 using 1:2 with lines lc rgb '#BBBBBB' lw 0.7 dt (8,6), $d2 using 1:2 with lines lc rgb '#BBBBBB' lw 0.7 dt (8,6), $d3 using 1:2 with lines lc rgb '#BBBBBB' lw 0.7 dt (8,6), $d4 using 1:2 with lines lc rgb '#BBBBBB' lw 0.7 dt (8,6), $d5 using 1:2 with lines lc rgb '#BBBBBB' lw 0.7 dt (8,6), $d6 using 1:2 with lines lc rgb '#BBBBBB' lw 0.7 dt (8,6), $d7 using 1:2 with lines lc rgb '#555555' lw 1.6 dt (3,3), $d8 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#4D4D4D', $d9 using 1:2 with points pt 7 ps 1.1 lc rgb '#000000', $d10 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#EEBC4D', $d11 using 1:2 with points pt 5 ps 1.1 lc rgb '#E69F00', $d12 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#89CBF0', $d13 using 1:2 with points pt 9 ps 1.1 lc rgb '#56B4E9', $d14 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#A18162', $d15 using 1:2 with points pt 14 ps 1.1 lc rgb '#784B1E', $d16 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#4D9CC9', $d17 using 1:2 with points pt 13 ps 1.1 lc rgb '#0072B2', $d18 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#A6CEE4', $d19 using 1:2 with points pt 11 ps 1.1 lc rgb '#80B9D9', $d20 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#E28E4D', $d21 using 1:2 with points pt 11 ps 1.1 lc rgb '#D55E00', $d22 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#4DBB9D', $d23 using 1:2 with points pt 15 ps 1.1 lc rgb '#009E73', $d24 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#AC6488', $d25 using 1:2 with points pt 6 ps 1.1 lc rgb '#882255', $d26 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#B8B870', $d27 using 1:2 with points pt 10 ps 1.1 lc rgb '#999933', $d28 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#94584D', $d29 using 1:2 with points pt 1 ps 1.1 lc rgb '#661100', $d30 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#8C8C62', $d31 using 1:2 with points pt 8 ps 1.1 lc rgb '#5A5A1E', $d32 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#7CC4B8', $d33 using 1:2 with points pt 12 ps 1.1 lc rgb '#44AA99', $d34 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#C47CB8', $d35 using 1:2 with points pt 14 ps 1.1 lc rgb '#AA4499', $d36 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#96D58C', $d37 using 1:2 with points pt 10 ps 1.1 lc rgb '#69C35A', $d38 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#C0B6FF', $d39 using 1:2 with points pt 4 ps 1.1 lc rgb '#A596FF', $d40 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#DBA1C1', $d41 using 1:2 with points pt 4 ps 1.1 lc rgb '#CC79A7', $d42 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#58A070', $d43 using 1:2 with points pt 14 ps 1.1 lc rgb '#117733', $d44 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#C4A07C', $d45 using 1:2 with points pt 2 ps 1.1 lc rgb '#AA7744', $d46 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#DB94A0', $d47 using 1:2 with points pt 1 ps 1.1 lc rgb '#CC6677', $d48 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#FFAB96', $d49 using 1:2 with points pt 12 ps 1.1 lc rgb '#FF8769', $d50 using 1:2 with points pt 6 ps 0.4 lw 0.8 lc rgb '#6C8C57', $d51 using 1:2 with points pt 14 ps 1.1 lc rgb '#2D5A0F'
reset
unset key
unset border
unset tics
set lmargin at screen 0
set rmargin at screen 1
set bmargin at screen 0
set tmargin at screen 1
set xrange [0:1]
set yrange [0:1]
set label '0' at screen 0.12263,0.36034 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '0.5' at screen 0.20885,0.36034 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '1' at screen 0.29506,0.36034 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '1.5' at screen 0.38127,0.36034 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '2' at screen 0.46748,0.36034 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '2.5' at screen 0.55369,0.36034 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '3' at screen 0.63991,0.36034 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '3.5' at screen 0.72612,0.36034 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '4' at screen 0.81233,0.36034 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '4.5' at screen 0.89854,0.36034 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'KL divergence (nats per example)' at screen 0.49978,0.32036 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '46' at screen 0.06626,0.46603 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '48' at screen 0.06626,0.57497 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '50' at screen 0.06626,0.68390 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '52' at screen 0.06626,0.79284 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '54' at screen 0.06626,0.90178 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'reconstruction loss (nats per example)' at screen 0.02104,0.66098 center rotate by 90 font ',8' textcolor rgb '#222222' noenhanced front
set label '46' at screen 0.33420,0.40320 left rotate by 0 font ',7' textcolor rgb '#666666' noenhanced front
set label '48' at screen 0.67905,0.40320 left rotate by 0 font ',7' textcolor rgb '#666666' noenhanced front
set label '50' at screen 0.93485,0.43133 left rotate by 0 font ',7' textcolor rgb '#666666' noenhanced front
set label '52' at screen 0.93485,0.54026 left rotate by 0 font ',7' textcolor rgb '#666666' noenhanced front
set label '54' at screen 0.93485,0.64920 left rotate by 0 font ',7' textcolor rgb '#666666' noenhanced front
set label '56' at screen 0.93485,0.75814 left rotate by 0 font ',7' textcolor rgb '#666666' noenhanced front
set label '58' at screen 0.93485,0.86708 left rotate by 0 font ',7' textcolor rgb '#666666' noenhanced front
set label 'Rate and distortion, test (capacity at KL 25 left out)' at screen 0.50000,0.97335 center rotate by 0 font ',9' textcolor rgb '#222222' noenhanced front
set arrow from screen 0.02541,0.28092 to screen 0.06988,0.28092 nohead lc rgb '#555555' lw 1.6 dt (3,3)
set label 'lstm_lm' at screen 0.08100,0.28092 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.37886,0.28092 point pt 7 ps 1 lc rgb '#000000'
set label 'vae' at screen 0.41221,0.28092 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.68519,0.28092 point pt 5 ps 1 lc rgb '#E69F00'
set label 'kl_annealing' at screen 0.71855,0.28092 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.04764,0.25000 point pt 9 ps 1 lc rgb '#56B4E9'
set label 'free_bits' at screen 0.08100,0.25000 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.37886,0.25000 point pt 14 ps 1 lc rgb '#784B1E'
set label 'free_bits + kl_annealing' at screen 0.41221,0.25000 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.68519,0.25000 point pt 13 ps 1 lc rgb '#0072B2'
set label 'bn_vae (train_gamma=false)' at screen 0.71855,0.25000 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.04764,0.21908 point pt 11 ps 1 lc rgb '#80B9D9'
set label 'bn_vae (train_gamma=true)' at screen 0.08100,0.21908 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.37886,0.21908 point pt 11 ps 1 lc rgb '#D55E00'
set label 'sym_bn_vae' at screen 0.41221,0.21908 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.68519,0.21908 point pt 15 ps 1 lc rgb '#009E73'
set label 'ln_vae' at screen 0.71855,0.21908 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.04764,0.18817 point pt 6 ps 1 lc rgb '#882255'
set label 'beta_vae' at screen 0.08100,0.18817 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.37886,0.18817 point pt 10 ps 1 lc rgb '#999933'
set label 'control_vae' at screen 0.41221,0.18817 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.68519,0.18817 point pt 1 ps 1 lc rgb '#661100'
set label 'geco' at screen 0.71855,0.18817 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.04764,0.15725 point pt 8 ps 1 lc rgb '#5A5A1E'
set label 'soft_free_bits' at screen 0.08100,0.15725 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.37886,0.15725 point pt 12 ps 1 lc rgb '#44AA99'
set label 'delta_vae' at screen 0.41221,0.15725 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.68519,0.15725 point pt 14 ps 1 lc rgb '#AA4499'
set label 'du_vae' at screen 0.71855,0.15725 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.04764,0.12633 point pt 10 ps 1 lc rgb '#69C35A'
set label 'mu_forcing' at screen 0.08100,0.12633 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.37886,0.12633 point pt 4 ps 1 lc rgb '#A596FF'
set label 'info_vae' at screen 0.41221,0.12633 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.68519,0.12633 point pt 4 ps 1 lc rgb '#CC79A7'
set label 'aggressive' at screen 0.71855,0.12633 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.04764,0.09542 point pt 14 ps 1 lc rgb '#117733'
set label 'pretrain_fb' at screen 0.08100,0.09542 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.37886,0.09542 point pt 2 ps 1 lc rgb '#AA7744'
set label 'word_dropout' at screen 0.41221,0.09542 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.68519,0.09542 point pt 1 ps 1 lc rgb '#CC6677'
set label 'skip_decoder' at screen 0.71855,0.09542 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.04764,0.06450 point pt 12 ps 1 lc rgb '#FF8769'
set label 'pooling_encoder' at screen 0.08100,0.06450 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '' at screen 0.37886,0.06450 point pt 14 ps 1 lc rgb '#2D5A0F'
set label 'bn_vae + frozen_encoder' at screen 0.41221,0.06450 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set arrow from screen 0.66296,0.06450 to screen 0.70743,0.06450 nohead lc rgb '#BBBBBB' lw 0.7 dt (8,6)
set label 'negative ELBO' at screen 0.71855,0.06450 left rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'mean of 3 seeds, each a small circle' at screen 0.01271,0.02132 left rotate by 0 font ',7' textcolor rgb '#666666' noenhanced front
plot -1
unset multiplot
reset
unset output
