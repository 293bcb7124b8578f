// What each widget must do, by keyboard alone, with its numbers computed here a second time. Called once for every text
// page by site.mjs; a page without widgets passes.

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

async function check_heat_map(tab, widget, expect) {
  const name = await widget.getAttribute('data-trace');
  const trace = await tab.evaluate((key) => window.bardlingTraces[key], name);
  const map = widget.locator('.map');
  await map.focus();
  const value = async () => Number(await widget.locator('.said').getAttribute('data-value'));
  const tensor = trace.tensors.find((t) => t.shape.length >= 2
    && (!widget.wanted || t.name.includes(widget.wanted)));
  const [rows, columns] = tensor.shape.slice(-2);
  const flat = (r, c, slice = 0) => { const v = tensor.values[slice * rows * columns + r * columns + c]; return v === null ? -Infinity : v; };
  await map.press('PageUp');
  await map.press('Home');
  for (let r = 0; r < rows; r++) {
    expect(near(await value(), flat(r, 0), 0), `cell (${r}, 0) reads ${await value()}, the trace says ${flat(r, 0)}`);
    await map.press('End');
    expect(near(await value(), flat(r, columns - 1), 0), `cell (${r}, ${columns - 1}) reads ${await value()}, the trace says ${flat(r, columns - 1)}`);
    await map.press('Home');
    await map.press('ArrowDown');
  }
  const lead = tensor.shape.slice(0, -2).reduce((a, b) => a * b, 1);
  if (/weights$/.test(tensor.name) && rows === columns) {
    for (let slice = 0; slice < lead; slice++) for (let r = 0; r < rows; r++) {
      const row = Array.from({ length: columns }, (_, c) => flat(r, c, slice));
      expect(near(row.reduce((a, b) => a + b, 0), 1, 1e-3), `attention row ${r} of slice ${slice} adds up to ${row.reduce((a, b) => a + b, 0)}`);
      expect(row.slice(r + 1).every((v) => v === 0), `attention row ${r} of slice ${slice} looks at the future`);
    }
  }
  const drawn = await widget.locator('canvas').evaluate((canvas) => {
    const colours = new Set(), data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    for (let i = 0; i < data.length; i += 4 * 97) colours.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
    return colours.size;
  });
  expect(drawn > 3, 'the heat map is empty');
}

async function check_curve(tab, widget, expect) {
  const names = (await widget.getAttribute('data-report')).split(',');
  const reports = await tab.evaluate((keys) => keys.map((key) => window.bardlingReports[key]), names);
  const stage = widget.locator('.chart-box');
  await stage.focus();
  await stage.press('Home');
  const longest = reports.reduce((a, b) => (b.curve.at(-1).step > a.curve.at(-1).step ? b : a));
  for (const point of longest.curve) {
    const said = await widget.locator('.said').textContent();
    expect(said.includes(`Step ${point.step}:`) && said.includes(point.val.toFixed(4)), `the curve says "${said}" where the report has step ${point.step}, ${point.val}`);
    await stage.press('ArrowRight');
  }
  const points = await widget.locator('.widget-live polyline.line-val').evaluateAll((all) => all.map((line) => line.getAttribute('points').trim().split(' ').length));
  reports.forEach((report, i) => expect(points[i] === report.curve.length, `curve ${names[i]} has ${points[i]} points, its report ${report.curve.length}`));
}

async function check_beside(tab, root, expect) {
  const parts = root.locator('.beside-picture [data-part]');
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

export async function check_widgets(tab, page, { expect }) {
  const widgets = tab.locator('.widget[data-state=ready]');
  for (let i = 0; i < await widgets.count(); i++) {
    const widget = widgets.nth(i);
    const name = await widget.getAttribute('data-widget');
    widget.wanted = await widget.getAttribute('data-tensor');
    const say = (good, message) => expect(good, page, `${name}: ${message}`);
    if (name === 'softmax-temperature') await check_temperature(widget, say);
    if (name === 'attention-stepper') await check_stepper(tab, widget, say);
    if (name === 'heat-map') await check_heat_map(tab, widget, say);
    if (name === 'loss-curve') await check_curve(tab, widget, say);
  }
  const besides = tab.locator('.beside');
  for (let i = 0; i < await besides.count(); i++)
    await check_beside(tab, besides.nth(i), (good, message) => expect(good, page, `beside: ${message}`));
}
