// The walk through a forward pass, in Chromium with WebGL by software: what it draws is what the same C++ computes as a
// program of this machine; every stop by keyboard alone; flat, without WebGL, without WebAssembly; bad input.
//
//   node tests/docs/walk.mjs SITE SOURCE live_twin
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { axe, launch, skip } from './browser.mjs';

const [site, source, twin] = process.argv.slice(2).map((path) => resolve(path));
if (!existsSync(join(site, 'live/wasm.js'))) skip('the site was built without the C++ for the page');

const faults = [];
const expect = (right, message) => { if (!right) faults.push(message); };
const near = (a, b, tolerance = 1e-4) => a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

const line = 'To be, or not to be';
const printed = execFileSync(twin, [join(source, 'data/original_play.txt'), 6, 0, 16, 32, 64, 4, 4, /*scheduled=*/0, 1e-3, 0, line].map(String), { encoding: 'utf8', maxBuffer: 1 << 27 });
const native = Object.fromEntries(printed.trim().split('\n').map((row) => row.split(' ')).map(([name, ...all]) => [name, all.map((x) => (x === '-inf' ? -Infinity : Number(x)))]));
const native_of = ({ name, head, rows, cols }) => native[name]?.slice((head ?? 0) * rows * cols, ((head ?? 0) + 1) * rows * cols);

