// What each widget must do, by keyboard alone, with its numbers computed here a second time. Called once for every text
// page by site.mjs; a page without widgets passes.
import { existsSync, readFileSync } from 'node:fs';

function near(a, b, tolerance) { return a === b || Math.abs(a - b) <= tolerance; }
function to_number(text) { return Number(text.replace('−', '-')); }

function softmax(z, temperature = 1) {
  const top = Math.max(...z);
  const powers = z.map((x) => Math.exp((x - top) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / sum);
}

async function table(scope, selector) {
  return (await scope.locator(`${selector} tbody tr`).evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)))).map((row) => row.map(to_number));
}

async function check_temperature(widget, expect) {
  const logits = await widget.locator('[data-logit]').evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.logit)));
  const still = await widget.locator('.widget-static tbody tr').evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll('td')].slice(1).map((cell) => Number(cell.textContent))));
  [0.5, 1, 2].forEach((temperature, column) => softmax(logits, temperature).forEach((p, row) =>
    expect(near(still[row][column], p, 5.1e-5), `still table: p is ${still[row][column]} at temperature ${temperature}, expected ${p}`)));
  const slider = widget.locator('input[type=range]');
  await slider.focus();
  for (const key of ['ArrowLeft', 'ArrowLeft', 'Home', 'ArrowRight', 'End']) {
    await slider.press(key);
    const temperature = Number(await slider.inputValue());
    const shown = (await table(widget, '.widget-live table')).map((row) => row[3]);
    softmax(logits, temperature).forEach((p, i) =>
      expect(near(shown[i], p, 5.1e-5), `p is ${shown[i]} at temperature ${temperature}, expected ${p}`));
    const bars = await widget.locator('.widget-live .bar').evaluateAll((all) => all.map((bar) => parseFloat(bar.style.width)));
    softmax(logits, temperature).forEach((p, i) => expect(near(bars[i], 100 * p, 0.01), `a bar is ${bars[i]} % wide, expected ${100 * p}`));
  }
  expect(Number(await slider.inputValue()) === 3, 'the slider does not reach its end by keyboard');
}

// What is drawn after each merge is the still table's; of another text, each merge takes as many pieces away as it says.
async function check_merges(widget, expect) {
  const rows = await widget.locator('.widget-static tbody tr').evaluateAll((all) =>
    all.map((row) => Array.from(row.cells, (cell) => cell.textContent)));
  const slider = widget.locator('input[type=range]'), said = widget.locator('.said');
  const pieces = async () => (await widget.locator('.piece').allTextContents()).join(' ');
  for (const [merges, pair, times, shown, count] of rows) {
    await slider.fill(merges);
    expect(await pieces() === shown, `after ${merges} merges: ${await pieces()}, expected ${shown}`);
    expect(await said.getAttribute('data-pieces') === count, `after ${merges} merges ${await said.getAttribute('data-pieces')} pieces, expected ${count}`);
    const words = await said.textContent();
    if (pair) expect(words.includes(`${pair.replace(' + ', ' and ')} stood side by side ${times} times`), `merge ${merges} is told as: ${words}`);
  }
  expect((await widget.locator('.grown').textContent()).startsWith('·the merge 3, 2 times·th merge 2, 3 times·th merge 1, 4 timesth'), `·the is said to have grown like this: ${await widget.locator('.grown').textContent()}`);
  await widget.locator('.piece[tabindex="0"]').press('Home');
  expect((await widget.locator('.grown').textContent()).startsWith('th merge 1, 4 times'), `the first piece: ${await widget.locator('.grown').textContent()}`);
  await widget.locator('textarea').fill('😀😀 ééé \n x');
  await slider.fill('0');
  expect(await said.getAttribute('data-pieces') === '19', `19 bytes are ${await said.getAttribute('data-pieces')} pieces`);
  const last = Number(await slider.getAttribute('max'));
  let before = 19;
  for (let n = 1; n <= last; n++) {
    await slider.fill(String(n));
    const now = Number(await said.getAttribute('data-pieces')), times = Number(/side ([0-9]+) times/.exec(await said.textContent())[1]);
    expect(times >= 2 && now < before && now >= before - times, `merge ${n} makes ${now} pieces of ${before} in ${times} places`);
    before = now;
  }
  expect((await pieces()).includes('😀 😀') && (await pieces()).includes('é'), `whole characters come together: ${await pieces()}`);
  await widget.locator('textarea').fill('');
  expect(await slider.isDisabled() && await said.getAttribute('data-pieces') === '0', 'an empty text has no pieces and no merges');
}

async function check_rotation(widget, expect) {
  const product = (apart) => [0, 1, 2].reduce((sum, i) => sum + Math.cos(apart * 10000 ** (-i / 3)), 0);
  const rows = await widget.locator('.widget-static tbody tr').evaluateAll((all) =>
    all.map((row) => [row.dataset.query, row.dataset.key, row.querySelector('td:last-child').textContent]));
  for (const [t, s, shown] of rows)
    expect(near(to_number(shown), product(t - s), 5.1e-4), `still table: places ${t} and ${s} give ${shown}, expected ${product(t - s)}`);
  const [query, key] = [widget.locator('input[type=range]').nth(0), widget.locator('input[type=range]').nth(1)];
  const places = async () => [Number(await query.inputValue()), Number(await key.inputValue())];
  const agrees = async (when) => {
    const [t, s] = await places(), said = Number(await widget.locator('.said').getAttribute('data-product'));
    expect(near(said, product(t - s), 1e-9), `${when}: places ${t} and ${s} give ${said}, expected ${product(t - s)}`);
  };
  await agrees('at first');
  for (const [slider, press] of [[query, 'ArrowRight'], [query, 'End'], [key, 'ArrowLeft'], [key, 'Home']]) {
    await slider.press(press);
    await agrees(press);
  }
  await widget.locator('input[type=checkbox]').check();
  await key.press('ArrowRight');
  expect((await places()).join() === '31,0', `both together leave the places: ${await places()}`);
  await query.press('ArrowLeft');
  expect((await places()).join() === '31,0', `both together come apart: ${await places()}`);
  await widget.locator('input[type=checkbox]').uncheck();
  await query.press('Home');
  await widget.locator('input[type=checkbox]').check();
  for (let i = 0; i < 4; i++) await query.press('ArrowRight');
  expect((await places()).join() === '4,4', `both together go to ${await places()}, expected 4,4`);
  await widget.locator('input[type=checkbox]').uncheck();
  const dials = widget.locator('.widget-live svg');
  await dials.hover({ position: { x: (await dials.boundingBox()).width * 20.5 / 32, y: 50 } });
  expect((await places())[0] === 20, `the pointer over place 20 sets ${(await places())[0]}`);
  await agrees('by pointer');
}

async function check_ring(widget, expect) {
  const next = widget.getByRole('button', { name: 'Next turn' });
  await next.focus();
  for (let turn = 0; turn < 4; turn++) await next.press('Enter');
  expect(await next.isDisabled(), 'three ranks need more than four turns');
  const cells = await widget.locator('.widget-live tbody td').allTextContents();
  const still = await widget.locator('.widget-static tbody tr').last().locator('td').allTextContents();
  const sums = [111, 222, 333];
  cells.forEach((cell, i) => expect(cell === `${sums[i % 3]} ✓`, `cell ${i} ends as ${cell}`));
  still.forEach((cell) => expect(cell === sums.join(' '), `the still table ends with ${cell}`));
}

