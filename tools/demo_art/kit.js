// Drawing kit of the demo pictures: every helper returns SVG text for a canvas of 1600 x 900, so that a scene is one expression.
// `draw(name, t)` gives the whole picture; t runs from 0 to 1 for the scenes that become a film.
const SCENES = {};
let defs = '', ids = 0, seed = 1;
const W = 1600, H = 900;
const rnd = () => { seed = (seed * 16807) % 2147483647; return (seed - 1) / 2147483646; };
const reseed = (n) => { seed = n * 7919 + 13; };
const many = (n, f) => Array.from({ length: n }, (_, i) => f(i)).join('');
const each = (list, f) => list.map(f).join('');
const mix = (a, b, k) => a + (b - a) * k;
const n1 = (x) => Math.round(x * 10) / 10;

function def(text) { const id = 'd' + ids++; defs += text.replace('ID', id); return id; }
const stops = (cs) => cs.map((c, i) => { const [col, at, op] = Array.isArray(c) ? c : [c];
  return `<stop offset="${at ?? i / (cs.length - 1)}" stop-color="${col}"${op === undefined ? '' : ` stop-opacity="${op}"`}/>`; }).join('');
const lin = (...cs) => `url(#${def(`<linearGradient id="ID" x1="0" y1="0" x2="0" y2="1">${stops(cs)}</linearGradient>`)})`;
const linx = (...cs) => `url(#${def(`<linearGradient id="ID" x1="0" y1="0" x2="1" y2="0">${stops(cs)}</linearGradient>`)})`;
const diag = (...cs) => `url(#${def(`<linearGradient id="ID" x1="0" y1="0" x2="1" y2="1">${stops(cs)}</linearGradient>`)})`;
const rad = (...cs) => `url(#${def(`<radialGradient id="ID" cx=".5" cy=".5" r=".5">${stops(cs)}</radialGradient>`)})`;
const ball = (a, b) => `url(#${def(`<radialGradient id="ID" cx=".36" cy=".3" r=".75">${stops([a, b])}</radialGradient>`)})`;
const blurOf = (n) => `url(#${def(`<filter id="ID" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="${n}"/></filter>`)})`;

const at = (o) => Object.entries(o || {}).map(([k, v]) => ` ${k}="${v}"`).join('');
const rect = (x, y, w, h, fill, o) => `<rect x="${n1(x)}" y="${n1(y)}" width="${n1(w)}" height="${n1(h)}" fill="${fill}"${at(o)}/>`;
const box = (x, y, w, h, r, fill, o) => rect(x, y, w, h, fill, { rx: r, ...o });
const circ = (x, y, r, fill, o) => `<circle cx="${n1(x)}" cy="${n1(y)}" r="${n1(r)}" fill="${fill}"${at(o)}/>`;
const ell = (x, y, rx, ry, fill, o) => `<ellipse cx="${n1(x)}" cy="${n1(y)}" rx="${n1(rx)}" ry="${n1(ry)}" fill="${fill}"${at(o)}/>`;
const path = (d, fill, o) => `<path d="${d}" fill="${fill}"${at(o)}/>`;
const line = (d, col, w, o) => `<path d="${d}" fill="none" stroke="${col}" stroke-width="${w}" stroke-linecap="round" stroke-linejoin="round"${at(o)}/>`;
const poly = (pts, fill, o) => path('M' + pts.map((p) => p.map(n1).join(' ')).join('L') + 'Z', fill, o);
const g = (x, y, s, body, rot = 0) => `<g transform="translate(${n1(x)} ${n1(y)}) rotate(${n1(rot)}) scale(${Array.isArray(s) ? s.join(' ') : s})">${body}</g>`;
const fade = (o, body) => `<g opacity="${o}">${body}</g>`;
const soft = (n, body) => `<g filter="${blurOf(n)}">${body}</g>`;
const text = (x, y, size, fill, s, o) => `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}" font-family="Noto Sans CJK SC" font-weight="700"${at(o)}>${s}</text>`;
const serif = (x, y, size, fill, s, o) => text(x, y, size, fill, s, { 'font-family': 'Noto Serif CJK SC', ...o }).replace(' font-family="Noto Sans CJK SC"', '');

