// The C++ in the page against the same C++ on this machine: losses of the first 20 steps, every number inside a
// forward pass, and what chapter 10's tasks answer. And what the page is told when something is wrong with what it asks.
//
//   node tests/docs/engine.cjs SOURCE live.wasm live_twin
const { execFileSync } = require('child_process');
const { existsSync, readFileSync } = require('fs');
const { gzipSync } = require('zlib');
const [source, wasm, twin] = process.argv.slice(2);
if (!existsSync(wasm)) {
  console.log('skipped: no clang here compiles for WebAssembly: apt-get install clang lld libc++-dev-wasm32 libclang-rt-dev-wasm32');
  process.exit(77);
}
const bardlingEngine = require(`${source}/docs/live/engine.js`);
const corpus = `${source}/data/original_play.txt`, text = readFileSync(corpus);
let failures = 0;
function expect(right, message) {
  if (!right) { console.log(message); ++failures; }
}
function refuses(what, words, f) {
  let said = 'nothing';
  try { f(); } catch (error) { said = error.message; }
  expect(said.includes(words), `${what}: expected "${words}", and it said "${said}"`);
}
const engine = bardlingEngine(readFileSync(wasm));

const size = gzipSync(readFileSync(wasm), { level: 9 }).length;
expect(size < 300e3, `live.wasm has ${size} bytes when it is compressed, and may have 300,000`);

const lines = { ch10_sort: 'silver>eilrsv', ch10_add: '417+385=2080', ch10_draw: 'f▗▄▄▄▄▖▐▀▀▀▀▌' };
for (const [name, r] of Object.entries(engine.recipes)) {
  if (r.C > 64) continue; // the larger sizes take minutes, and are the same class
  const task = r.chapter === 10, line = lines[name] ?? 'To be, or not to be';
  const about = engine.create(task ? r : { ...r, text });
  // The programs: the reports say how many parameters their models have, with the same 65 letters.
  const report = JSON.parse(readFileSync(`${source}/docs/runs/${name}.json`, 'utf8'));
  for (const [key, value] of Object.entries({ chapter: r.chapter, parameters: about.parameters, batch: r.B, context: r.T, lr: r.lr, steps: r.steps }))
    expect(Math.abs(report[key] - value) < 1e-6, `${name}: ${key} is ${value} in the page, and ${report[key]} in docs/runs/${name}.json`);
  const { tensors, ids } = engine.inside(line);
  const { losses } = engine.train({ steps: 20 });
  const printed = execFileSync(twin, [corpus, r.chapter, r.stage, r.B, r.T, r.C, r.H, r.L, r.scheduled, r.lr, 20, line].map(String), { encoding: 'utf8', maxBuffer: 1 << 27 });
  const native = printed.trim().split('\n').map((row) => row.split(' ')).map(([first, ...numbers]) => [first, numbers.map((x) => (x === '-inf' ? -Infinity : Number(x)))]);
  const here = [...tensors.map(({ name: tensor, values }) => [tensor, Array.from(values)]), ['losses', Array.from(losses)], ['look', [engine.look(5000)]]];
  if (task) {
    engine.seedDice(7);
    here.push(['share', [engine.shareRight(20)]], ['said', Array.from(Buffer.from(engine.ask().shown))]);
  }
  expect(here.length === native.length, `${name}: ${here.length} rows of numbers in the page, ${native.length} on this machine`);
  here.forEach(([what, values], i) => {
    const [their, numbers] = native[i] ?? ['nothing', []];
    expect(what === their && values.length === numbers.length, `${name}: ${what} with ${values.length} numbers, where this machine has ${their} with ${numbers.length}`);
    const largest = Math.max(...numbers.filter(Number.isFinite).map(Math.abs));
    const k = values.findIndex((x, j) => !(x === numbers[j] || Math.abs(x - numbers[j]) <= 1e-4 * largest));
    expect(k < 0, `${name}: ${what}[${k}] is ${values[k]} in the page, ${numbers[k]} on this machine`);
  });
  expect(ids.length === (r.chapter > 1 ? Math.min(line.length, r.T) : line.length), `${name}: ${ids.length} ids for a context of ${r.T}`);
  check_inside(name, Object.fromEntries(tensors.map((tensor) => [tensor.name, tensor])), r);
}