async function check_stepper(tab, widget, expect) {
  const [Q, K, V] = [await table(widget, '[data-matrix=q]'), await table(widget, '[data-matrix=k]'), await table(widget, '[data-matrix=v]')];
  const T = Q.length;
  const hs = Q[0].length;
  const rows = Q.map((q, t) => {
    const scores = K.map((k, j) => (j <= t ? q.reduce((sum, x, d) => sum + x * k[d], 0) / Math.sqrt(hs) : -Infinity));
    const weights = softmax(scores);
    return { weights, out: V[0].map((_, d) => weights.reduce((sum, w, j) => sum + w * V[j][d], 0)) };
  });
  const still_weights = await table(widget, '[data-result=weights]');
  const still_out = await table(widget, '[data-result=out]');
  rows.forEach((row, t) => {
    row.weights.forEach((w, j) => expect(near(still_weights[t][j], w, 5.1e-5), `still weight (${t}, ${j}) is ${still_weights[t][j]}, expected ${w}`));
    row.out.forEach((o, d) => expect(near(still_out[t][d], o, 5.1e-5), `still output (${t}, ${d}) is ${still_out[t][d]}, expected ${o}`));
  });
  const stepper = widget.locator('.stepper');
  for (let t = 0; t < T; t++) {
    await widget.locator('select').selectOption(String(t));
    await stepper.focus();
    const steps = Number((await widget.locator('.count').textContent()).match(/of (\d+)/)[1]);
    for (let i = 0; i < steps; i++) await tab.keyboard.press(i % 2 ? 'Space' : 'ArrowRight');
    const sheet = await table(widget, '.widget-live table.sheet');
    rows[t].weights.forEach((w, j) => expect(near(sheet[4][j], w, 5.1e-5), `query ${t}: weight ${j} is ${sheet[4][j]}, expected ${w}`));
    const out = (await table(widget, '.widget-live table.role-residual'))[0];
    rows[t].out.forEach((o, d) => expect(near(out[d], o, 5.1e-5), `query ${t}: output ${d} is ${out[d]}, expected ${o}`));
    await tab.keyboard.press('ArrowLeft');
    expect((await widget.locator('.count').textContent()).startsWith(`step ${steps - 1} `), 'the left arrow does not go back');
  }
}

// Every number of the tape, and where the weight is after some steps, from the slope 2 (3 w - 5) 3.
async function check_tape(tab, widget, expect) {
  const path = (rate, steps) => Array.from({ length: steps }).reduce((all) => [...all, all.at(-1) - rate * 6 * (3 * all.at(-1) - 5)], [2]);
  const still = await table(widget, '.widget-static table');
  [0.05, 0.1, 0.12].forEach((rate, column) => path(rate, 4).forEach((w, step) =>
    expect(near(still[step][column], w, 5.1e-4), `still table: w is ${still[step][column]} after ${step} steps at ${rate}, expected ${w}`)));
  const stepper = widget.locator('.stepper');
  const w = async () => Number(await widget.locator('.said').getAttribute('data-w'));
  const shown = (what) => widget.locator(`[data-${what}]`).evaluateAll((all, name) => Object.fromEntries(all.map((text) => [text.dataset[name], text.textContent.replace('slope ', '')])), what);
  await stepper.focus();
  for (let i = 0; i < 7; i++) await tab.keyboard.press(i % 2 ? 'Space' : 'ArrowRight');
  expect(JSON.stringify(await shown('value')) === '{"w":"2","x":"3","a":"6","y":"5","e":"1","l":"1"}', `the values are ${JSON.stringify(await shown('value'))}`);
  expect(JSON.stringify(await shown('slope')) === '{"w":"6","a":"2","e":"2","l":"1"}', `the slopes are ${JSON.stringify(await shown('slope'))}`);
  await tab.keyboard.press('ArrowRight');
  expect(near(await w(), 1.4, 1e-9), `one step leads to ${await w()}`);
  for (let i = 0; i < 8; i++) await tab.keyboard.press('ArrowLeft');
  expect(near(await w(), 2, 0) && Object.keys(await shown('slope')).length === 0, 'the left arrow does not lead back to the beginning');
  for (const rate of [0.05, 0.1, 0.12]) {
    await widget.locator('input[type=range]').nth(1).fill(String(rate));
    await widget.locator('button', { hasText: 'Start again' }).press('Enter');
    for (let step = 0; step < 12; step++) await widget.locator('button', { hasText: 'One whole step' }).press('Enter');
    expect(near(await w(), path(rate, 12).at(-1), 1e-6), `12 steps at ${rate} lead to ${await w()}, expected ${path(rate, 12).at(-1)}`);
  }
}

// The numbers of docs/one_character.md, which a C++ test computes; the still table too.
async function check_journey(widget, expect) {
  const row = async (name, n = 0) => (await widget.locator(`tr[data-row="${name}"]`).nth(n).locator('td').allTextContents()).map(to_number);
  const same = async (name, wanted) => expect((await row(name)).every((v, i) => near(v, wanted[i], 1.01e-3)), `${name} is ${await row(name)}, the page says ${wanted}`);
  const still = await table(widget, '.widget-static table');
  await same('x', [0, 2, 1, 1]);
  await same('head 0', [0.053, 0.894, 0.053]);
  await same('head 1', [0.673, 0.164, 0.164]);
  await same('heard', [2.216, -0.157, 0, 0]);
  await same('after', [4.091, -0.032, 1, 1]);
  await same('unit 8', [0.937]);
  await same('logits', [2.167, -0.5, -0.333, -0.333]);
  await same('shares', still[0]);
  await widget.locator('input[type=checkbox]').press('Space');
  await same('shares', still[1]);
  await widget.locator('input[type=checkbox]').press('Space');
  await widget.locator('select').selectOption('0');
  expect(near((await row('shares'))[2], 0.564, 1e-3), `after t, the share of h is ${(await row('shares'))[2]}`);
  await widget.locator('input[type=text]').fill('t');
  for (let i = 0; i < 3; i++) await widget.locator('button').press('Enter');
  expect(await widget.locator('input[type=text]').inputValue() === 'the ', `left alone, it writes "${await widget.locator('input[type=text]').inputValue()}"`);
  await widget.locator('input[type=text]').fill('thx');
  expect((await widget.locator('.said').textContent()).includes('knows four symbols'), 'takes a symbol that it does not know');
  await widget.locator('button').press('Enter');
  expect(await widget.locator('input[type=text]').inputValue() === 'thx', 'appends to a text that it does not know');
}