// -- light and air ------------------------------------------------------------------------------------------------
const bg = (...cs) => rect(0, 0, W, H, lin(...cs));
const glow = (x, y, r, c, o = 1) => circ(x, y, r, rad([c, 0, o], [c, 1, 0]));
const sun = (x, y, r, c = '#fff3d2', halo = '#ffd08a') => glow(x, y, r * 6, halo, .55) + glow(x, y, r * 2.4, c, .7) + circ(x, y, r, c);
const moon = (x, y, r, c = '#fff6dc') => glow(x, y, r * 5, c, .3) + circ(x, y, r, c) + circ(x - r * .3, y - r * .2, r * .18, '#e9dcb6', { opacity: .6 }) + circ(x + r * .3, y + r * .3, r * .24, '#e9dcb6', { opacity: .5 });
const stars = (n, y1 = 420) => many(n, () => circ(rnd() * W, rnd() * y1, .8 + rnd() * 2.2, '#fff', { opacity: n1(.25 + rnd() * .65) }));
const cloud = (x, y, s, c = '#fff', o = .8) => fade(o, g(x, y, s, circ(-70, 0, 42, c) + circ(-20, -26, 54, c) + circ(44, -10, 46, c) + circ(88, 8, 32, c) + box(-112, 0, 232, 42, 21, c)));
const steam = (x, y, s = 1, c = '#fff', o = .4) => fade(o, soft(7, g(x, y, s, line('M0 0c-30 -40 30 -70 0 -120s26 -60 6 -100', c, 16))));
const shade = (x, y, rx, ry, o = .3, c = '#000') => ell(x, y, rx, ry, rad([c, 0, o], [c, .55, o * .6], [c, 1, 0]));
const vig = (o = .35, c = '#000') => rect(0, 0, W, H, rad([c, .45, 0], [c, 1.3, o]));
const beam = (x, y, w1, x2, y2, w2, c, o = .3) => poly([[x - w1, y], [x + w1, y], [x2 + w2, y2], [x2 - w2, y2]], lin([c, 0, o], [c, 1, 0]));
const lampHang = (x, y, r, c = '#ffd79a') => line(`M${x} 0V${y - r}`, '#2a2420', 4) + glow(x, y + r, r * 4, c, .5) + path(`M${x - r} ${y}q0 ${-r} ${r} ${-r}t${r} ${r}z`, '#33302e') + ell(x, y, r, r * .2, c);

// -- land ---------------------------------------------------------------------------------------------------------
function wave(y, amp, n, sharp) { let d = `M-20 ${H + 20}L-20 ${n1(y)}`; const step = (W + 40) / n; let px = -20, py = y;
  for (let i = 1; i <= n; i++) { const x = -20 + i * step, ny = y + (rnd() - .5) * 2 * amp;
    d += sharp ? `L${n1(x - step / 2)} ${n1(Math.min(py, ny) - amp * (.3 + rnd() * .9))}L${n1(x)} ${n1(ny)}` : `C${n1(px + step / 2)} ${n1(py)} ${n1(x - step / 2)} ${n1(ny)} ${n1(x)} ${n1(ny)}`; px = x; py = ny; }
  return d + `L${W + 20} ${H + 20}Z`; }
const hills = (y, amp, c, n = 8, o) => path(wave(y, amp, n), c, o);
const peaks = (y, amp, c, n = 9, o) => path(wave(y, amp, n, true), c, o);
const range = (y, h, far, near, k = 5, amp = 60) => many(k, (i) => { const f = i / Math.max(1, k - 1), c = `color-mix(in srgb, ${near} ${n1(f * 100)}%, ${far})`;
  return (i < k - 2 ? peaks : hills)(y + h * f, mix(amp, amp * .6, f), c, 6 + i) ; });
const snow = (x, y, w, h, rock, cap) => poly([[x - w, y], [x, y - h], [x + w, y]], rock) + poly([[x, y - h], [x + w, y], [x + w * .3, y]], '#00000022')
  + path(`M${x} ${y - h}l${w * .32} ${h * .32}l${-w * .14} ${-h * .05}l${-w * .1} ${h * .12}l${-w * .1} ${-h * .1}l${-w * .14} ${h * .08}l${-w * .16} ${-h * .05}z`, cap);