const browser = await launch(['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'], 180000);
async function open(hash, { width = 1280, script = null } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(120000);
  if (script) await context.addInitScript(script);
  const tab = await context.newPage();
  tab.on('pageerror', (error) => faults.push(`${hash}: script error: ${error.message}`));
  tab.on('request', (request) => expect(/^(file|data|blob|about):/.test(request.url()), `asks ${request.url()}`));
  await tab.goto(`${pathToFileURL(join(site, 'walk.html')).href}#${hash}`);
  await tab.waitForSelector('.walk[data-ready]', { state: 'attached' });
  return tab;
}
const said = (tab) => tab.locator('.walk-trouble').textContent();
async function check_axe(tab, what) {
  await tab.evaluate(axe);
  const found = await tab.evaluate(async () => (await window.axe.run(document.querySelector('.widget'), { resultTypes: ['violations'], preload: false })).violations
    .filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 120)} ${v.nodes[0].any[0]?.message ?? ''}`));
  for (const violation of found) faults.push(`${what}: ${violation}`);
}

// All slabs: what lies in the texture is what the program computed.
const tab = await open(`stop=model&model=untrained&text=${encodeURIComponent(line)}`);
expect(await said(tab) === '', `the walk begins with "${await said(tab)}"`);
const slabs = await tab.evaluate(() => {
  const walk = document.querySelector('.widget[data-widget=walk]').walk;
  return Object.values(walk.scene().slabs).map((slab) => ({ id: slab.id, name: slab.name, head: slab.head, rows: slab.rows, cols: slab.cols, title: slab.title,
    drawn: slab.weight ? null : walk.drawn(slab.id).map((v) => (v === -Infinity ? '-inf' : v)) }));
});
const compared = new Set();
for (const slab of slabs) {
  if (!slab.drawn || slab.id === 'ids') continue;
  const values = native_of(slab);
  expect(values?.length === slab.drawn.length, `${slab.id}: ${slab.drawn.length} cells are drawn, and the program has ${values?.length}`);
  if (!values) continue;
  compared.add(slab.name);
  const drawn = slab.drawn.map((v) => (v === '-inf' ? -Infinity : v));
  const wrong = drawn.findIndex((v, i) => !near(v, values[i]));
  expect(wrong < 0, `${slab.id}: cell ${wrong} is ${drawn[wrong]}, and the program says ${values[wrong]}`);
  if (/\.weights$/.test(slab.name)) for (let r = 0; r < slab.rows; ++r) {
    const row = drawn.slice(r * slab.cols, (r + 1) * slab.cols);
    expect(near(row.reduce((a, b) => a + b, 0), 1), `${slab.id}: row ${r} adds up to ${row.reduce((a, b) => a + b, 0)}`);
    expect(row.slice(r + 1).every((v) => v === 0), `${slab.id}: row ${r} looks at the future`);
  }
}
for (const name of Object.keys(native)) expect(['losses', 'look'].includes(name) || compared.has(name), `${name} is drawn nowhere`);

// Every stop by keyboard alone: its name in the address, plates of the right slabs, a picture, a sum that comes out right.
const stops = await tab.evaluate(() => document.querySelector('.widget[data-widget=walk]').walk.stops());
expect(stops.length >= 36, `${stops.length} stops`);
await tab.locator('.walk-stage').focus();
for (const [i, stop] of stops.entries()) {
  await tab.waitForSelector(`.walk[data-drawn="${stop.id}"]`, { state: 'attached' });
  const now = await tab.evaluate(() => {
    const root = document.querySelector('.widget[data-widget=walk]'), { walk } = root, slabs = walk.scene().slabs, { cell } = walk.state;
    return { stop: root.querySelector('.walk').dataset.stop, hash: location.hash, shown: walk.shown().map(({ id }) => id),
      plates: [...root.querySelectorAll('.walk-plates .walk-plate')].map((plate) => ({ tensor: plate.dataset.tensor, text: plate.textContent, title: slabs[plate.dataset.tensor].title })),
      sum: cell && { id: cell.id, total: String(walk.explain(cell).total), value: String(slabs[cell.id].at(cell.r, cell.c)), said: root.querySelector('.walk-reading').dataset.value },
      source: root.querySelector('.walk-source').getAttribute('href'), lines: root.querySelectorAll('.walk-reading, .walk-words').length };
  });
  expect(now.stop === stop.id && now.hash.includes(`stop=${stop.id}&`), `after ${i} keys the walk is at ${now.stop} (${now.hash}), expected ${stop.id}`);
  expect(now.shown.length > 0 && now.plates.length > 0, `${stop.id} shows ${now.shown.length} tensors with ${now.plates.length} names`);
  for (const { tensor, text, title } of now.plates) {
    expect(now.shown.includes(tensor) || stop.id === 'model', `${stop.id}: the name "${text}" is of ${tensor}, which the stop does not show`);
    expect(text.includes(title) || /^(block \d|embeddings|the answer)/.test(text), `${stop.id}: ${tensor} is called "${text}"`);
  }
  expect(!stop.cell || now.sum, `${stop.id} points at no cell`);
  if (now.sum) expect(now.sum.said === now.sum.value && near(Number(now.sum.total), Number(now.sum.value)), `${stop.id}: the sum written out is ${now.sum.total}, the cell ${now.sum.value}`);
  const [page, anchor] = now.source.split('#');
  expect(readFileSync(join(site, page), 'utf8').includes(`"${anchor}"`), `${stop.id} leads to ${now.source}, which is not there`);
  await tab.keyboard.press(i % 3 === 1 ? ' ' : 'ArrowRight');
}
await tab.keyboard.press('ArrowLeft');
expect(await tab.locator('.walk').getAttribute('data-stop') === stops.at(-2).id, 'the left arrow does not go back');
const colours = await tab.locator('.walk-space').evaluate((canvas) => new Promise((done) => requestAnimationFrame(() => {
  const root = document.querySelector('.widget[data-widget=walk]');
  root.querySelector('.walk-stage').dispatchEvent(new KeyboardEvent('keydown', { key: '+' }));
  requestAnimationFrame(() => {
    const copy = document.createElement('canvas');
    copy.width = canvas.width;
    copy.height = canvas.height;
    const pen = copy.getContext('2d');
    pen.drawImage(canvas, 0, 0);
    const data = pen.getImageData(0, 0, copy.width, copy.height).data, all = new Set();
    for (let i = 0; i < data.length; i += 4 * 31) all.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
    done(all.size);
  });
})));
expect(colours > 20, `the space has ${colours} colours`);
await check_axe(tab, 'in space');

// Bad input is a sentence, and the walk stays.
await tab.locator('.walk-text').fill('To be # or');
await tab.waitForFunction(() => /not one of the \d+ characters/.test(document.querySelector('.walk-trouble').textContent)).catch(() => faults.push('an unknown letter is not said'));
await tab.locator('.walk-text').fill('');
await tab.waitForFunction(() => /at least one character/.test(document.querySelector('.walk-trouble').textContent)).catch(() => faults.push('an empty text is not said'));
await tab.locator('.walk-text').fill('To b');
await tab.waitForFunction(() => document.querySelector('.walk').dataset.text === 'To b' && document.querySelector('.walk-trouble').hidden).catch(() => faults.push('a new text changes nothing'));
expect(await tab.evaluate(() => document.querySelector('.widget[data-widget=walk]').walk.scene().T) === 4, 'a new text has another length');

// The model of docs/one_character.md: the numbers that the page gives after "the", and after its first two letters.
await tab.locator('.controls select').first().selectOption('speller');
await tab.waitForFunction(() => document.querySelector('.walk').dataset.text === 'the');
const spelled = await tab.evaluate(() => { const { slabs } = document.querySelector('.widget[data-widget=walk]').walk.scene(); return [[2, 0], [0, 2], [1, 1]].map(([r, c]) => slabs.probabilities.at(r, c)); });
[0.811, 0.564, 0.652].forEach((share, i) => expect(near(spelled[i], share, 5.1e-4), `the 292 weights give ${spelled[i]}, the page says ${share}`));
// Two models chosen one after the other, of which the first takes longer: the numbers are those of the one that the label names.
const write = async (words) => {
  await tab.locator('.walk-text').fill(words);
  await tab.waitForFunction((wanted) => document.querySelector('.walk').dataset.text === wanted, words);
  return tab.evaluate(() => Array.from(document.querySelector('.widget[data-widget=walk]').walk.scene().slabs.probabilities.values));
};
await tab.locator('.controls select').first().selectOption('small_100');
const calm = await write('To be');
await tab.locator('.controls select').first().evaluate((select) => {
  for (const value of ['small_500', 'small_100']) {
    select.value = value;
    select.dispatchEvent(new Event('change'));
  }
});
await tab.waitForFunction(() => bardlingLive.files.small_500);
await write('To b');
const hurried = await write('To be');
expect(hurried.every((v, i) => v === calm[i]), 'a model that is slow to come stands under the name of the one that was chosen after it');
await tab.locator('.controls select').first().selectOption('untrained');
await tab.locator('.walk-text').fill('To b');
await tab.waitForFunction(() => document.querySelector('.walk').dataset.text === 'To b');

// Flat: the same stops and numbers, a cell by arrow keys.
await tab.locator('.walk-choice', { hasText: 'Flat' }).press('Enter');
expect(await tab.locator('.walk').getAttribute('data-view') === 'flat', 'there is no flat view');
await tab.locator('.walk-way select').selectOption(String(stops.findIndex(({ id }) => id === 'weights')));
const map = tab.locator('.walk-map-box').last();
await map.focus();
await map.press('PageUp');
await map.press('Home');
const cell = await tab.locator('.walk-reading').evaluate((reading) => [reading.dataset.cell, reading.dataset.value]);
expect(cell[0] === 'blocks.0.weights[0]:0,0' && cell[1] === '1', `flat, the first weight is ${cell}`);
await map.press('ArrowRight');
expect(await tab.locator('.walk-reading').getAttribute('data-value') === '0', 'flat, the first position looks at the second');
await tab.locator('.walk-table summary').press('Enter');
await tab.locator('.walk-table td').nth(15).waitFor({ state: 'attached' });
expect(await tab.locator('.walk-table td').count() === 16, 'the table has not all numbers');
await check_axe(tab, 'flat');

// Before the C++ is there, no file can be given to it.
const early = await open('stop=dot', { script: () => {
  new MutationObserver(() => { window.was ??= document.querySelector('.walk .file-button button')?.disabled; }).observe(document, { childList: true, subtree: true });
} });
expect(await early.evaluate(() => window.was && !document.querySelector('.walk .file-button button').disabled), 'a file can be chosen before there is an engine, or never');
await early.close();

// Without WebGL it is flat, without WebAssembly it is the trace that comes with the site.
const plain = await open('stop=dot', { script: () => {
  HTMLCanvasElement.prototype.getContext = ((old) => function (kind, ...more) { return kind === 'webgl2' ? null : old.call(this, kind, ...more); })(HTMLCanvasElement.prototype.getContext);
} });
expect(await plain.locator('.walk').getAttribute('data-view') === 'flat' && /no WebGL/.test(await said(plain)), `without WebGL it says "${await said(plain)}"`);
const old = await open('stop=weights', { width: 390, script: () => { delete window.WebAssembly; } });
expect(/no WebAssembly/.test(await said(old)), `without WebAssembly it says "${await said(old)}"`);
const trace = JSON.parse(readFileSync(join(source, 'docs/runs/ch06.trace.json'), 'utf8')).tensors.find(({ name }) => name === 'blocks.weights').values;
const shown = await old.evaluate(() => Array.from(document.querySelector('.widget[data-widget=walk]').walk.scene().slabs['blocks.0.weights[0]'].values));
expect(shown.every((v, i) => near(v, trace[i])), 'without WebAssembly it is not the trace');
expect(await old.locator('.walk').getAttribute('data-view') === 'flat', 'a phone does not begin with the flat view');

await browser.close();
for (const fault of faults) console.log(fault);
console.log(faults.length ? `${faults.length} faults in the walk` : `${stops.length} stops, ${slabs.length} slabs: no fault`);
process.exit(faults.length ? 1 : 0);