async function check_heat_map(tab, widget, expect) {
  const [trace] = await traces_of(tab, widget);
  const map = widget.locator('.map');
  await map.focus();
  const value = async () => Number(await widget.locator('.said').getAttribute('data-value'));
  const tensor = trace.tensors.find((t) => t.shape.length >= 2
    && (!widget.wanted || t.name.includes(widget.wanted.split(',')[0])));
  const [rows, columns] = tensor.shape.slice(-2);
  const flat = (r, c, slice = 0) => { const v = tensor.values[slice * rows * columns + r * columns + c]; return v === null ? -Infinity : v; };
  await map.press('PageUp');
  await map.press('Home');
  const read = await values_after(map, Array.from({ length: rows }, () => ['Home', 'End', 'Home', 'ArrowDown']).flat());
  for (let r = 0; r < rows; r++) {
    expect(near(read[4 * r], flat(r, 0), 0), `cell (${r}, 0) reads ${read[4 * r]}, the trace says ${flat(r, 0)}`);
    expect(near(read[4 * r + 1], flat(r, columns - 1), 0), `cell (${r}, ${columns - 1}) reads ${read[4 * r + 1]}, the trace says ${flat(r, columns - 1)}`);
  }
  const lead = tensor.shape.slice(0, -2).reduce((a, b) => a * b, 1);
  await map.press('PageUp');
  await map.press('End');
  const said = await widget.locator('.said').textContent();
  expect(!/\d\.\d{5}/.test(said), `reads out more digits than anybody wants: ${said}`);
  if (/weights$/.test(tensor.name) && rows === columns && columns > 1) expect(said.includes('future'), `does not say that the future is not seen: ${said}`);
  const thumbs = widget.locator('.thumbs button');
  if (lead > 1 && lead <= 30) expect(await thumbs.count() === lead, `${await thumbs.count()} small maps for ${lead} matrices`);
  for (let slice = 0; slice < await thumbs.count(); slice++) {
    await thumbs.nth(slice).press('Enter');
    await map.press('PageDown');
    await map.press('Home');
    expect(near(await value(), flat(rows - 1, 0, slice), 0), `matrix ${slice} reads ${await value()}, the trace says ${flat(rows - 1, 0, slice)}`);
    expect(await thumbs.nth(slice).getAttribute('aria-pressed') === 'true', `matrix ${slice} is not marked as chosen`);
  }
  if (/weights$/.test(tensor.name) && rows === columns) {
    for (let slice = 0; slice < lead; slice++) for (let r = 0; r < rows; r++) {
      const row = Array.from({ length: columns }, (_, c) => flat(r, c, slice));
      expect(near(row.reduce((a, b) => a + b, 0), 1, 1e-3), `attention row ${r} of slice ${slice} adds up to ${row.reduce((a, b) => a + b, 0)}`);
      expect(row.slice(r + 1).every((v) => v === 0), `attention row ${r} of slice ${slice} looks at the future`);
    }
  }
  const drawn = await widget.locator('.map canvas').evaluate((canvas) => {
    const colours = new Set(), data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    for (let i = 0; i < data.length; i += 4 * 97) colours.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
    return colours.size;
  });
  expect(drawn > 3, 'the heat map is empty');
}

async function check_lines(tab, widget, expect) {
  const tensor = (await traces_of(tab, widget))[0].tensors.find((t) => /weights$/.test(t.name));
  const T = tensor.shape.at(-1);
  const heads = tensor.shape.slice(0, -2).reduce((a, b) => a * b, 1);
  const stage = widget.locator('.chart-box');
  await stage.focus();
  for (let head = 0; head < heads; head++) {
    for (const [key, q] of [['Home', 0], ['End', T - 1], ['ArrowLeft', T - 2]]) {
      await stage.press(key);
      const row = tensor.values.slice((head * T + q) * T, (head * T + q + 1) * T);
      const lines = await widget.locator('.widget-live line').evaluateAll((all) => all.map((line) => [Number(line.dataset.key), Number(line.dataset.value)]));
      const wanted = row.map((w, k) => [k, w]).filter(([k, w]) => k <= q && w >= 0.02);
      expect(JSON.stringify(lines) === JSON.stringify(wanted), `head ${head}, position ${q}: the lines are ${JSON.stringify(lines)}, expected ${JSON.stringify(wanted)}`);
      expect(Number(await widget.locator('.said').getAttribute('data-value')) === Math.max(...row), `head ${head}, position ${q}: names another weight as the largest`);
    }
    await stage.press('ArrowDown');
  }
}

// The values that a widget says after each of these keys. They are pressed in the page: by way of Playwright, which waits
// for a picture after each, hundreds of them took longer than all else on the page. Each widget gets some by hand, too.
function values_after(box, keys) {
  return box.evaluate((element, all) => {
    const said = element.closest('.widget').querySelector('.said');
    return all.map((key) => {
      element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      return Number(said.dataset.value);
    });
  }, keys);
}

// What the page's scripts share, as one text: number by number, Playwright would take seconds to hand it over.
async function shared(tab, all, names) {
  return JSON.parse(await tab.evaluate(([from, keys]) => JSON.stringify(keys.map((key) => window[from][key])), [all, names]));
}

async function traces_of(tab, widget) {
  const names = (await widget.getAttribute('data-trace')).split(',');
  return shared(tab, 'bardlingTraces', names);
}

const shown_letter = (text) => (text === '\n' ? '↵' : text === ' ' ? '␣' : text);

function largest(p) { return p.reduce((best, x, k) => (x > p[best] ? k : best), 0); }

async function check_lens(tab, widget, expect) {
  const tensor = (await traces_of(tab, widget))[0].tensors.find((t) => t.name === 'lens');
  const [L, T, V] = tensor.shape;
  const row = (l, t) => tensor.values.slice((l * T + t) * V, (l * T + t + 1) * V);
  for (const where of ['.widget-static', '.widget-live']) {
    const cells = await widget.locator(`${where} td[data-block]`).evaluateAll((all) =>
      all.map((cell) => [Number(cell.dataset.block), Number(cell.dataset.position), cell.querySelector('b').textContent, Number(cell.textContent.match(/[\d.]+$/)[0])]));
    expect(cells.length === L * T, `${cells.length} cells for ${L} places and ${T} positions`);
    for (const [l, t, letter, p] of cells) {
      const all = row(l, t);
      const best = largest(all);
      expect(letter === shown_letter(tensor.labels.next[best]) && near(p, all[best], 5.1e-3), `cell (${l}, ${t}) says ${letter} ${p}, the trace ${tensor.labels.next[best]} ${all[best]}`);
    }
  }
  const box = widget.locator('.widget-live .lens-box');
  await box.focus();
  await box.press('PageUp');
  await box.press('Home');
  for (let l = 0; l < L; l++) {
    const value = Number(await widget.locator('.said').getAttribute('data-value'));
    expect(near(value, Math.max(...row(l, 0)), 0), `by keyboard, place ${l} reads ${value}`);
    await box.press('ArrowRight');
  }
}

async function check_contexts(tab, widget, expect) {
  const tensors = (await traces_of(tab, widget))[0].tensors;
  const { values, labels: { context } } = tensors.find((t) => t.name === 'contexts');
  const hidden = tensors.find((t) => /hidden$/.test(t.name));
  const units = hidden.shape.at(-1), n = values.length / units, seen = (text) => [...text].map(shown_letter).join('');
  expect(context.every((text, i) => (values[i] > 0) === (text !== '')), 'a place without characters, or without a value');
  for (let unit = 0; unit < units; unit++)
    for (let k = 1; k < n; k++) expect(values[unit * n + k] <= values[unit * n + k - 1], `unit ${unit} has its places out of order`);
  const chosen = (await widget.getAttribute('data-units')).split(',').map(Number);
  expect(await widget.locator('select').inputValue() === String(chosen[0]), 'another unit is shown first');
  const still = await widget.locator('.widget-static tbody tr').evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)));
  still.forEach((row, rank) => row.forEach((cell, c) => {
    const at = chosen[c] * n + rank, wanted = values[at] ? `${seen(context[at])} ${values[at].toFixed(2)}` : '';
    expect(cell === wanted, `still table: "${cell}", the trace has "${wanted}"`);
  }));
  for (let unit = 0; unit < units; unit++) {
    await widget.locator('select').selectOption(String(unit));
    const rows = await widget.locator('.widget-live tbody tr').evaluateAll((all) => all.map((row) => [row.querySelector('th').textContent, row.querySelector('td').textContent]));
    const wanted = [...Array(n).keys()].map((k) => unit * n + k).filter((at) => values[at] > 0).map((at) => [seen(context[at]), values[at].toFixed(2)]);
    expect(JSON.stringify(rows) === JSON.stringify(wanted), `unit ${unit} shows ${JSON.stringify(rows)}`);
  }
}

const patches = ' ▗▖▄▝▐▞▟▘▚▌▙▀▜▛█';

