'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const NS = 'http://www.w3.org/2000/svg';
  const chart = document.getElementById('chart');
  const axis = document.getElementById('axis');
  const tip = document.getElementById('tip');
  const details = document.getElementById('details');
  const filter = document.getElementById('filter');
  const total = Math.max(1, data.to);
  const hidden = new Set();
  let from = 0, to = total; // the view, in microseconds
  let rows = []; // what the filter lets through
  let row = 0, chosen = null; // the keyboard's place: a row, and one of its spans
  let plot = { x: 0, width: 1, height: 0 };

  // ----------------------------------------------------------------- texts

  const two = n => String(n).padStart(2, '0');
  const short = n => String(+n.toPrecision(4));

  /** How long something took. */
  function time(micros) {
    if (micros < 1e3) return micros + ' µs';
    if (micros < 1e6) return short(micros / 1e3) + ' ms';
    if (micros < 60e6) return short(micros / 1e6) + ' s';
    const s = Math.round(micros / 1e6);
    if (s < 3600) return Math.floor(s / 60) + ':' + two(s % 60) + ' min';
    return Math.floor(s / 3600) + ':' + two(Math.floor(s / 60) % 60) + ':' + two(s % 60) + ' h';
  }

  /** When something happened, to the millisecond where minutes have passed. */
  function clock(micros, decimals = 3) {
    if (micros < 60e6) return time(micros);
    const s = Math.floor(micros / 1e6);
    const part = String(micros % 1e6).padStart(6, '0').slice(0, decimals);
    return Math.floor(s / 3600) + ':' + two(Math.floor(s / 60) % 60) + ':' + two(s % 60) + (part && '.' + part);
  }

  /** The text of a mark on the axis, of which there is one for each step. */
  function mark(micros, step) {
    const unit = to < 1e3 ? [1, ' µs'] : to < 1e6 ? [1e3, ' ms'] : [1e6, ' s'];
    const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step / unit[0]) - 1e-9)));
    return micros < 60e6 ? (micros / unit[0]).toFixed(decimals) + unit[1] : clock(micros, decimals);
  }

  function describe(r, s) {
    const lines = [r.name + ' (' + r.kind + '): ' + s.s.toLowerCase()];
    lines.push('from ' + clock(s.f) + ' to ' + clock(s.t) + (s.live ? ', and goes on' : '') + ': ' + time(s.t - s.f));
    if (s.g) lines.push('generation ' + s.g);
    if (s.a) lines.push('address ' + s.a);
    if (s.r) lines.push('why: ' + s.r);
    if (s.n) lines.push(s.n + ' states, too short to be shown one by one: zoom in');
    return lines.join('\n');
  }

  // ----------------------------------------------------------------- rows

  function choose() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(w => w);
    const texts = r => (r.name + ' ' + r.kind + ' ' +
      r.spans.map(s => s.s + ' ' + (s.r || '') + ' ' + (s.a || '')).join(' ')).toLowerCase();
    rows = data.rows.filter(r => { const t = texts(r); return words.every(w => t.includes(w)); });
    row = Math.min(row, Math.max(0, rows.length - 1));
    chosen = null;
    document.getElementById('count').textContent =
      rows.length === data.rows.length ? '' : rows.length + ' of ' + data.rows.length + ' rows';
  }

  // ----------------------------------------------------------------- drawing

  function el(name, attributes, parent, text) {
    const e = document.createElementNS(NS, name);
    for (const k in attributes) e.setAttribute(k, attributes[k]);
    if (text !== undefined) e.textContent = text;
    parent.appendChild(e);
    return e;
  }

  const pen = document.createElement('canvas').getContext('2d');
  pen.font = '12px system-ui, sans-serif';
  function fit(text, width) {
    if (pen.measureText(text).width <= width) return text;
    let low = 0, high = text.length;
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if (pen.measureText(text.slice(0, mid) + '…').width <= width) low = mid; else high = mid - 1;
    }
    return low > 0 ? text.slice(0, low) + '…' : '';
  }

  const x = micros => plot.x + (micros - from) / (to - from) * plot.width;
  const cls = state => 'st-' + state.replace(/[^A-Za-z_]/g, '');

  /** Whether some of it is; one that only touches an end of the view is not. */
  const isInView = s => s.f === s.t ? s.f >= from && s.f <= to : s.f < to && s.t > from;

  /** The spans of a row as boxes, none over another: those that are too narrow to see share one. */
  function boxes(r) {
    const out = [];
    let crowd = null;
    const done = () => { if (crowd) { out.push(crowd); crowd = null; } };
    for (const s of r.spans) {
      if (hidden.has(s.s) || !isInView(s)) continue;
      const left = Math.max(plot.x, x(s.f));
      const right = Math.min(plot.x + plot.width, x(s.t));
      if (right - left >= 4) {
        done();
        out.push({ left, right, span: s, many: [s] });
      } else if (crowd && left - crowd.left < 4) {
        crowd.right = Math.max(crowd.right, right);
        crowd.many.push(s);
        if (rank(s) > rank(crowd.span)) crowd.span = s;
      } else {
        done();
        crowd = { left, right, span: s, many: [s] };
      }
    }
    done();
    let end = plot.x;
    for (const b of out) { // at least 2 pixels wide, at the cost of what follows
      b.left = Math.max(b.left, end);
      b.right = end = Math.max(b.right, b.left + 2);
    }
    let begin = plot.x + plot.width;
    for (let i = out.length - 1; i >= 0 && out[i].right > begin; i--) { // at the end, of what precedes
      out[i].right = begin;
      out[i].left = begin = Math.min(out[i].left, begin - 2);
    }
    return out;
  }
  const RANK = ['SUSPENDED', 'CLOSED', 'OPEN', 'DRAINING', 'PREPARING', 'CONNECTING', 'WAITING', 'FAILED'];
  const rank = s => RANK.indexOf(s.s);

  const STEPS = []; // round times, in microseconds
  for (let power = 1; power <= 1e6; power *= 10) STEPS.push(power, 2 * power, 5 * power);
  for (const s of [10, 20, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, 604800]) STEPS.push(s * 1e6);

  function ticks() {
    const most = Math.max(2, Math.floor(plot.width / 100));
    const raw = (to - from) / most;
    const step = STEPS.find(s => s >= raw) || 604800e6 * Math.ceil(raw / 604800e6);
    const out = [];
    for (let t = Math.ceil(from / step) * step; t <= to; t += step) out.push([t, mark(t, step)]);
    return out;
  }

  function draw() {
    const width = Math.max(280, document.documentElement.clientWidth);
    const narrow = width < 640;
    const label = narrow ? 0 : Math.min(220, Math.max(120, width * .18));
    const high = narrow ? 44 : 30;
    plot = { x: narrow ? 10 : label, width: width - (narrow ? 20 : label + 16), height: rows.length * high + 4 };
    for (const svg of [axis, chart]) { svg.replaceChildren(); svg.setAttribute('width', width); }
    axis.setAttribute('height', 26);
    chart.setAttribute('height', Math.max(plot.height, 40));
    for (const [f, t] of data.away) {
      if (t < from || f > to) continue;
      const left = Math.max(plot.x, x(f)), right = Math.min(plot.x + plot.width, x(t));
      el('rect', { class: 'away', x: left, y: 0, width: Math.max(0, right - left), height: plot.height }, chart);
      if (right - left > 30) {
        el('rect', { class: 'away', x: left, y: 0, width: right - left, height: 26 }, axis);
      }
    }
    let free = -Infinity;
    for (const [t, text] of ticks()) {
      const w = pen.measureText(text).width;
      el('line', { class: 'grid', x1: x(t), x2: x(t), y1: 0, y2: plot.height }, chart);
      const at = Math.min(Math.max(x(t) - w / 2, 2), width - w - 2);
      if (at > free) {
        el('text', { class: 'pale', x: at, y: 17 }, axis, text);
        free = at + w + 8;
      }
    }
    rows.forEach((r, i) => {
      const top = i * high + 4, bar = narrow ? top + 17 : top + 2, h = 20;
      if (i === row) el('rect', { class: 'here', x: 0, y: top, width: 4, height: high - 6 }, chart);
      el('line', { class: 'lane', x1: plot.x, x2: plot.x + plot.width, y1: bar + h / 2, y2: bar + h / 2 }, chart);
      const name = el('text', { x: narrow ? 10 : 12, y: narrow ? top + 12 : bar + 14 }, chart,
        fit(r.name, narrow ? width - 90 : label - 70));
      el('title', {}, name, r.name);
      el('text', { class: 'pale', x: narrow ? width - 10 : label - 8, y: narrow ? top + 12 : bar + 14, 'text-anchor': 'end' },
        chart, r.kind === 'WEBSOCKET' ? 'WS' : r.kind);
      for (const b of boxes(r)) {
        const w = b.right - b.left;
        if (w <= 0) continue;
        const low = data.heights[b.span.s];
        const rect = el('rect', { class: cls(b.span.s), x: b.left, y: bar + (h - low) / 2, width: w, height: low }, chart);
        rect.box = { r, i, b };
        const text = low === h && w > 24 ? fit(b.span.s === 'TASK' ? r.name : b.span.s, w - 8) : '';
        if (text.length > 2) el('text', { class: 'on ' + cls(b.span.s), x: b.left + 4, y: bar + 14, 'pointer-events': 'none' }, chart, text);
      }
      if (chosen && i === row && isInView(chosen)) {
        const left = Math.max(plot.x, x(chosen.f)), right = Math.min(plot.x + plot.width, x(chosen.t));
        el('rect', { class: 'chosen', x: left - 1, y: bar - 1, width: Math.max(4, right - left + 2), height: h + 2, 'pointer-events': 'none' }, chart);
      }
    });
    if (!rows.length) el('text', { x: plot.x + 8, y: 24 }, chart, 'nothing matches the filter');
    document.body.dataset.drawn = rows.length; // for who waits for it
  }

  /** What a box tells: its span, or, of several that share it, all their time. */
  function told({ span, many }) {
    const last = many[many.length - 1];
    return many.length === 1 ? span : Object.assign({}, span, { f: many[0].f, t: last.t, n: many.length });
  }

  // ----------------------------------------------------------------- the view

  function view(a, b) {
    const least = 20; // microseconds
    const width = Math.min(total, Math.max(least, b - a));
    from = Math.min(Math.max(0, (a + b - width) / 2), total - width);
    to = from + width;
    draw();
  }
  const zoom = (factor, at) => view(at - (at - from) * factor, at + (to - at) * factor);
  const middle = () => chosen ? Math.min(Math.max((chosen.f + chosen.t) / 2, from), to) : (from + to) / 2;
  const pan = part => view(from + (to - from) * part, to + (to - from) * part);
  const fitAll = () => view(0, total);

  function step(by) {
    const r = rows[row];
    const spans = r ? r.spans.filter(s => !hidden.has(s.s)) : [];
    if (!spans.length) return;
    const at = chosen ? spans.indexOf(chosen) + by : spans.findIndex(s => s.t >= from);
    chosen = spans[Math.min(Math.max(at, 0), spans.length - 1)];
    details.textContent = describe(r, chosen);
    const margin = (to - from) * .1;
    if (!isInView(chosen)) view(chosen.f - margin, chosen.f - margin + (to - from)); else draw();
  }

  function move(by) {
    row = Math.min(Math.max(row + by, 0), Math.max(0, rows.length - 1));
    const r = rows[row];
    if (!r) return;
    const at = chosen ? (chosen.f + chosen.t) / 2 : (from + to) / 2;
    chosen = r.spans.find(s => !hidden.has(s.s) && s.t >= at) || null;
    details.textContent = chosen ? describe(r, chosen) : r.name;
    draw();
    const here = chart.querySelector('.here');
    if (here) here.scrollIntoView({ block: 'nearest' });
  }

  const KEYS = {
    '+': () => zoom(.5, middle()), '=': () => zoom(.5, middle()), '-': () => zoom(2, middle()), '0': fitAll,
    ArrowRight: e => e.shiftKey ? pan(.25) : step(1), ArrowLeft: e => e.shiftKey ? pan(-.25) : step(-1),
    ArrowDown: () => move(1), ArrowUp: () => move(-1),
    Home: () => view(0, to - from), End: () => view(total - (to - from), total),
    Enter: () => { if (chosen) { const m = (chosen.t - chosen.f) * .2 + 10; view(chosen.f - m, chosen.t + m); } },
    Escape: () => { chosen = null; details.textContent = ''; draw(); },
  };
  document.addEventListener('keydown', e => {
    const focus = document.activeElement;
    if (e.ctrlKey || e.metaKey || e.altKey || !KEYS[e.key]) return;
    if (focus !== chart && focus !== document.body) return; // a control's keys are its own
    e.preventDefault();
    KEYS[e.key](e);
  });
  document.addEventListener('keydown', e => {
    if (e.key === '/' && document.activeElement !== filter) { e.preventDefault(); filter.focus(); }
    else if (e.key === 'Escape' && document.activeElement === filter) { filter.value = ''; choose(); draw(); chart.focus(); }
  });

  // ----------------------------------------------------------------- the pointer

  const timeAt = clientX => from + (clientX - chart.getBoundingClientRect().left - plot.x) / plot.width * (to - from);
  chart.addEventListener('wheel', e => {
    if (!e.ctrlKey && !e.shiftKey) return; // the page scrolls as ever
    e.preventDefault();
    const d = e.deltaY || e.deltaX;
    if (e.shiftKey && !e.ctrlKey) pan(d > 0 ? .1 : -.1); else zoom(d > 0 ? 1.25 : .8, timeAt(e.clientX));
  }, { passive: false });
  let drag = null, frame = 0;
  const soon = () => { if (!frame) frame = requestAnimationFrame(() => { frame = 0; draw(); }); };
  chart.addEventListener('pointerdown', e => {
    drag = { x: e.clientX, from, to, moved: false };
  });
  window.addEventListener('pointermove', e => {
    if (drag && Math.abs(e.clientX - drag.x) > 4) {
      drag.moved = true;
      tip.hidden = true;
      const width = drag.to - drag.from;
      const a = drag.from + (drag.x - e.clientX) / plot.width * width;
      from = Math.min(Math.max(0, a), total - width);
      to = from + width;
      soon();
      return;
    }
    const box = e.target.box;
    tip.hidden = !box;
    if (!box) return;
    tip.textContent = describe(box.r, told(box.b));
    const w = tip.offsetWidth, h = tip.offsetHeight;
    tip.style.left = Math.max(4, Math.min(e.clientX + 12, innerWidth - w - 4)) + 'px';
    tip.style.top = (e.clientY + 16 + h > innerHeight ? Math.max(4, e.clientY - h - 10) : e.clientY + 16) + 'px';
  });
  window.addEventListener('pointerup', e => {
    const clicked = drag && !drag.moved;
    drag = null;
    const box = clicked && e.target.box;
    if (box) {
      row = box.i;
      chosen = box.b.span;
      details.textContent = describe(box.r, told(box.b));
      draw();
    }
  });
  chart.addEventListener('dblclick', e => zoom(e.shiftKey ? 2 : .4, timeAt(e.clientX)));
  chart.addEventListener('pointerleave', () => { tip.hidden = true; });

  // ----------------------------------------------------------------- controls

  const on = (id, what) => document.getElementById(id).addEventListener('click', what);
  on('in', () => zoom(.5, middle()));
  on('out', () => zoom(2, middle()));
  on('fit', fitAll);
  on('left', () => pan(-.25));
  on('right', () => pan(.25));
  filter.addEventListener('input', () => { choose(); draw(); });
  for (const key of document.querySelectorAll('.key')) {
    key.addEventListener('click', () => {
      const state = key.dataset.state;
      if (hidden.has(state)) hidden.delete(state); else hidden.add(state);
      key.setAttribute('aria-pressed', String(!hidden.has(state)));
      draw();
    });
  }
  window.addEventListener('resize', soon);
  choose();
  draw();
})();
