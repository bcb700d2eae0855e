// People: whole figures made of round limbs (`figure`) and busts (`bust`). Lengths in units of a figure 300 high, feet at (0, 0).
const SKIN = ['#f2c9a4', '#e8b88e', '#f6d6b4', '#d9a47a'];
const limb = (a, b, c, w, col, joint) => line(`M${a[0]} ${a[1]}L${b[0]} ${b[1]}L${c[0]} ${c[1]}`, col, w) + (joint ? circ(c[0], c[1], w * .48, joint) : '');
// A pose gives hip, neck and for each limb the joint and the end: arm 1 lies behind the body, arm 2 before it.
const POSES = {
  stand: { neck: [0, -226], hip: [0, -134], a1: [[-34, -180], [-38, -130]], a2: [[34, -180], [38, -130]], l1: [[-14, -68], [-16, -4]], l2: [[14, -68], [16, -4]] },
  salute: { neck: [0, -226], hip: [0, -134], a1: [[-34, -180], [-36, -130]], a2: [[58, -206], [26, -262]], l1: [[-12, -68], [-12, -4]], l2: [[12, -68], [12, -4]] },
  wave: { neck: [0, -226], hip: [0, -134], a1: [[-38, -180], [-30, -134]], a2: [[50, -226], [66, -286]], l1: [[-14, -68], [-18, -4]], l2: [[14, -68], [18, -4]] },
  run: { neck: [18, -222], hip: [-4, -132], a1: [[44, -176], [80, -196]], a2: [[-30, -180], [-12, -138]], l1: [[44, -96], [34, -36]], l2: [[-22, -66], [-82, -42]] },
  run2: { neck: [18, -222], hip: [-4, -132], a1: [[-26, -182], [-10, -142]], a2: [[46, -178], [82, -198]], l1: [[-18, -66], [-78, -34]], l2: [[42, -92], [40, -30]] },
  walk: { neck: [4, -226], hip: [0, -134], a1: [[28, -182], [44, -138]], a2: [[-26, -182], [-36, -136]], l1: [[22, -70], [40, -4]], l2: [[-10, -68], [-36, -6]] },
  jump: { neck: [10, -236], hip: [0, -146], a1: [[-36, -236], [-50, -286]], a2: [[50, -256], [70, -322]], l1: [[30, -100], [-4, -56]], l2: [[-26, -92], [-56, -52]] },
  sit: { neck: [0, -206], hip: [0, -114], a1: [[26, -156], [66, -138]], a2: [[30, -158], [72, -134]], l1: [[66, -112], [68, -40]], l2: [[72, -106], [76, -40]] },
  point: { neck: [0, -226], hip: [0, -134], a1: [[-34, -180], [-38, -130]], a2: [[56, -214], [112, -246]], l1: [[-14, -68], [-16, -4]], l2: [[14, -68], [16, -4]] },
  stretch: { neck: [0, -222], hip: [0, -130], a1: [[-60, -226], [-104, -256]], a2: [[60, -214], [112, -232]], l1: [[-30, -66], [-52, -4]], l2: [[34, -66], [58, -4]] },
  pull: { neck: [-46, -196], hip: [0, -118], a1: [[0, -166], [44, -160]], a2: [[-8, -160], [30, -156]], l1: [[34, -62], [52, -4]], l2: [[-4, -56], [-2, -2]] },
  work: { neck: [14, -216], hip: [0, -130], a1: [[44, -166], [88, -162]], a2: [[36, -162], [84, -150]], l1: [[-14, -66], [-16, -4]], l2: [[14, -66], [16, -4]] },
};
function headOf([x, y], o) { const s = o.skin || SKIN[0], hair = o.hair || '#2a2022', hy = y - 36;
  const hats = { helmet: path(`M${x - 34} ${hy - 6}q0 -40 34 -40t34 40z`, o.hat) + box(x - 40, hy - 10, 80, 9, 4, o.hat) + rect(x - 4, hy - 46, 8, 36, '#ffffff44'),
    cap: path(`M${x - 31} ${hy - 10}q2 -34 31 -34t31 34z`, o.hat) + path(`M${x - 6} ${hy - 12}h50q4 8 -8 9h-42z`, o.hat) + circ(x + 8, hy - 26, 5, '#e9c25a'),
    chef: box(x - 30, hy - 26, 60, 20, 4, '#fff') + circ(x - 20, hy - 40, 20, '#fff') + circ(x + 20, hy - 40, 20, '#fff') + circ(x, hy - 50, 24, '#fff'),
    nurse: box(x - 26, hy - 40, 52, 20, 6, '#fff') + rect(x - 3, hy - 38, 6, 16, '#e05a5a') + rect(x - 8, hy - 33, 16, 6, '#e05a5a') };
  const long = o.long ? path(`M${x - 33} ${hy}q-6 -40 33 -40t33 40q2 34 -2 54h-62q-4 -20 -2 -54z`, hair) : '';
  return long + box(x - 10, y - 16, 20, 26, 8, s) + circ(x, hy, 29, s) + path(`M${x - 29} ${hy - 2}q-4 -32 29 -34t29 32q-8 -18 -22 -20q-20 8 -36 22z`, hair)
    + (o.blank ? '' : circ(x - 2, hy + 4, 2.6, '#2a2022') + circ(x + 15, hy + 4, 2.6, '#2a2022') + line(`M${x + 2} ${hy + 15}q5 4 9 0`, '#b4604e', 2.4) + circ(x - 6, hy + 12, 5, '#f09a8a', { opacity: .35 }))
    + (o.hatKind ? hats[o.hatKind] : ''); }