async function check_drawing(tab, widget, expect) {
  const tensor = (await traces_of(tab, widget))[0].tensors.find((t) => t.name === 'predictions');
  const V = tensor.shape[1];
  const text = tensor.labels.position.slice(1, 37);
  for (const where of ['.widget-static', '.widget-live']) {
    const dots = await widget.locator(`${where} g[data-step]`).evaluateAll((all) => all.map((patch) => patch.querySelectorAll('.dot').length));
    expect(dots.length === 36, `${dots.length} characters in the picture`);
    dots.forEach((n, i) => {
      const wanted = patches.indexOf(text[i]).toString(2).split('1').length - 1;
      expect(n === wanted, `character ${i} has ${n} dots, the trace ${wanted}`);
    });
  }
  const box = widget.locator('.drawing-box');
  await box.focus();
  await box.press('End');
  (await values_after(box, ['Home', ...Array(35).fill('ArrowRight')])).forEach((value, i) => {
    const expected = tensor.values[i * V + tensor.labels.next.indexOf(text[i])];
    expect(near(value, expected, 0), `character ${i} reads ${value}, the trace says ${expected}`);
  });
}

async function check_timeline(tab, widget, expect) {
  const ways = (await traces_of(tab, widget))[0].tensors.filter((t) => t.name.startsWith('timeline.'));
  const box = widget.locator('.timeline-box');
  const read = async () => Number(await widget.locator('.said').getAttribute('data-value'));
  const rows = ways.flatMap(({ values }) => Array.from({ length: values.length / 4 }, (_, i) => values.slice(4 * i, 4 * i + 4)));
  const drawn = await widget.locator('.widget-static rect').evaluateAll((all) => all.map((rect) => Number(rect.getAttribute('width'))));
  const last = Math.max(...rows.map((row) => row[3]));
  expect(drawn.length === rows.length, `${drawn.length} stretches are drawn, the trace has ${rows.length}`);
  drawn.forEach((width, i) => expect(near(width, 404 * (rows[i][3] - rows[i][2]) / last, 0.011), `stretch ${i} is ${width} wide`));
  await box.focus();
  const first = rows.filter((row, i) => row[0] === 0 && i < ways[0].values.length / 4);
  for (const row of first.slice(0, 30)) {
    expect(near(await read(), row[3] - row[2], 0), `a stretch lasts ${await read()}, the trace says ${row[3] - row[2]}`);
    await box.press('ArrowRight');
  }
  await box.press('Home');
  await box.press('ArrowDown');
  expect((await widget.locator('.said').textContent()).includes('rank 1'), 'arrow down does not lead to the next rank');
  const longest = rows.indexOf(rows.reduce((a, b) => (a[3] - a[2] > b[3] - b[2] ? a : b)));
  await widget.locator('.timeline-box rect').nth(longest).hover();
  expect(near(await read(), rows[longest][3] - rows[longest][2], 0), 'the pointer does not choose the stretch under it');
}
async function check_units(tab, widget, expect) {
  const wanted = widget.wanted || 'layers.states';
  const tensor = (await traces_of(tab, widget))[0].tensors.find((t) => t.name === wanted);
  const [L, T, C] = tensor.shape;
  const box = widget.locator('.widget-live .unit-box');
  const read = async () => Number(await widget.locator('.said').getAttribute('data-value'));
  for (let unit = 0; unit < Math.min(C, 3); unit++) {
    await widget.locator('input[type=number]').fill(String(unit));
    await widget.locator('input[type=number]').press('Tab');
    await box.focus();
    const letters = Math.min(T, 40);
    const said = await values_after(box, ['Home', ...Array(letters - 1).fill('ArrowRight')]);
    const coloured = await box.locator('b[data-position]').evaluateAll((all) => Object.fromEntries(all.map((b) => [b.dataset.position, [Number(b.style.getPropertyValue('--v')), b.classList.contains('below')]])));
    for (let t = 0; t < letters; t++) {
      const expected = tensor.values[t * C + unit], [shown, below] = coloured[t];
      expect(near(said[t], expected, 0), `unit ${unit} after letter ${t} reads ${said[t]}, the trace says ${expected}`);
      const colour = Math.abs(expected) / Math.max(...Array.from({ length: T }, (_, i) => Math.abs(tensor.values[i * C + unit])));
      expect(near(shown, colour, 1e-6), `letter ${t} is coloured ${shown} for ${expected}`);
      expect(below === expected < 0, `letter ${t} has the wrong colour for ${expected}`);
    }
  }
  await box.press('End');
  await box.press('ArrowDown');
  expect(near(await read(), tensor.values[(T - 1) * C + Math.min(C, 3) - 2], 0), 'arrow down is not the unit before');
  await box.locator('b[data-position="1"]').hover();
  expect(near(await read(), tensor.values[C + Math.min(C, 3) - 2], 0), 'the pointer does not choose the letter under it');
}

async function check_path(tab, widget, expect) {
  const tensor = (await traces_of(tab, widget))[0].tensors.find((t) => t.name === 'path');
  const [n, V] = tensor.shape;
  const box = widget.locator('.path-box');
  await box.focus();
  await box.press('Home');
  for (let t = 0; t < n; t++) {
    const p = tensor.values.slice(t * V, (t + 1) * V);
    const drawn = p[tensor.labels.next.indexOf(tensor.labels.step[t])];
    const value = Number(await widget.locator('.said').getAttribute('data-value'));
    expect(near(value, drawn, 0), `step ${t} reads ${value}, the trace says ${drawn}`);
    const bars = await widget.locator('.widget-live ol.path > li').nth(t).locator('.path-bar i').evaluateAll((all) =>
      all.map((bar) => ({ letter: bar.textContent, p: Number(bar.style.flexGrow), kind: bar.className })));
    expect(near(bars.reduce((sum, bar) => sum + bar.p, 0), 1, 2e-3), `the bars of step ${t} add up to ${bars.reduce((sum, bar) => sum + bar.p, 0)}`);
    for (const bar of bars.filter((one) => one.kind !== 'rest')) {
      const expected = p[tensor.labels.next.map(shown_letter).indexOf(bar.letter)];
      expect(near(bar.p, expected, 5.1e-5), `step ${t}: ${bar.letter} is ${bar.p} wide, expected ${expected}`);
    }
    const marked = bars.filter((bar) => bar.kind.includes('drawn')).map((bar) => bar.letter);
    expect(marked.length === 1 && marked[0] === shown_letter(tensor.labels.step[t]), `step ${t} marks ${marked}, drawn was ${tensor.labels.step[t]}`);
    await box.press('ArrowDown');
  }
}