// What the names promise: sums of the stream, attention that adds up to 1 and sees no future.
function check_inside(name, all, r) {
  const { shape: [, T], values: p } = all.probabilities;
  for (let t = 0; t < T; ++t) {
    const sum = p.slice(t * p.length / T, (t + 1) * p.length / T).reduce((a, b) => a + b);
    expect(Math.abs(sum - 1) < 1e-5, `${name}: the probabilities after position ${t} add up to ${sum}`);
  }
  if (r.chapter > 1) {
    const where = all.where?.values ?? all.what.values.map(() => 0); // rotation adds nothing
    const k = all.embedded.values.findIndex((x, i) => Math.abs(x - all.what.values[i] - where[i]) > 1e-6);
    expect(k < 0, `${name}: embedded[${k}] is not what + where`);
  }
  for (const [place, { shape, values }] of Object.entries(all)) {
    if (!/(^|\.)weights$/.test(place)) continue;
    values.forEach((x, i) => expect(i % T <= Math.floor(i / T) % T || x === 0, `${name}: ${place} looks into the future at ${i}`));
    for (let row = 0; row < values.length / T; ++row) {
      const sum = values.slice(row * T, row * T + T).reduce((a, b) => a + b);
      expect(Math.abs(sum - 1) < 1e-5, `${name}: row ${row} of ${place} ${shape} adds up to ${sum}`);
    }
  }
  if (!(r.chapter === 6 || r.chapter === 10 || r.stage === 2)) return;
  for (let l = 0, stream = all.embedded; l < r.L; ++l) {
    const of = (tensor) => all[`blocks.${l}.${tensor}`].values;
    const differs = (a, b, c) => a.findIndex((x, i) => Math.abs(x - b[i] - c[i]) > 1e-5);
    expect(differs(of('read'), stream.values, of('attention_projection')) < 0, `${name}: block ${l}: read is not the stream + attention_projection`);
    expect(differs(of('thought'), of('read'), of('feed_forward_projection')) < 0, `${name}: block ${l}: thought is not read + feed_forward_projection`);
    expect(of('hidden').every((x, i) => x === Math.max(0, of('before_relu')[i])), `${name}: block ${l}: hidden is not relu(before_relu)`);
    stream = all[`blocks.${l}.thought`];
  }
}

// A run that is saved and loaded goes on as if it had never stopped.
engine.create({ ...engine.recipes.ch05_norm, text });
engine.train({ steps: 3 });
const file = engine.save();
const next = engine.train({ steps: 2 }).losses;
expect(engine.load(file).step === 3, 'a saved run is not at its step when it is loaded');
engine.learnFrom(text);
expect(engine.train({ steps: 2 }).losses.every((x, i) => x === next[i]), 'a saved run goes on otherwise when it is loaded');

// A task is learned, asked, saved and loaded; its answers are judged by the chapter's own rule.
{
  const r = engine.recipes.ch10_sort;
  engine.create(r);
  expect(engine.ask('silver').right === false, 'an untrained model sorts');
  engine.train({ steps: 300 });
  const share = engine.shareRight(100), loss = engine.look(5000);
  expect(share > 0.2 && loss < 0.4, `after 300 steps, ${share} of the rows are sorted, at a loss of ${loss}`);
  const asked = engine.ask('aaaaaa');
  expect(asked.shown.startsWith('aaaaaa>') && asked.right === (asked.shown === 'aaaaaa>aaaaaa'), `asked to sort aaaaaa, it says ${asked.shown}, and that this is ${asked.right ? 'right' : 'wrong'}`);
  const unasked = Array.from({ length: 50 }, () => engine.ask());
  for (const { shown, right } of unasked) {
    const [question, answer] = shown.split('>');
    expect(right === ([...question].sort().join('') === answer), `${shown} is judged ${right}`);
  }
  expect(new Set(unasked.map(({ shown }) => shown)).size > 40, 'it asks the same again and again');
  refuses('too many to sort', '1 to 8', () => engine.ask('zyxwvutsr'));
  const again = engine.load(engine.save());
  expect(again.variant === 'sort' && again.step === 300 && engine.look(5000) === loss, 'a saved sorter is another');
  engine.create(engine.recipes.ch10_add);
  refuses('a sum that is none', 'such as 417+385', () => engine.ask('417-385'));
  expect(/^417\+385=/.test(engine.ask('417+385').shown), 'a sum is asked otherwise');
  engine.create(engine.recipes.ch10_draw);
  refuses('a row that is too short', '12 dots', () => engine.ask('face ..#'));
  expect(engine.ask('house').shown.startsWith('drawn, and the nearest that training had'), 'it draws no house');
}
engine.load(file);
engine.learnFrom(text);
refuses('a question to a model of texts', "chapter 10's models", () => engine.ask('silver'));