const pine = (x, y, s, c = '#1c3f33') => g(x, y, s, rect(-5, -20, 10, 24, '#3a2a20') + poly([[-46, -18], [0, -92], [46, -18]], c) + poly([[-38, -62], [0, -130], [38, -62]], c) + poly([[-28, -104], [0, -164], [28, -104]], c) + poly([[0, -164], [28, -104], [16, -104], [38, -62], [22, -62], [46, -18], [0, -18]], '#ffffff12'));
const tree = (x, y, s, c = '#4f9a68', d = '#3b7d56') => g(x, y, s, box(-8, -80, 16, 84, 6, '#6b4a34') + circ(0, -130, 62, c) + circ(-42, -96, 42, c) + circ(44, -98, 40, d) + circ(16, -120, 40, d, { opacity: .6 }) + circ(-22, -150, 22, '#ffffff2a'));
const bush = (x, y, s, c = '#4f9a68') => g(x, y, s, circ(-40, 0, 40, c) + circ(10, -16, 52, c) + circ(60, 4, 36, c));
const bamboo = (x, h, w, c, d) => many(Math.ceil(h / 110), (i) => box(x, H - (i + 1) * 110 + 4, w, 104, w / 3, linx(c, d))) + many(Math.ceil(h / 110), (i) => rect(x - 2, H - i * 110 - 4, w + 4, 8, d));
const leaf = (x, y, s, rot, c) => g(x, y, s, path('M0 0q40 -34 96 -8q-50 30 -96 8z', c), rot);
const water = (y, ...cs) => rect(0, y, W, H - y, lin(...cs));
const glints = (x, y, w, n, c = '#ffe9bd', gap = 20) => many(n, (i) => { const l = w * (.4 + rnd() * .9) * (1 - i / n * .6); return box(x - l / 2 + (rnd() - .5) * 40, y + i * gap, l, 5, 3, c, { opacity: n1(.7 - i / n * .6) }); });
const grass = (y, c1, c2) => rect(0, y, W, H - y, lin(c1, c2));

// -- built things -------------------------------------------------------------------------------------------------
const house = (x, y, w, h, wall, win, o = {}) => { const cols = o.cols || Math.max(2, Math.round(w / 60)), rows = o.rows || Math.max(2, Math.round(h / 70)), cw = w / cols, rh = h / rows;
  return rect(x, y - h, w, h, wall) + rect(x + w * .82, y - h, w * .18, h, '#00000012') + many(cols * rows, (i) => { const cx = x + (i % cols) * cw, cy = y - h + Math.floor(i / cols) * rh;
    return o.lit !== undefined && rnd() > o.lit ? box(cx + cw * .24, cy + rh * .26, cw * .52, rh * .5, 3, o.off || '#00000030') : box(cx + cw * .24, cy + rh * .26, cw * .52, rh * .5, 3, win); }); };
const eave = (x, y, w, h, c = '#20343a') => path(`M${x - w / 2} ${y}q${w * .12} ${-h * .1} ${w * .2} ${-h * .5}q${w * .2} ${-h * .5} ${w * .3} ${-h * .5}q${w * .1} 0 ${w * .3} ${h * .5}q${w * .08} ${h * .4} ${w * .2} ${h * .5}q${-w * .5} ${-h * .18} ${-w} 0z`, c);
const pavilion = (x, y, s, c = '#20343a', lit = '#ffd08a') => g(x, y, s, rect(-90, -10, 180, 14, c) + rect(-70, -110, 10, 104, c) + rect(60, -110, 10, 104, c) + rect(-24, -110, 8, 104, c) + rect(18, -110, 8, 104, c) + rect(-60, -106, 120, 96, lit, { opacity: .35 }) + eave(0, -104, 240, 60, c) + rect(-46, -186, 92, 40, c) + eave(0, -164, 150, 50, c) + circ(0, -218, 8, c));
const lantern = (x, y, s, c = '#f0583a', o = .5) => g(x, y, s, glow(0, 0, 110, '#ff8a4a', o) + line('M0 -90V-40', '#3a2a20', 4) + ell(0, 0, 44, 40, ball('#ff9a62', c)) + rect(-20, -46, 40, 10, '#e9b25a') + rect(-20, 36, 40, 10, '#e9b25a') + line('M0 46v44', '#e9b25a', 5) + line('M-20 -34q-16 34 0 68M20 -34q16 34 0 68', '#00000022', 4));
const win = (x, y, w, h, view, frame = '#fff') => rect(x - 14, y - 14, w + 28, h + 28, frame) + rect(x, y, w, h, view) + rect(x + w / 2 - 6, y, 12, h, frame) + path(`M${x} ${y + h}L${x + w * .45} ${y}H${x + w * .62}L${x + w * .17} ${y + h}z`, '#ffffff1e');
const table = (x, y, w, h, top, leg) => rect(x + w * .08, y + h * .16, w * .05, h * .84, leg) + rect(x + w * .87, y + h * .16, w * .05, h * .84, leg) + box(x, y, w, h * .18, 8, top) + rect(x, y + h * .18, w, 6, '#00000022');
const sofa = (x, y, s, c, d) => g(x, y, s, shade(0, 96, 300, 26, .3) + box(-250, -110, 500, 170, 44, d) + box(-214, -20, 214, 90, 26, c) + box(0, -20, 214, 90, 26, c) + box(-280, -50, 80, 140, 34, c) + box(200, -50, 80, 140, 34, c) + rect(-226, 88, 22, 24, '#4a3a2e') + rect(204, 88, 22, 24, '#4a3a2e'));
const pot = (x, y, s, c = '#c9744a', l = '#4f9a68') => g(x, y, s, shade(0, 2, 70, 12, .35) + each([[-50, -120, -40], [50, -130, 40], [0, -160, 0], [-26, -150, -18], [28, -152, 20]], ([dx, dy, r]) => g(dx * .2, -60, 1, path('M0 0q-34 -70 0 -150q34 80 0 150z', l) + line('M0 0V-120', '#00000022', 3), r)) + path('M-48 -66h96l-14 68h-68z', lin(c, '#8e4a30')) + box(-54, -76, 108, 18, 6, c));
const shelf = (x, y, w, rows, gap, wood) => rect(x, y, w, rows * gap + 14, wood) + rect(x + 12, y + 12, w - 24, rows * gap - 10, '#00000040') + many(rows, (r) => rect(x, y + (r + 1) * gap, w, 12, wood));
const BOOKS = ['#c1543f', '#e0a04a', '#3f7f8a', '#5b6fa8', '#e8dcc0', '#7d9a5a', '#a85a78', '#2f4a5c'];
function books(x, y, w, h) { let s = '', cx = x; while (cx < x + w - 30) { const bw = 18 + rnd() * 22, bh = h * (.68 + rnd() * .3), c = BOOKS[Math.floor(rnd() * BOOKS.length)];
  s += rect(cx, y - bh, bw, bh, c) + rect(cx + 3, y - bh + 14, bw - 6, 6, '#ffffff66') + rect(cx + bw - 4, y - bh, 4, bh, '#00000022'); cx += bw + 1; if (rnd() > .9) cx += 24; } return s; }
