// Put into a page by BrowserTest: looks at it, uses it as a person would, and tells the page around it.
'use strict';
(() => {
  const said = ['frame: ' + window.name];
  const say = (what, value) => said.push(what + ': ' + value);
  const all = selector => [...document.querySelectorAll(selector)];
  const box = element => element.getBoundingClientRect();
  const chart = document.getElementById('chart');
  const width = document.documentElement.clientWidth;

  /** How many of these lie over another one, by more than a rounding. */
  function overlaps(elements) {
    const boxes = elements.map(box);
    let count = 0;
    for (let i = 0; i < boxes.length; i++) {
      for (let j = i + 1; j < boxes.length; j++) {
        const a = boxes[i], b = boxes[j];
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > .6 && high > .6) count++;
      }
    }
    return count;
  }

  const drawing = chart ? '#chart' : 'svg';
  const bars = () => all(drawing + ' rect[class^="st-"]');
  function look() {
    const texts = all(drawing + ' text');
    say('bars', bars().length > 4);
    say('bars over bars', overlaps(bars()));
    say('thin bars', bars().filter(bar => box(bar).width < 1.9).length);
    say('texts over texts', overlaps(texts));
    say('beyond the page', texts.concat(bars()).filter(e => box(e).right > width + .6 || box(e).left < -.6).length);
    say('scrolls sideways', document.documentElement.scrollWidth > width);
  }
  look();
  say('elements from texts', all('img, b, iframe').length);
  say('title', document.title.startsWith('look'));
  say('background', getComputedStyle(document.querySelector('.page') || document.body)[chart ? 'backgroundColor' : 'fill']);

  if (chart) {
    const details = document.getElementById('details');
    const filter = document.getElementById('filter');
    const marks = () => all('#axis text').map(e => e.textContent).join(' ');
    const key = (name, more) => document.activeElement.dispatchEvent(
      new KeyboardEvent('keydown', Object.assign({ key: name, bubbles: true, cancelable: true }, more)));
    const first = () => details.textContent.split('\n')[0];
    const drawn = () => Number(document.body.dataset.drawn);

    say('marks', overlaps(all('#axis text')) === 0 && all('#axis text').length >= 2);
    say('controls over controls', overlaps(all('button, input, .key')));
    say('small controls', all('button, input').filter(e => box(e).width < 24 || box(e).height < 24).length);
    say('unnamed controls', all('button, input').filter(
      e => !(e.textContent || e.getAttribute('aria-label')).trim()).length);

    const rows = drawn();
    const whole = marks();
    chart.focus();
    key('ArrowRight');
    say('right', first());
    key('ArrowDown');
    say('down', first());
    key('ArrowRight');
    key('Enter');
    const chosen = all('.chosen').map(box)[0];
    say('enter zooms', Boolean(chosen && chosen.width > width / 4) && marks() !== whole);
    look();
    for (let i = 0; i < 40; i++) key('+');
    say('marks, far in', overlaps(all('#axis text')) === 0 && all('#axis text').length >= 1);
    look();
    key('0');
    say('0 shows all', marks() === whole);
    key('+');
    const near = marks();
    key('ArrowRight', { shiftKey: true });
    say('shift moves', marks() !== near);
    key('0');
    key('/');
    say('slash', document.activeElement === filter);
    filter.value = 'UPLOAD';
    filter.dispatchEvent(new Event('input'));
    say('filtered', drawn() + ' ' + document.getElementById('count').textContent);
    filter.value = 'no such thing';
    filter.dispatchEvent(new Event('input'));
    say('nothing found', drawn() + ' ' + all('#chart text').map(e => e.textContent).join());
    key('Escape');
    say('escape', drawn() === rows && document.activeElement === chart);

    const open = document.querySelector('.key[data-state=OPEN]');
    open.click();
    say('hidden', all('#chart .st-OPEN').length + ' ' + open.getAttribute('aria-pressed'));
    open.click();
    say('shown again', all('#chart .st-OPEN').length > 0 && open.getAttribute('aria-pressed') === 'true');

    const tip = document.getElementById('tip');
    const bar = document.querySelector('#chart rect.st-OPEN, #chart rect.st-FAILED');
    const at = box(bar);
    const point = { bubbles: true, clientX: at.left + at.width / 2, clientY: at.top + 5 };
    bar.dispatchEvent(new PointerEvent('pointermove', point));
    say('tip', !tip.hidden && /generation \d+/.test(tip.textContent) && /address /.test(tip.textContent));
    say('tip beyond the page', box(tip).right > width || box(tip).left < 0);
    bar.dispatchEvent(new PointerEvent('pointerdown', point));
    bar.dispatchEvent(new PointerEvent('pointerup', point));
    say('click', details.textContent === tip.textContent);
    say('names', all('#chart title').map(e => e.textContent).join('|').slice(0, 60));
  }
  parent.document.getElementById('result').textContent += said.join('\n') + '\n--\n';
})();
