# Redraw with: gnuplot by_precision.gp
set encoding utf8
# 'kl of vae (f32): mean, place, ends of the 95% t interval, seeds' .
$d0 << EOD
0.005425082936006434 10 0.0012357885371755408 0.009614377334837328 5
EOD
# 'kl of vae (f32) by seed: value, place, seed' .
$d1 << EOD
0.0064918535096304755 10.18 0
0.002194273471832275 10.09 1
0.009842234298962506 10 2
0.006738624352366985 9.91 3
0.0018584290472399285 9.82 4
EOD
# 'kl of kl_annealing (f32): mean, place, ends of the 95% t interval, seeds' .
$d2 << EOD
0.015081356773857307 9 0.0005859272343448161 0.029576786313369796 5
EOD
# 'kl of kl_annealing (f32) by seed: value, place, seed' .
$d3 << EOD
0.020365281866378142 9.18 0
0.0026082385487917093 9.09 1
0.01567923932516274 9 2
0.0053468784364331685 8.91 3
0.03140714569252078 8.82 4
EOD
# 'kl of free_bits (f32): mean, place, ends of the 95% t interval, seeds' .
$d4 << EOD
1.7201410903850523 8 1.601145360885824 1.8391368198842806 5
EOD
# 'kl of free_bits (f32) by seed: value, place, seed' .
$d5 << EOD
1.6930148562463392 8.18 0
1.6281145160939512 8.09 1
1.803836835732981 8 2
1.6381208934703795 7.91 3
1.8376183503816108 7.82 4
EOD
# 'kl of bn_vae (f32): mean, place, ends of the 95% t interval, seeds' .
$d6 << EOD
1.5956766598565237 7 1.5557311086665793 1.6356222110464682 5
EOD
# 'kl of bn_vae (f32) by seed: value, place, seed' .
$d7 << EOD
1.5462639105420153 7.18 0
1.6291843638700598 7.09 1
1.5899762829812636 7 2
1.5940372831681198 6.91 3
1.6189214587211609 6.82 4
EOD
# 'kl of sym_bn_vae (f32): mean, place, ends of the 95% t interval, seeds' .
$d8 << EOD
3.0968238742010934 6 2.8070248615639266 3.38662288683826 5
EOD
# 'kl of sym_bn_vae (f32) by seed: value, place, seed' .
$d9 << EOD
3.2839331480635314 6.18 0
2.930606438532597 6.09 1
2.974340726047003 6 2
2.8877219167076236 5.91 3
3.4075171416547114 5.82 4
EOD
# 'kl of vae (bf16): mean, place, ends of the 95% t interval, seeds' .
$d10 << EOD
0.004915421029098896 5 0.002223715778824535 0.007607126279373256 5
EOD
# 'kl of vae (bf16) by seed: value, place, seed' .
$d11 << EOD
0.006133693807265338 5.18 0
0.006801797862814254 5.09 1
0.003462553424995487 5 2
0.006356705437187387 4.91 3
0.0018223546132320116 4.82 4
EOD
# 'kl of kl_annealing (bf16): mean, place, ends of the 95% t interval, seeds' .
$d12 << EOD
0.01879355216226658 4 0.008257908038822532 0.02932919628571063 5
EOD
# 'kl of kl_annealing (bf16) by seed: value, place, seed' .
$d13 << EOD
0.02641933715644003 4.18 0
0.018481003436721676 4.09 1
0.026392468083806398 4 2
0.005823503321960193 3.91 3
0.0168514488124046 3.82 4
EOD
# 'kl of free_bits (bf16): mean, place, ends of the 95% t interval, seeds' .
$d14 << EOD
1.6530324778035907 3 1.359732705885799 1.9463322497213824 5
EOD
# 'kl of free_bits (bf16) by seed: value, place, seed' .
$d15 << EOD
1.7809895531470035 3.18 0
1.5259673936026437 3.09 1
1.9891411440713065 3 2
1.3822629764300434 2.91 3
1.5868013217669577 2.82 4
EOD
# 'kl of bn_vae (bf16): mean, place, ends of the 95% t interval, seeds' .
$d16 << EOD
1.616746343023637 2 1.5568603453594576 1.6766323406878165 5
EOD
# 'kl of bn_vae (bf16) by seed: value, place, seed' .
$d17 << EOD
1.5964170695352955 2.18 0
1.5492374582450932 2.09 1
1.676782482411681 2 2
1.6437461558510278 1.91 3
1.6175485490750865 1.82 4
EOD
# 'kl of sym_bn_vae (bf16): mean, place, ends of the 95% t interval, seeds' .
$d18 << EOD
3.459514108345288 1 2.7053318240826565 4.213696392607919 5
EOD
# 'kl of sym_bn_vae (bf16) by seed: value, place, seed' .
$d19 << EOD
3.0177872086773396 1.18 0
3.50719076535281 1.09 1
3.3051836367414777 1 2
4.476721085219824 0.91 3
2.990687845734989 0.8200000000000001 4
EOD
# 'mi of vae (f32): mean, place, ends of the 95% t interval, seeds' .
$d20 << EOD
0.0008257686740464502 10 0 0.0016537689090479779 5
EOD
# 'mi of vae (f32) by seed: value, place, seed' .
$d21 << EOD
3.6905134775396315e-05 10.18 0
0.0011153107940590078 10.09 1
0.0017979777146791096 10 2
0.0005010101427980561 9.91 3
0.0006776395839206816 9.82 4
EOD
# 'mi of kl_annealing (f32): mean, place, ends of the 95% t interval, seeds' .
$d22 << EOD
0.009988241985580161 9 0 0.02385005170639867 5
EOD
# 'mi of kl_annealing (f32) by seed: value, place, seed' .
$d23 << EOD
0.01606511858120736 9.18 0
0.0009462951306515959 9.09 1
0.005314235843914745 9 2
0.0009855118953750889 8.91 3
0.026630048476752016 8.82 4
EOD
# 'mi of free_bits (f32): mean, place, ends of the 95% t interval, seeds' .
$d24 << EOD
0.8096734912607955 8 0.6933868213765161 0.9259601611450748 5
EOD
# 'mi of free_bits (f32) by seed: value, place, seed' .
$d25 << EOD
0.7701786874249597 8.18 0
0.6879875877662955 8.09 1
0.9440324430312553 8 2
0.8354309971671604 7.91 3
0.8107377409143063 7.82 4
EOD
# 'mi of bn_vae (f32): mean, place, ends of the 95% t interval, seeds' .
$d26 << EOD
1.147716042916429 7 1.1020906110126119 1.1933414748202462 5
EOD
# 'mi of bn_vae (f32) by seed: value, place, seed' .
$d27 << EOD
1.1828728228705527 7.18 0
1.1833112058593835 7.09 1
1.0959860656412599 7 2
1.133678871695164 6.91 3
1.1427312485157854 6.82 4
EOD
# 'mi of sym_bn_vae (f32): mean, place, ends of the 95% t interval, seeds' .
$d28 << EOD
2.011424968180631 6 1.637076948445647 2.385772987915615 5
EOD
# 'mi of sym_bn_vae (f32) by seed: value, place, seed' .
$d29 << EOD
2.2820004848685014 6.18 0
1.5546556189806378 6.09 1
1.8832219883061774 6 2
2.0795323978966094 5.91 3
2.2577143508512285 5.82 4
EOD
# 'mi of vae (bf16): mean, place, ends of the 95% t interval, seeds' .
$d30 << EOD
0.0007827624711152029 5 0.00013232854316560117 0.0014331963990648047 5
EOD
# 'mi of vae (bf16) by seed: value, place, seed' .
$d31 << EOD
0.0002766404632940683 5.18 0
0.000534018955289924 5.09 1
0.0015725066291546257 5 2
0.0004866668343869655 4.91 3
0.0010439794734504314 4.82 4
EOD
# 'mi of kl_annealing (bf16): mean, place, ends of the 95% t interval, seeds' .
$d32 << EOD
0.010727872596456068 4 0.0025312756010505266 0.018924469591861608 5
EOD
# 'mi of kl_annealing (bf16) by seed: value, place, seed' .
$d33 << EOD
0.01719395847544402 4.18 0
0.006122374429506223 4.09 1
0.015477627700893188 4 2
0.0016399987032701176 3.91 3
0.013205403673166792 3.82 4
EOD
# 'mi of free_bits (bf16): mean, place, ends of the 95% t interval, seeds' .
$d34 << EOD
0.7763980970937674 3 0.6604012673285243 0.8923949268590105 5
EOD
# 'mi of free_bits (bf16) by seed: value, place, seed' .
$d35 << EOD
0.6996577026662463 3.18 0
0.8371865526615572 3.09 1
0.9039981331822967 3 2
0.7580626577469085 2.91 3
0.6830854392118281 2.82 4
EOD
# 'mi of bn_vae (bf16): mean, place, ends of the 95% t interval, seeds' .
$d36 << EOD
1.1389222347130459 2 1.0411256399116142 1.2367188295144775 5
EOD
# 'mi of bn_vae (bf16) by seed: value, place, seed' .
$d37 << EOD
1.1339309546894958 2.18 0
1.0394698749549038 2.09 1
1.0881840686212814 2 2
1.20460935089639 1.91 3
1.2284169244031584 1.82 4
EOD
# 'mi of sym_bn_vae (bf16): mean, place, ends of the 95% t interval, seeds' .
$d38 << EOD
2.240121767076265 1 1.9398683800564862 2.5403751540960435 5
EOD
# 'mi of sym_bn_vae (bf16) by seed: value, place, seed' .
$d39 << EOD
2.1739428302185058 1.18 0
2.0719863315414155 1.09 1
2.2656704077373444 1 2
2.6435072555799466 0.91 3
2.0455020103041144 0.8200000000000001 4
EOD
# 'nll of vae (f32): mean, place, ends of the 95% t interval, seeds' .
$d40 << EOD
47.63723675057723 10 47.302700263949205 47.971773237205255 5
EOD
# 'nll of vae (f32) by seed: value, place, seed' .
$d41 << EOD
47.81127756783712 10.18 0
47.93220771500266 10.09 1
47.30826676232406 10 2
47.401330107212495 9.91 3
47.73310160050984 9.82 4
EOD
# 'nll of kl_annealing (f32): mean, place, ends of the 95% t interval, seeds' .
$d42 << EOD
47.575062159603576 9 47.318606704876 47.831517614331155 5
EOD
# 'nll of kl_annealing (f32) by seed: value, place, seed' .
$d43 << EOD
47.227522929003655 9.18 0
47.77423692076791 9.09 1
47.62410717251535 9 2
47.58699732908171 8.91 3
47.66244644664925 8.82 4
EOD
# 'nll of free_bits (f32): mean, place, ends of the 95% t interval, seeds' .
$d44 << EOD
47.711292634751636 8 47.42146982966832 48.001115439834955 5
EOD
# 'nll of free_bits (f32) by seed: value, place, seed' .
$d45 << EOD
48.02016765342562 8.18 0
47.640380913010794 8.09 1
47.843965020538306 8 2
47.401054145570065 7.91 3
47.65089544121337 7.82 4
EOD
# 'nll of bn_vae (f32): mean, place, ends of the 95% t interval, seeds' .
$d46 << EOD
47.705261844789696 7 47.35920852534217 48.051315164237224 5
EOD
# 'nll of bn_vae (f32) by seed: value, place, seed' .
$d47 << EOD
47.94438463962207 7.18 0
47.56436952363068 7.09 1
48.05434117433348 7 2
47.558313531454445 6.91 3
47.40490035490782 6.82 4
EOD
# 'nll of sym_bn_vae (f32): mean, place, ends of the 95% t interval, seeds' .
$d48 << EOD
48.692168772054295 6 47.66250695867066 49.72183058543793 5
EOD
# 'nll of sym_bn_vae (f32) by seed: value, place, seed' .
$d49 << EOD
49.09723841482079 6.18 0
49.57342513780806 6.09 1
48.26218916881665 6 2
47.47076016320584 5.91 3
49.057230975620115 5.82 4
EOD
# 'nll of vae (bf16): mean, place, ends of the 95% t interval, seeds' .
$d50 << EOD
47.759650182277035 5 47.40802984544336 48.11127051911071 5
EOD
# 'nll of vae (bf16) by seed: value, place, seed' .
$d51 << EOD
47.91028871050707 5.18 0
47.710542359326844 5.09 1
47.619047216626676 5 2
47.408283089039024 4.91 3
48.15008953588555 4.82 4
EOD
# 'nll of kl_annealing (bf16): mean, place, ends of the 95% t interval, seeds' .
$d52 << EOD
47.466372799611506 4 47.27092354420607 47.66182205501694 5
EOD
# 'nll of kl_annealing (bf16) by seed: value, place, seed' .
$d53 << EOD
47.45478016712745 4.18 0
47.68415355846218 4.09 1
47.2449695002987 4 2
47.43924911154643 3.91 3
47.508711660622794 3.82 4
EOD
# 'nll of free_bits (bf16): mean, place, ends of the 95% t interval, seeds' .
$d54 << EOD
47.51768953824559 3 47.38077352961949 47.65460554687169 5
EOD
# 'nll of free_bits (bf16) by seed: value, place, seed' .
$d55 << EOD
47.652976497131995 3.18 0
47.39029277399315 3.09 1
47.418909400326974 3 2
47.57352123454436 2.91 3
47.55274778523145 2.82 4
EOD
# 'nll of bn_vae (bf16): mean, place, ends of the 95% t interval, seeds' .
$d56 << EOD
47.50809782144959 2 47.23344948665746 47.782746156241714 5
EOD
# 'nll of bn_vae (bf16) by seed: value, place, seed' .
$d57 << EOD
47.79737463358427 2.18 0
47.191028199762584 2.09 1
47.57458396674901 2 2
47.43252165390738 1.91 3
47.544980653244686 1.82 4
EOD
# 'nll of sym_bn_vae (bf16): mean, place, ends of the 95% t interval, seeds' .
$d58 << EOD
48.60991878967065 1 47.631383599808224 49.58845397953308 5
EOD
# 'nll of sym_bn_vae (bf16) by seed: value, place, seed' .
$d59 << EOD
48.31132248663609 1.18 0
48.01782359200379 1.09 1
48.52942557610063 1 2
49.98052197385254 0.91 3
48.2105003197602 0.8200000000000001 4
EOD