// Tables of bars: the values in the cells, the widths by them, and the choice of position or step by keyboard.
async function check_bars(tab, widget, expect) {
  const traces = await traces_of(tab, widget);
  const tensors = traces.map((trace) => trace.tensors.find((t) => t.name.includes(widget.wanted)));
  const rows = { stream: 'after', gradients: 'parameter' }[widget.wanted] || 'next';
  const [first] = tensors;
  const a = first.axes.indexOf(rows);
  const other = 1 - a;
  const by_trace = tensors.length > 1 || first.shape[other] > 5;
  const at = (tensor, i, j) => tensor.values[a === 0 ? i * tensor.shape[1] + j : j * tensor.shape[1] + i];
  const part = (name) => (/blocks\.\d/.test(name) ? `block ${name.match(/blocks\.(\d+)/)[1]}` : name.replace(/^body\./, '').split('.')[0].replaceAll('_', ' '));
  const place = (name) => (name === 'embedded' ? 'embeddings' : name.replace('blocks.', 'block ').replace('.read', ', attention').replace('.thought', ', feed-forward'));
  const name_of = { after: place, parameter: part, next: (name) => name }[rows];
  const column = (tensor, choice) => {
    const all = {};
    tensor.labels[rows].forEach((label, i) => {
      const line = Array.from({ length: tensor.shape[other] }, (_, j) => at(tensor, i, j));
      const v = choice < 0 ? line.reduce((x, y) => x + y, 0) / line.length : line[choice];
      all[name_of(label)] = rows === 'parameter' ? Math.hypot(all[name_of(label)] ?? 0, v) : v;
    });
    return all;
  };
  const compare = async (where, choice) => {
    const wanted = by_trace ? tensors.map((tensor) => column(tensor, choice)) : first.labels[first.axes[other]].map((_, j) => column(first, j));
    const lines = await widget.locator(`${where} tr[data-row]`).evaluateAll((all) => all.map((row) => ({ name: row.dataset.row,
      cells: [...row.querySelectorAll('td')].map((cell) => ({ text: cell.textContent, width: cell.firstChild ? parseFloat(cell.firstChild.style.width) : 0 })) })));
    expect(lines.length > 1, 'the table is empty');
    const most = Math.max(...lines.flatMap((line) => wanted.map((one) => one[line.name] ?? 0)));
    for (const line of lines) line.cells.forEach((cell, c) => {
      const v = wanted[c][line.name];
      if (v === undefined) { expect(cell.text === '', `${line.name} shows ${cell.text} where the trace has nothing`); return; }
      expect(near(Number(cell.text), v, 0.006 * v), `${line.name} shows ${cell.text}, the trace says ${v}`);
      expect(near(cell.width, 100 * v / most, 0.02), `${line.name}: bar ${cell.width} %, expected ${100 * v / most}`);
    });
  };
  const initial = by_trace && first.axes[other] === 'position' ? -1 : 0;
  await compare('.widget-static', initial);
  await compare('.widget-live', initial);
  const select = widget.locator('select');
  if (await select.count()) {
    await select.focus();
    await select.press('End');
    await compare('.widget-live', first.shape[other] - 1);
  }
}

async function check_samples(tab, widget, expect) {
  const names = (await widget.getAttribute('data-report')).split(',');
  const reports = await shared(tab, 'bardlingReports', names);
  const texts = await widget.locator('.widget-static pre').allTextContents();
  reports.forEach((report, i) => {
    const said = texts[i].replace(/…$/, '');
    expect(said.length > 0 && report.sample.replace(/^\n+/, '').startsWith(said), `sample ${names[i]} shows "${said}"`);
  });
  const buttons = widget.locator('.button-row button');
  await buttons.first().focus();
  await buttons.first().press('Home');
  for (let i = 0; i < reports.length; i++) {
    const open = await widget.locator('.widget-live li:not([hidden])').evaluateAll((all) => all.map((item) => item.dataset.report));
    expect(open.length === 1 && open[0] === names[i], `by keyboard, ${open} is open, expected ${names[i]}`);
    await buttons.nth(i).press('ArrowRight');
  }
}

async function check_curve(tab, widget, expect) {
  const names = (await widget.getAttribute('data-report')).split(',');
  const reports = await shared(tab, 'bardlingReports', names);
  const stage = widget.locator('.chart-box');
  await stage.focus();
  await stage.press('Home');
  const longest = reports.reduce((a, b) => (b.curve.at(-1).step > a.curve.at(-1).step ? b : a));
  for (const point of longest.curve) {
    const said = await widget.locator('.said').textContent();
    expect(said.includes(`Step ${point.step}:`) && said.includes(point.val.toFixed(4)), `the curve says "${said}" where the report has step ${point.step}, ${point.val}`);
    await stage.press('ArrowRight');
  }
  const ends = await widget.locator('.widget-live circle.end').evaluateAll((all) => all.map((dot) => Number(dot.dataset.value)));
  expect([...ends].sort().join() === reports.map((report) => report.val_loss).sort().join(), `the points at the ends are ${ends}, not the losses of the whole part`);
  // The text names the number at which one of the runs ends, the chart's own.
  const text = await tab.locator('.contents').evaluate((contents) => [...contents.querySelectorAll('p, td, .fragment, pre')].filter((e) => !e.closest('.widget')).map((e) => e.textContent).join(' '));
  const named = (report) => report.origin === 'your own run' || report.val_loss < 0.01 || text.includes(report.val_loss.toFixed(3));
  expect(reports.some(named), `the curves end at ${reports.map((report) => report.val_loss.toFixed(3))}, none of which the text says`);
  await check_bands(widget, names, reports, expect);
  const points = await widget.locator('.widget-live polyline.line-val').evaluateAll((all) => all.map((line) => line.getAttribute('points').trim().split(' ').length));
  reports.forEach((report, i) => expect(points[i] === report.curve.length, `curve ${names[i]} has ${points[i]} points, its report ${report.curve.length}`));
}

// The band of several seeds is as wide as they are apart, on the scale that the points at the ends give.
async function check_bands(widget, names, reports, expect) {
  const dots = await widget.locator('.widget-live circle.end').evaluateAll((all) => all.map((dot) => [Number(dot.dataset.value), Number(dot.getAttribute('cy'))]));
  const lines = await widget.locator('.widget-live line.grid').evaluateAll((all) => all.map((line) => Number(line.getAttribute('y1'))));
  const marks = await widget.locator('.widget-live svg.chart').evaluate((svg) => [...svg.querySelectorAll(':scope > text[text-anchor=end]:not(.soft)')].map((text) => Number(text.textContent)));
  const height = (loss) => lines[0] + (lines.at(-1) - lines[0]) * (loss - marks[0]) / (marks.at(-1) - marks[0]);
  for (const [loss, y] of dots) expect(near(y, height(loss), 1), `the point of ${loss} is at ${y}, and the scale has ${height(loss)} for it`);
  const shown = await widget.locator('.widget-live path.band').evaluateAll((all) => all.map((path) => [path.dataset.report, path.getAttribute('d')]));
  expect(shown.map(([name]) => name).join() === names.filter((_, i) => reports[i].band).join(), `bands of ${shown.map(([name]) => name)}`);
  for (const [name, d] of shown) {
    const { points, seeds, ends } = reports[names.indexOf(name)].band;
    const at = d.slice(1, -1).split('L').map((point) => Number(point.split(',')[1]));
    expect(new Set(seeds).size === seeds.length && seeds.length >= 3, `${name} has the seeds ${seeds}`);
    expect(ends[0] <= ends[1] && ends[1] <= ends[2], `${name}: the mean of the ends is none: ${ends}`);
    points.forEach(([, low, mean, high], i) => {
      expect(low <= mean && mean <= high, `${name}: ${mean} is no mean of losses from ${low} to ${high}`);
      expect(near(at[i], height(high), 1) && near(at[2 * points.length - 1 - i], height(low), 1), `${name}: the band's place ${i} is ${at[i]} to ${at[2 * points.length - 1 - i]}`);
    });
  }
}

async function check_beside(tab, root, expect) {
  const parts = root.locator('.beside-picture [data-part]');
  // On a desk, whoever points at a box sees the box and its line.
  const before = tab.viewportSize();
  await tab.setViewportSize({ width: 1280, height: 720 });
  for (let i = 0; i < await parts.count(); i++) {
    await parts.nth(i).scrollIntoViewIfNeeded();
    await parts.nth(i).dispatchEvent('pointerenter');
    const unseen = await parts.nth(i).evaluate((box) => {
      const seen = (place) => place.top >= 0 && place.bottom <= innerHeight;
      const line = box.closest('.beside').querySelector('.line.lit').getBoundingClientRect();
      const code = box.closest('.beside').querySelector('.fragment').getBoundingClientRect();
      return [seen(line) && line.top >= code.top - 1 && line.bottom <= code.bottom + 1 ? '' : 'the line', seen(box.getBoundingClientRect()) ? '' : 'the box'].filter(Boolean).join(' and ');
    });
    expect(!unseen, `on a desk of 1280 x 720, ${unseen} of part "${await parts.nth(i).getAttribute('data-part')}" is out of sight`);
  }
  await tab.setViewportSize(before);
  for (let i = 0; i < await parts.count(); i++) {
    await parts.nth(i).focus();
    const name = await parts.nth(i).getAttribute('data-part');
    expect(await root.locator('.line.lit').count() > 0, `part "${name}" lights up no line`);
    await tab.keyboard.press('Enter');
    expect(await parts.nth(i).getAttribute('aria-pressed') === 'true', `part "${name}" cannot be kept lit by Enter`);
    await tab.keyboard.press('Escape');
  }
  const lines = root.locator('.line[role=button]');
  for (let i = 0; i < await lines.count(); i++) {
    await lines.nth(i).focus();
    expect(await root.locator('[data-part].lit').count() > 0, `line ${i} lights up no part of the picture`);
  }
}