function figure(x, y, s, o = {}) { const p = o.joints || POSES[o.pose || 'stand'], top = o.top || '#3f7f8a', legs = o.legs || '#2f3a46', skin = o.skin || SKIN[0], shoe = o.shoe || '#20252b';
  const [nx, ny] = p.neck, [hx, hy] = p.hip, sh = [nx, ny + 20], dx = nx - hx;
  const foot = ([fx, fy]) => path(`M${fx - 12} ${fy + 8}q-2 -20 12 -20q16 0 30 14v6z`, shoe);
  const sleeve = o.bare ? skin : top;
  return g(x, y, Array.isArray(s) ? s : [o.flip ? -s : s, s], (o.noShade ? '' : shade(0, 6, 74, 10, .3))
    + limb(sh, p.a1[0], p.a1[1], 24, sleeve, skin) + fade(.999, limb([hx - 6, hy], p.l1[0], p.l1[1], 30, legs)) + foot(p.l1[1]) + line(`M${hx - 6} ${hy}L${p.l1[0]}L${p.l1[1]}`, '#00000022', 30)
    + limb([hx + 6, hy], p.l2[0], p.l2[1], 30, legs) + foot(p.l2[1])
    + path(`M${nx - 34} ${ny + 22}q2 -18 34 -18t34 18l${n1(-dx - 6)} ${n1(hy - ny - 14)}q-28 12 -56 0z`, top) + (o.coat ? path(`M${nx - 36} ${ny + 22}q4 -18 36 -18t36 18l${n1(-dx + 4)} ${n1(hy - ny + 36)}h-80z`, o.coat) + line(`M${nx} ${ny + 8}L${hx} ${hy + 54}`, '#00000018', 3) : '')
    + (o.vest ? path(`M${nx - 30} ${ny + 12}l12 -4l18 22l18 -22l12 4l${n1(-dx - 4)} ${n1(hy - ny - 8)}h-56z`, o.vest) + rect(nx - 31 - dx / 2, (ny + hy) / 2 + 8, 62, 9, '#fff6c8') : '')
    + (o.apron ? box(hx - 26, ny + 40, 52, hy - ny + 4, 8, o.apron) : '') + (o.belt ? rect(hx - 29, hy - 12, 58, 10, o.belt) : '')
    + headOf(p.neck, { ...o, skin }) + limb([sh[0] + 4, sh[1] + 6], p.a2[0], p.a2[1], 24, sleeve, skin) + (o.hold ? g(p.a2[1][0], p.a2[1][1], 1, o.hold) : '')); }