set terminal pngcairo noenhanced size 1476,715 font 'DejaVu Sans,8' fontscale 2.2917 linewidth 2.2917 pointscale 2.2917 background rgb 'white'
set output 'by_precision.png'
set multiplot
reset
unset key
set lmargin at screen 0.18940
set rmargin at screen 0.42781
set bmargin at screen 0.26462
set tmargin at screen 0.91077
set border 3 lw 0.8 lc rgb '#222222'
set grid back lt 1 lw 0.5 lc rgb '#E4E4E4'
set xrange [0:4.745324350333013]
set xtics scale 0.5 nomirror out ('' 0, '' 2, '' 4)
set yrange [0.4:10.6]
set ytics scale 0.5 nomirror out ('' 10, '' 9, '' 8, '' 7, '' 6, '' 5, '' 4, '' 3, '' 2, '' 1)
set grid noytics
plot $d0 using (0.002712541468003217):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#000000' fs solid 0.8 noborder, $d0 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d1 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d1 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d2 using (0.0075406783869286535):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#E69F00' fs solid 0.8 noborder, $d2 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d3 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d3 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d4 using (0.8600705451925261):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#56B4E9' fs solid 0.8 noborder, $d4 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d5 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d5 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d6 using (0.7978383299282619):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#0072B2' fs solid 0.8 noborder, $d6 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d7 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d7 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d8 using (1.5484119371005467):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#D55E00' fs solid 0.8 noborder, $d8 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d9 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d9 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d10 using (0.002457710514549448):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#808080' fs solid 0.8 noborder, $d10 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d11 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d11 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d12 using (0.00939677608113329):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#F3CF80' fs solid 0.8 noborder, $d12 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d13 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d13 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d14 using (0.8265162389017954):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#ABDAF4' fs solid 0.8 noborder, $d14 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d15 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d15 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d16 using (0.8083731715118185):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#80B9D9' fs solid 0.8 noborder, $d16 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d17 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d17 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d18 using (1.729757054172644):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#EAAF80' fs solid 0.8 noborder, $d18 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d19 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d19 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222'
reset
unset key
set lmargin at screen 0.46209
set rmargin at screen 0.70050
set bmargin at screen 0.26462
set tmargin at screen 0.91077
set border 3 lw 0.8 lc rgb '#222222'
set grid back lt 1 lw 0.5 lc rgb '#E4E4E4'
set xrange [0:2.802117690914743]
set xtics scale 0.5 nomirror out ('' 0, '' 1, '' 2)
set yrange [0.4:10.6]
set ytics scale 0.5 nomirror out ('' 10, '' 9, '' 8, '' 7, '' 6, '' 5, '' 4, '' 3, '' 2, '' 1)
set grid noytics
plot $d20 using (0.0004128843370232251):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#000000' fs solid 0.8 noborder, $d20 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d21 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d21 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d22 using (0.0049941209927900805):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#E69F00' fs solid 0.8 noborder, $d22 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d23 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d23 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d24 using (0.40483674563039773):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#56B4E9' fs solid 0.8 noborder, $d24 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d25 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d25 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d26 using (0.5738580214582145):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#0072B2' fs solid 0.8 noborder, $d26 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d27 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d27 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d28 using (1.0057124840903156):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#D55E00' fs solid 0.8 noborder, $d28 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d29 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d29 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d30 using (0.00039138123555760147):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#808080' fs solid 0.8 noborder, $d30 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d31 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d31 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d32 using (0.005363936298228034):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#F3CF80' fs solid 0.8 noborder, $d32 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d33 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d33 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d34 using (0.3881990485468837):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#ABDAF4' fs solid 0.8 noborder, $d34 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d35 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d35 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d36 using (0.5694611173565229):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#80B9D9' fs solid 0.8 noborder, $d36 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d37 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d37 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d38 using (1.1200608835381325):2:(0):1:($2-0.32):($2+0.32) with boxxyerror lc rgb '#EAAF80' fs solid 0.8 noborder, $d38 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d39 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d39 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222'
reset
unset key
set lmargin at screen 0.73477
set rmargin at screen 0.97318
set bmargin at screen 0.26462
set tmargin at screen 0.91077
set border 3 lw 0.8 lc rgb '#222222'
set grid back lt 1 lw 0.5 lc rgb '#E4E4E4'
set xrange [47.023658573317185:50.14789160029794]
set xtics scale 0.5 nomirror out ('' 48, '' 49, '' 50)
set yrange [0.4:10.6]
set ytics scale 0.5 nomirror out ('' 10, '' 9, '' 8, '' 7, '' 6, '' 5, '' 4, '' 3, '' 2, '' 1)
set grid ytics
plot $d40 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d40 using 1:2 with points pt 7 ps 1.1 lc rgb '#000000', $d41 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d41 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d42 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d42 using 1:2 with points pt 5 ps 1.1 lc rgb '#E69F00', $d43 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d43 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d44 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d44 using 1:2 with points pt 9 ps 1.1 lc rgb '#56B4E9', $d45 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d45 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d46 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d46 using 1:2 with points pt 13 ps 1.1 lc rgb '#0072B2', $d47 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d47 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d48 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d48 using 1:2 with points pt 11 ps 1.1 lc rgb '#D55E00', $d49 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d49 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d50 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d50 using 1:2 with points pt 5 ps 1.1 lc rgb '#808080', $d51 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d51 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d52 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d52 using 1:2 with points pt 9 ps 1.1 lc rgb '#F3CF80', $d53 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d53 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d54 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d54 using 1:2 with points pt 13 ps 1.1 lc rgb '#ABDAF4', $d55 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d55 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d56 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d56 using 1:2 with points pt 11 ps 1.1 lc rgb '#80B9D9', $d57 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d57 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222', $d58 using 3:2:($4-$3):(0) with vectors nohead lc rgb '#222222' lw 1.2, $d58 using 1:2 with points pt 15 ps 1.1 lc rgb '#EAAF80', $d59 using 1:2 with points pt 7 ps 0.42 lc rgb '#FFFFFF', $d59 using 1:2 with points pt 6 ps 0.42 lw 0.9 lc rgb '#222222'
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
set label '0' at screen 0.18940,0.23077 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '2' at screen 0.28989,0.23077 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '4' at screen 0.39037,0.23077 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'KL divergence' at screen 0.30861,0.17308 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '(nats per example)' at screen 0.30861,0.12846 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'vae (f32)' at screen 0.17897,0.87276 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'kl_annealing (f32)' at screen 0.17897,0.80941 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'free_bits (f32)' at screen 0.17897,0.74606 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'bn_vae (f32)' at screen 0.17897,0.68271 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'sym_bn_vae (f32)' at screen 0.17897,0.61937 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'vae (bf16)' at screen 0.17897,0.55602 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'kl_annealing (bf16)' at screen 0.17897,0.49267 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'free_bits (bf16)' at screen 0.17897,0.42932 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'bn_vae (bf16)' at screen 0.17897,0.36597 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'sym_bn_vae (bf16)' at screen 0.17897,0.30262 right rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '0' at screen 0.46209,0.23077 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '1' at screen 0.54717,0.23077 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '2' at screen 0.63225,0.23077 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'mutual information' at screen 0.58129,0.17308 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '(nats per example)' at screen 0.58129,0.12846 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '48' at screen 0.80927,0.23077 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '49' at screen 0.88558,0.23077 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '50' at screen 0.96189,0.23077 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'importance-weighted negative' at screen 0.85397,0.17308 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'log-likelihood' at screen 0.85397,0.12846 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label '(nats per example)' at screen 0.85397,0.08385 center rotate by 0 font ',8' textcolor rgb '#222222' noenhanced front
set label 'Final results, test' at screen 0.50000,0.96154 center rotate by 0 font ',9' textcolor rgb '#222222' noenhanced front
set label 'mean and 95% t interval over 5 seeds' at screen 0.01192,0.03077 left rotate by 0 font ',7' textcolor rgb '#666666' noenhanced front
plot -1
unset multiplot
reset
unset output