// The map's coordinates are checked as what principal components are: they do not correlate, turning the table by their
// directions gives them back, and no channel alone is as wide as the first.
const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const cosine = (a, b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const mean_of = (rows) => rows[0].map((_, c) => rows.reduce((sum, row) => sum + row[c], 0) / rows.length);

function check_components(rows, scores, share, expect) {
  const middle = mean_of(rows);
  const X = rows.map((row) => row.map((x, c) => x - middle[c]));
  const widths = X[0].map((_, c) => X.reduce((sum, row) => sum + row[c] ** 2, 0));
  const total = widths.reduce((a, b) => a + b, 0);
  const lengths = scores.map((one) => dot(one, one));
  expect(near(lengths[0] + lengths[1], share * total, 1e-6 * total), `the map says that it holds ${share}, and holds ${(lengths[0] + lengths[1]) / total}`);
  expect(Math.abs(dot(...scores)) < 1e-6 * total, 'the two components correlate');
  expect(lengths[0] > Math.max(...widths) - 1e-9, 'the first component is not the widest direction');
  scores.forEach((one, k) => {
    const axis = X[0].map((_, c) => X.reduce((sum, row, i) => sum + row[c] * one[i], 0) / lengths[k]);
    const again = X.map((row) => dot(row, axis));
    expect(again.every((x, i) => near(x, one[i], 1e-5 * Math.sqrt(total))), `component ${k + 1} is none: the table does not give it back`);
  });
}

async function check_embeddings(tab, widget, expect) {
  const [trace] = await traces_of(tab, widget);
  const tables = {};
  for (const tensor of trace.tensors.filter((t) => /^(token_embedding|output|position_embedding).weight$/.test(t.name))) {
    const [S, R, C] = tensor.shape;
    tables[tensor.name] = Array.from({ length: S }, (_, s) => {
      const rows = Array.from({ length: R }, (_, r) => tensor.values.slice((s * R + r) * C, (s * R + r + 1) * C));
      return tensor.axes[1] === 'channel' ? rows[0].map((_, c) => rows.map((row) => row[c])) : rows;
    });
  }
  const { step: steps, symbol: symbols } = trace.tensors.find((t) => t.name === 'token_embedding.weight').labels;
  const choice = widget.locator('select').first();
  const slider = widget.locator('input[type=range]');
  const stage = widget.locator('.chart-box');
  for (const name of Object.keys(tables)) {
    await choice.selectOption(name);
    await slider.focus();
    await slider.press('End');
    for (let step = steps.length - 1; step >= 0; step--) {
      const rows = tables[name][step];
      expect((await widget.locator('output').textContent()) === `step ${steps[step]}`, `the slider does not lead to step ${steps[step]}`);
      const scores = await widget.locator('.widget-live .embedding-map text').evaluateAll((all) => [all.map((t) => Number(t.dataset.x)), all.map((t) => Number(t.dataset.y))]);
      check_components(rows, scores, Number(await widget.locator('.legend').last().getAttribute('data-share')), (good, what) => expect(good, `${name}, step ${steps[step]}: ${what}`));
      await slider.press('ArrowLeft');
    }
    await slider.press('End');
    await stage.focus();
    await stage.press('Home');
    const of_symbols = name !== 'position_embedding.weight';
    for (const i of [0, 1, 2]) {
      const shown = await widget.locator('.embedding-lists .list-box').evaluateAll((all) => all.map((box) =>
        [...box.querySelectorAll('li')].map((line) => [Number(line.dataset.i), Number(line.dataset.value)])));
      const wanted = of_symbols
        ? ['token_embedding.weight', 'output.weight'].filter((key) => tables[key]).map((key) => tables[key].at(-1).map((row, j) => [j, cosine(tables[key].at(-1)[i], row)])
          .filter(([j]) => j !== i).sort((a, b) => b[1] - a[1]).slice(0, 8))
        : [tables[name].at(-1).map((row, j) => [j, cosine(tables[name].at(-1)[i], row)])];
      wanted.forEach((list, k) => list.forEach(([j, v], n) =>
        expect(shown[k]?.[n]?.[0] === j && near(shown[k][n][1], v, 1e-9), `${name}, row ${i}: number ${n} of list ${k} is ${shown[k]?.[n]}, expected ${j}, ${v}`)));
      await stage.press('ArrowRight');
    }
  }
  // A letter, and the direction in which capitals lie.
  await choice.selectOption('token_embedding.weight');
  const rows = tables['token_embedding.weight'].at(-1);
  const pairs = symbols.map((small, i) => [i, symbols.indexOf(small.toUpperCase())]).filter(([i, j]) => j >= 0 && j !== i);
  const direction = mean_of(pairs.map(([i, j]) => rows[j].map((x, c) => x - rows[i][c])));
  const count = (by) => pairs.filter(([i, j]) => {
    const goal = rows[i].map((x, c) => x + by[c]);
    return rows.every((row, k) => k === i || k === j || cosine(goal, row) < cosine(goal, rows[j]));
  }).length;
  await widget.locator('input[type=checkbox]').check();
  const said = await widget.locator('.said').textContent();
  expect(said.includes(`Of ${pairs.length} small letters, ${count(direction)} come nearest`), `says "${said}", expected ${count(direction)} of ${pairs.length}`);
  expect(said.includes(`this way, ${count(direction.map(() => 0))} without`), `says "${said}", expected ${count(direction.map(() => 0))} without the direction`);
  await widget.locator('select').nth(1).selectOption('2');
  expect(await widget.locator('select').nth(1).inputValue() === '2', 'another component cannot be chosen');
}

// The C++ in the page against the same C++ here in Node. Where the site was built without it, its place says so.
async function engine_of(widget, expect) {
  const folder = await widget.evaluate(() => document.querySelector('script[src="live/client.js"]').src.replace(/[^/]*$/, ''));
  const script = (name) => readFileSync(new URL(name, folder), 'utf8');
  if (!existsSync(new URL('wasm.js', folder))) {
    expect((await widget.locator('.said').textContent()).includes('apt-get install'), 'does not say what is missing for the live parts');
    return null;
  }
  const packed = (name) => Buffer.from(script(`${name}.js`).match(/"([A-Za-z0-9+/=]*)";$/m)[1], 'base64');
  const make = new Function(`${script('engine.js')}; return bardlingEngine;`)();
  return { engine: make(packed('wasm')), packed };
}

// A file that the browser cannot read, such as one that is gone: a sentence.
async function check_unreadable(tab, widget, expect) {
  const handle = await widget.elementHandle();
  await tab.evaluate(() => { File.prototype.arrayBuffer = () => Promise.reject(new Error('it is gone')); });
  await widget.locator('input[type=file]').setInputFiles({ name: 'gone', mimeType: 'text/plain', buffer: Buffer.from('To be') });
  await tab.waitForFunction((element) => element.querySelector('.said').textContent === 'gone cannot be read: it is gone', handle)
    .catch(() => expect(false, 'a file that cannot be read is not said'));
  await tab.evaluate(() => { delete File.prototype.arrayBuffer; });
}
// Two presses, one right after the other.
const twice = (button) => button.evaluate((element) => { element.click(); element.click(); });

async function check_training(tab, widget, expect) {
  const live = await engine_of(widget, expect);
  if (!live) return;
  const figures = widget.locator('.figures'), [go, one, again] = [0, 1, 2].map((i) => widget.locator('.button-row button').nth(i));
  const step = async () => Number(await figures.getAttribute('data-step'));
  const state = (wanted) => tab.waitForFunction(([element, word]) => element.dataset.training === word, [widgetHandle, wanted]);
  const widgetHandle = await widget.elementHandle();
  await go.focus();
  // Chapter 1's steps are so quick that from here the pause might come too late: the page presses its button itself.
  const pressed = tab.evaluate((element) => new Promise((done) => {
    const figures = element.querySelector('.figures');
    new MutationObserver((changes, watcher) => {
      if (!(Number(figures.dataset.step) > 2)) return;
      watcher.disconnect();
      const press = () => document.activeElement.click(); // the button kept the focus
      press();
      press(); // goes on before what was paused has come to its end
      new MutationObserver((more, other) => {
        if (element.dataset.training !== 'running') return;
        other.disconnect();
        press();
        done();
      }).observe(element, { attributes: true });
    }).observe(figures, { attributes: true });
  }), widgetHandle);
  await tab.keyboard.press('Enter');
  await pressed;
  await state('paused');
  await one.focus(); // What is under way comes to its end before the one step.
  await tab.keyboard.press('Enter');
  await tab.waitForFunction((element) => element.querySelector('.said').textContent.startsWith('Step '), widgetHandle);
  const stepped = await widget.locator('.said').textContent(), reached = (await step()).toLocaleString('en-US');
  expect(stepped.startsWith(`Step ${reached}: `), `at step ${reached} it says "${stepped}"`);
  const [[at, loss]] = JSON.parse(await figures.getAttribute('data-looks'));
  const name = await widget.evaluate((element) => element.querySelector('select')?.value ?? element.dataset.report);
  const task = name.startsWith('ch10');
  live.engine.create({ ...live.engine.recipes[name], ...(task ? {} : { text: live.packed('play') }) });
  expect(at === 0 && loss === live.engine.look(5000), `the first loss is ${loss} at step ${at}, and here it is ${live.engine.look(5000)}`);
  expect((await widget.locator('.widget-live polyline.line-train').getAttribute('points')).includes(','), 'the curve has no point');
  await tab.waitForFunction((element) => element.querySelector('.heard').textContent.length > 100, widgetHandle);
  if (task) await check_asking(tab, widget, widgetHandle, live.engine, expect);
  await again.focus();
  await tab.keyboard.press('Enter');
  await state('new');
  expect(await step() === 0, 'does not start again');
  // Two single steps, the second pressed twice: it is one, and its loss is its own.
  for (const press of [() => one.press('Enter'), () => twice(one)]) {
    await press();
    await state('paused');
  }
  live.engine.create({ ...live.engine.recipes[name], ...(task ? {} : { text: live.packed('play') }) });
  const { losses } = live.engine.train({ steps: 2 }), second = await widget.locator('.said').textContent();
  expect(second.startsWith('Step 2: ') && near(Number(second.match(/loss was ([\d.]+)\./)?.[1]), losses[1], 5.1e-4), `after two steps it says "${second}", and the loss here is ${losses[1]}`);
  await again.press('Enter');
  await state('new');
  // A rate that is none, and a text that is too short: a sentence each.
  const rate = widget.locator('label', { hasText: 'Learning rate' }).locator('input');
  await rate.fill('');
  await one.focus();
  await tab.keyboard.press('Enter');
  await tab.waitForFunction((element) => element.querySelector('.said').textContent.includes('A learning rate is a number'), widgetHandle);
  expect(await widget.locator('.file-button').isHidden() === task, 'a task and a text of one\'s own do not go together');
  if (task) return;
  await widget.locator('input[type=file]').setInputFiles({ name: 'short.txt', mimeType: 'text/plain', buffer: Buffer.from('é'.repeat(600)) });
  await tab.waitForFunction((element) => element.querySelector('.said').textContent.includes('600 characters, too few to learn from'), widgetHandle);
  await widget.locator('input[type=file]').setInputFiles({ name: 'mine.txt', mimeType: 'text/plain', buffer: Buffer.from('äbc \n'.repeat(400)) });
  await tab.waitForFunction((element) => element.querySelector('.origin').textContent.includes('mine.txt, 2,000 characters'), widgetHandle);
  await one.focus();
  await tab.keyboard.press('Enter');
  await tab.waitForFunction((element) => Number(element.querySelector('.figures').dataset.step) === 1, widgetHandle);
  await state('paused');
  await check_unreadable(tab, widget, expect);
}

// A model of chapter 10's is asked while it has learned next to nothing: right is what is right, and a picture has its dots.
async function check_asking(tab, widget, handle, engine, expect) {
  const [field, ask, unseen] = [widget.locator('input.asked'), widget.getByRole('button', { name: 'Ask', exact: true }), widget.getByRole('button', { name: 'One that it never learned' })];
  const says = (words) => tab.waitForFunction(([element, text]) => element.querySelector('.said').textContent.includes(text), [handle, words]);
  await field.fill('silver');
  await field.press('Enter');
  await says('You asked, and the answer is');
  const heard = await widget.locator('.heard').textContent(), answer = heard.replace('right  ', '').replace('wrong  ', '');
  expect(/^silver>/.test(answer) && heard.startsWith('right') === (answer === 'silver>eilrsv'), `asked to sort silver, it says "${heard}"`);
  await unseen.focus();
  await tab.keyboard.press('Enter');
  await says('from the half that training never had');
  await field.fill('SILVER');
  await ask.focus();
  await tab.keyboard.press('Enter');
  await says('expected 1 to 8 digits or small letters');
  await widget.locator('select').selectOption('ch10_draw');
  await field.fill('house');
  await ask.press('Enter');
  await says('You asked, and the answer is');
  const drawn = await widget.locator('.heard .pictures svg').evaluateAll((all) => all.map((svg) => [svg.getAttribute('aria-label'), ...[...svg.querySelectorAll('rect')].map((dot) => `${dot.getAttribute('x')},${dot.getAttribute('y')}`)]));
  expect(drawn.map(([what]) => what).join() === 'drawn,the nearest that training had', `the pictures are ${drawn.map(([what]) => what)}`);
  // A house of the program's has a roof and walls: what is nearest is one, whatever was drawn.
  expect(drawn[1].length > 25, `the picture that training had has ${drawn[1].length - 1} dots`);
  const [, said] = (await widget.locator('.heard').textContent()).match(/differs in (\d+) of 144/) ?? [];
  const [ours, learned] = drawn.map(([, ...dots]) => new Set(dots)), differ = [...ours].filter((dot) => !learned.has(dot)).length + [...learned].filter((dot) => !ours.has(dot)).length;
  expect(Number(said) === differ, `the two pictures differ in ${differ} dots, and it says ${said}`);
  await widget.locator('select').selectOption('ch10_sort');
}

async function check_speaking(tab, widget, expect) {
  const live = await engine_of(widget, expect);
  if (!live) return;
  const handle = await widget.elementHandle();
  const says = (words) => tab.waitForFunction(([element, text]) => element.querySelector('.said').textContent.includes(text), [handle, words]);
  const [next, run, back] = [0, 1, 2].map((i) => widget.locator('.button-row button').nth(i));
  const text = () => widget.locator('textarea').inputValue();
  const shares = async () => (await widget.locator('.letter').evaluateAll((all) => all.map((cell) => Number(cell.dataset.p))));
  const { symbols } = live.engine.load(live.packed('small_5000'));
  const same = async (options) => {
    const wanted = live.engine.next(await text(), options), shown = await shares();
    expect(shown.length === 65 && shown.every((p, id) => p === wanted[id]), `the shares after "${await text()}" are not those of the C++ here`);
    return shown;
  };
  // Two that want the engine at once get the same one.
  const workers = tab.workers().length;
  await widget.evaluate((element) => {
    element.querySelector('select').dispatchEvent(new Event('change'));
    element.querySelector('.button-row button').click();
  });
  await says('given every character a share');
  expect(tab.workers().length <= workers + 1, `it starts ${tab.workers().length - workers} engines`);
  const first = await text(), p = await same({});
  // Two presses are one roll; a roll is taken back without a character, and so it is when the shares change.
  const empty = async () => await back.getAttribute('aria-disabled') === 'true';
  await twice(next);
  await says('The die fell on');
  await back.press('Enter');
  await says('nothing had been appended');
  expect(await empty() && await text() === first, 'Back does not take back the roll alone');
  await next.press('Enter');
  await says('The die fell on');
  await widget.locator('input[type=range]').fill('0.5');
  await says('Other shares');
  await tab.waitForFunction(([element, share]) => Number(element.querySelector('.letter').dataset.p) !== share, [handle, p[0]]);
  await widget.locator('input[type=range]').fill('1');
  await tab.waitForFunction(([element, share]) => Number(element.querySelector('.letter').dataset.p) === share, [handle, p[0]]);
  expect(await empty(), 'a roll among other shares can be taken back');
  await next.focus();
  await tab.keyboard.press('Enter');
  await says('The die fell on');
  const id = Number(await widget.locator('.letter.drawn').getAttribute('data-id'));
  live.engine.seedDice(1337);
  live.engine.next(first);
  expect(id === live.engine.draw().id, 'the die falls otherwise than here');
  await tab.keyboard.press('Enter');
  await says('Now it is part of the text');
  expect(await text() === first + String.fromCodePoint(symbols[id]), `the character is not appended: "${await text()}"`);
  await same({});
  await back.focus();
  await tab.keyboard.press('Enter');
  await says('One character back');
  expect(await text() === first && (await shares()).every((x, i) => x === p[i]), 'Back does not lead back');
  await widget.locator('.letter[tabindex="0"]').focus();
  await tab.keyboard.press('Home');
  await tab.keyboard.press('ArrowRight');
  await tab.keyboard.press('Enter');
  await says('Now it is part of the text');
  expect(await text() === first + String.fromCodePoint(symbols[1]), 'a character that is chosen by keyboard is not appended');
  await widget.locator('input[type=range]').fill('0');
  await tab.waitForFunction((element) => element.querySelectorAll('.letter[data-p="1"]').length === 1, handle);
  await widget.locator('input[type=range]').fill('0.5');
  await widget.locator('label', { hasText: 'Top-k' }).locator('input').fill('3');
  await tab.waitForFunction((element) => element.querySelectorAll('.letter[data-p="0"]').length === 62, handle);
  await same({ temperature: 0.5, topK: 3 });
  await run.focus();
  await tab.keyboard.press('Enter');
  await tab.waitForFunction(([element, n]) => element.querySelector('textarea').value.length > n, [handle, first.length + 3]);
  await tab.keyboard.press('Enter');
  await tab.waitForFunction((element) => [...element.querySelectorAll('button')].some((button) => button.textContent === 'Run'), handle);
  await widget.locator('textarea').fill('to #');
  await says('is not one of the 65 characters');
  await widget.locator('textarea').fill('KING: ');
  await says('Another text');
  await same({ temperature: 0.5, topK: 3 });
  await widget.locator('input[type=file]').setInputFiles({ name: 'x.safetensors', mimeType: 'application/octet-stream', buffer: Buffer.from('nothing') });
  await says('no .safetensors file');
  await check_unreadable(tab, widget, expect);
  // Of fewer characters than the one that was chosen last: there is still one for the keyboard.
  await widget.locator('.letter[tabindex="0"]').focus();
  await tab.keyboard.press('End');
  live.engine.create({ ...live.engine.recipes.ch03, symbols: '\n abcde' });
  await widget.locator('input[type=file]').setInputFiles({ name: 'few.safetensors', mimeType: 'application/octet-stream', buffer: Buffer.from(live.engine.save()) });
  await tab.waitForFunction((element) => element.querySelectorAll('.letter').length === 7, handle);
  expect(await widget.locator('.letter[tabindex="0"]').count() === 1, 'after a model of fewer characters the keyboard reaches none');
  live.engine.create({ ...live.engine.recipes.ch03, text: live.packed('play') });
  await widget.locator('input[type=file]').setInputFiles({ name: 'mine.safetensors', mimeType: 'application/octet-stream', buffer: Buffer.from(live.engine.save()) });
  await tab.waitForFunction((element) => element.querySelector('.origin').textContent.includes('Chapter 3, 7,553 weights'), handle);
  await same({ temperature: 0.5, topK: 3 });
  const trained = widget.locator('option[value=trained]');
  if (await trained.isDisabled()) return;
  await widget.locator('select').selectOption('trained');
  await tab.waitForFunction((element) => element.querySelector('.origin').textContent.includes('the model trained on this page'), handle);
  const all = await shares();
  expect(all.length > 1 && near(all.reduce((a, b) => a + b), 1, 1e-5), `the shares of the trained model add up to ${all.reduce((a, b) => a + b)}`);
}

export async function check_widgets(tab, page, { expect }) {
  const widgets = tab.locator('.widget[data-state=ready]');
  for (let i = 0; i < await widgets.count(); i++) {
    const widget = widgets.nth(i);
    const name = await widget.getAttribute('data-widget');
    widget.wanted = await widget.getAttribute('data-tensor');
    const say = (good, message) => expect(good, page, `${name}: ${message}`);
    if (name === 'softmax-temperature') await check_temperature(widget, say);
    if (name === 'rotation') await check_rotation(widget, say);
    if (name === 'merges') await check_merges(widget, say);
    if (name === 'ring-sum') await check_ring(widget, say);
    if (name === 'attention-stepper') await check_stepper(tab, widget, say);
    if (name === 'heat-map') await check_heat_map(tab, widget, say);
    if (name === 'loss-curve') await check_curve(tab, widget, say);
    if (name === 'lens') await check_lens(tab, widget, say);
    if (name === 'tape-stepper') await check_tape(tab, widget, say);
    if (name === 'journey') await check_journey(widget, say);
    if (name === 'attention-lines') await check_lines(tab, widget, say);
    if (name === 'embeddings') await check_embeddings(tab, widget, say);
    if (name === 'contexts') await check_contexts(tab, widget, say);
    if (name === 'sample-path') await check_path(tab, widget, say);
    if (name === 'drawing') await check_drawing(tab, widget, say);
    if (name === 'timeline') await check_timeline(tab, widget, say);
    if (name === 'units') await check_units(tab, widget, say);
    if (name === 'bars') await check_bars(tab, widget, say);
    if (name === 'samples') await check_samples(tab, widget, say);
    if (name === 'train-here') await check_training(tab, widget, say);
    if (name === 'speak') await check_speaking(tab, widget, say);
  }
  const besides = tab.locator('.beside');
  for (let i = 0; i < await besides.count(); i++)
    await check_beside(tab, besides.nth(i), (good, message) => expect(good, page, `beside: ${message}`));
}