const screen = (x, y, w, h, inner, frame = '#20262c') => shade(x + w / 2, y + h + 20, w * .5, 20, .35) + box(x - 12, y - 12, w + 24, h + 24, 18, frame) + `<svg x="${x}" y="${y}" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">${inner}</svg>` + path(`M${x} ${y + h}L${x + w * .4} ${y}H${x + w * .58}L${x + w * .18} ${y + h}z`, '#ffffff14');
const flag = (x, y, h, t = 0, c = '#d8392f') => { const k = Math.sin(t * 6.283) * 10; return box(x - 4, y - h, 8, h, 4, linx('#e8e4da', '#9a958a')) + circ(x, y - h - 6, 9, '#e9c25a')
  + path(`M${x + 4} ${y - h + 6}c50 ${-14 + k} 80 ${22 - k} 150 ${4 + k}v96c-70 ${18 - k} -100 ${-18 + k} -150 ${-4 - k}z`, lin(c, '#b52a26')); };
const bulb = (x, y, c = '#ffe2a0') => glow(x, y, 60, c, .6) + circ(x, y, 9, '#fff6da');
const wheel = (x, y, r) => circ(x, y, r, '#1c2126') + circ(x, y, r * .5, '#c9d1d6') + circ(x, y, r * .2, '#5a646c');
const bus = (x, y, s, c, d) => g(x, y, s, shade(0, 6, 380, 24, .4) + box(-340, -230, 680, 200, 34, lin(c, d)) + box(-318, -206, 500, 84, 12, '#20343f') + many(5, (i) => box(-312 + i * 100, -200, 90, 72, 8, lin('#bfe3ee', '#7fb0c2'))) + box(200, -206, 120, 130, 12, lin('#bfe3ee', '#7fb0c2')) + rect(-340, -96, 680, 12, '#ffffff88') + box(300, -70, 46, 26, 8, '#ffe7a0') + wheel(-210, -26, 46) + wheel(200, -26, 46));
const truck = (x, y, s, c = '#56683f', d = '#3c4a2e') => g(x, y, s, shade(0, 4, 260, 18, .4) + path('M-230 -170q100 -46 240 0v120h-240z', lin(c, d)) + line('M-170 -186v134M-110 -192v140M-50 -190v138', '#00000022', 4) + path('M20 -150h96l54 60h44v50h-194z', lin(c, d)) + path('M44 -136h62l42 48h-104z', '#bcd8dc') + rect(-236, -54, 452, 20, '#2c3424') + wheel(-150, -26, 34) + wheel(-70, -26, 34) + wheel(140, -26, 34));