// A bust fills about 520 x 600 around (x, y) = the chin.
function bust(x, y, s, o = {}) { const skin = o.skin || SKIN[0], hair = o.hair || '#2a2022', coat = o.coat || '#fff', inner = o.inner || '#4f7f8a';
  const style = { short: path('M-104 -150q-14 -136 104 -140t104 140q-12 -56 -34 -72q-60 26 -134 -2q-30 26 -40 74z', hair), part: path('M-106 -140q-18 -146 106 -150t106 150q-10 -70 -44 -90q-50 70 -124 52q-30 10 -44 38z', hair),
    bun: circ(0, -306, 48, hair) + path('M-106 -140q-14 -150 106 -152t106 152q-16 -76 -56 -96q-50 10 -100 0q-40 26 -56 96z', hair), long: path('M-106 -140q-14 -146 106 -150t106 150q-10 -60 -40 -86q-70 6 -130 -10q-32 36 -42 96z', hair),
    bob: path('M-108 -130q-14 -158 108 -162t108 162q-10 -66 -36 -84q-80 40 -130 14q-36 26 -50 70z', hair), grey: path('M-104 -160q-14 -126 104 -130t104 130q-8 -46 -30 -62q-70 -26 -148 0q-24 22 -30 62z', hair) }[o.style || 'short'];
  const back = { long: path('M-124 -150q-10 -150 124 -152t124 152q8 150 10 210h-268q2 -60 10 -210z', hair), bob: path('M-122 -150q-10 -150 122 -152t122 152q8 90 -6 150h-232q-14 -60 -6 -150z', hair) }[o.style] || '';
  return g(x, y, s, back + box(-44, -60, 88, 130, 36, skin) + path('M-44 -10q44 40 88 0v30q-44 36 -88 0z', '#00000016') + path('M-270 380q10 -240 150 -296l84 -32q36 44 72 0l84 32q140 56 150 296z', lin(coat, o.coat2 || '#dbe6ea'))
    + path('M-44 50q44 50 88 0l-26 150h-36z', inner) + path('M-44 48l-30 22l58 150l24 -60zM44 48l30 22l-58 150l-24 -60z', '#ffffff', { opacity: o.lapel ?? .9 }) + line('M-16 220L-16 380M-74 70L-16 216L16 216L74 70', '#00000014', 3)
    + (o.steth ? line('M-66 64q-20 120 40 160q54 -20 40 -60', '#2f4a5c', 9) + line('M66 64q26 90 6 150', '#2f4a5c', 9) + circ(70, 226, 22, '#7f96a2') + circ(70, 226, 11, '#dbe6ea') : '')
    + (o.badge ? box(104, 200, 92, 56, 8, '#fff') + rect(116, 214, 68, 8, '#3f8f96') + rect(116, 232, 44, 7, '#b9c9ce') : '')
    + ell(0, -130, 98, 118, skin) + ell(-100, -116, 16, 24, skin) + ell(100, -116, 16, 24, skin) + style
    + (o.hat === 'cap' ? path('M-116 -190q10 -110 116 -112t116 112z', o.hatc) + path('M-122 -186q122 -44 244 0q10 24 -16 26q-106 -34 -212 0q-26 -2 -16 -26z', o.hatd || '#00000055') + circ(0, -236, 22, '#d8392f') + circ(0, -236, 12, '#e9c25a') : '')
    + (o.hat === 'helmet' ? path('M-118 -184q0 -130 118 -130t118 130z', lin(o.hatc, o.hatd)) + box(-138, -196, 276, 26, 12, o.hatd) + box(-16, -312, 32, 116, 12, '#ffffff44') : '')
    + circ(-38, -126, 8, '#2a2022') + circ(38, -126, 8, '#2a2022') + line('M-58 -152q18 -12 36 -2M22 -154q18 -10 36 2', hair, 6) + line('M0 -120q8 22 -6 30', '#00000022', 5) + line('M-26 -70q26 22 52 0', '#b4604e', 7) + circ(-62, -88, 22, '#f09a8a', { opacity: .35 }) + circ(62, -88, 22, '#f09a8a', { opacity: .35 })
    + (o.glasses ? line('M-66 -124a28 28 0 1 0 56 0a28 28 0 1 0 -56 0M10 -124a28 28 0 1 0 56 0a28 28 0 1 0 -56 0M-10 -126h20M-66 -130l-34 -8M66 -130l34 -8', '#2f3a46', 6) : '')); }