// The die: the letter drawn is the one on whose part of the line from 0 to 1 the point lies.
engine.seedDice(7);
const p = engine.next('To b', { temperature: 0.8, topK: 5 });
expect(p.filter((x) => x > 0).length === 5, 'top-k 5 leaves another number than 5');
for (let i = 0; i < 200; ++i) {
  const before = engine.dice(), { where, id } = engine.draw();
  const start = p.slice(0, id).reduce((a, b) => a + b, 0);
  expect(where >= start - 1e-6 && where <= start + p[id] + 1e-6, `the die fell on ${where}, and drew ${id}, from ${start} on`);
  engine.restoreDice(before);
  expect(engine.draw().id === id, 'the die draws otherwise from the same state');
}
engine.seedDice(7);
const said = engine.speak('To be', 40);
engine.seedDice(7);
expect(said.length === 40 && engine.speak('To be', 40).every((x, i) => x === said[i]), 'the same seed says something else');
expect(engine.next('x', { temperature: 0 }).filter((x) => x === 1).length === 1, 'temperature 0 is not one letter alone');

// A character is a code point, of whatever alphabet; in a file, the vocabulary is the bytes of its UTF-8.
{
  const greek = 'ὕβρις φυτεύει τύραννον — 𝄞\n'.repeat(60), letters = [...new Set(greek)].sort((a, b) => a.codePointAt(0) - b.codePointAt(0));
  const about = engine.create({ ...engine.recipes.ch02, text: greek });
  expect(about.V === letters.length && String.fromCodePoint(...about.symbols) === letters.join(''), `${about.V} letters of ${letters.length}`);
  engine.train({ steps: 3 });
  const p = engine.next('φυτεύει τύρ');
  expect(p.length === letters.length, `${p.length} shares for ${letters.length} letters`);
  expect(engine.next(Uint32Array.from('φυτεύει τύρ', (x) => x.codePointAt(0))).every((x, i) => x === p[i]), 'code points are not the string');
  const inside = engine.inside('ὕβρις');
  expect(inside.ids.map((id) => letters[id]).join('') === 'ὕβρις', 'the ids of a Greek word are others');
  expect([...new TextDecoder('utf-8', { fatal: true }).decode(engine.speak('φ', 20))].length === 20, 'it does not speak 20 characters');
  const again = engine.load(engine.save());
  expect(String.fromCodePoint(...again.symbols) === letters.join(''), 'a saved vocabulary is another');
  expect(engine.next('φυτεύει τύρ').every((x, i) => x === p[i]), 'a saved model says something else');
  engine.load(file);
  engine.learnFrom(text);
}

// What is the reader's mistake is one sentence, and costs nothing; what is ours takes the model along.
const steps = engine.about().step;
refuses('an unknown letter', "is not one of the 65 characters", () => engine.next('#'));
refuses('no letter', 'at least one character', () => engine.next(''));
refuses('a text that is too short', 'at least 90 characters', () => engine.learnFrom('To be'));
refuses('a learning rate', 'must be in [0, 10]', () => engine.train({ lr: -1 }));
refuses('a temperature', 'must be in [0, 100]', () => engine.next('a', { temperature: NaN }));
refuses('heads that do not fit', 'multiple of H', () => engine.create({ ...engine.recipes.ch06, H: 5, text }));
refuses('a file that is none', 'no .safetensors file', () => engine.load(new Uint8Array([1, 2, 3])));
refuses('a file that is cut', 'no .safetensors file', () => engine.load(file.slice(0, 5000)));
refuses("somebody else's file", "no model of Bardling's", () => engine.load(bare('{}')));
expect(engine.about().step === steps, 'a mistake has cost the model');
expect(engine.train().losses.length === 1, 'the model does not learn on after a mistake');
refuses('a model that is too large', 'memory', () => engine.create({ ...engine.recipes.ch06, C: 16384, H: 4, L: 64, text }));
refuses('a model that is gone', 'no model yet', () => engine.train());
expect(engine.create({ ...engine.recipes.ch01, text }).V === 65, 'no new model after the memory ran out');

function bare(header) {
  const bytes = new Uint8Array(8 + header.length);
  bytes[0] = header.length;
  bytes.set(new TextEncoder().encode(header), 8);
  return bytes;
}

process.exit(failures > 0 ? 1 : 0);
