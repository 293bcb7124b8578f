// docs/site/theme/find.js on a small index: what is found, in which order, and what a slip of the hand does.
import { readFileSync } from 'node:fs';
import test from 'node:test';
import assert from 'node:assert/strict';

const window = {};
new Function('window', readFileSync(new URL('../../docs/site/theme/find.js', import.meta.url), 'utf8'))(window);

const index = () => ({
  sections: [
    ['Bigram', '', 'chapter_01.html', 'A table of pairs.'],
    ['Bigram', 'How wrong is it?', 'chapter_01.html#wrong', 'The loss is one number: the loss of a guess. Loss again.'],
    ['Self-attention', '', 'chapter_02.html', 'Letters look back.'],
    ['Self-attention', 'Where to read on', 'chapter_02.html#on', 'A paper.'],
    ['Self-attention', 'Attention by hand', 'chapter_02.html#hand', 'Scores, a mask, shares.'],
    ['Glossary', '', 'glossary.html', 'The words.'],
    ['Glossary', 'K to L', 'glossary.html#k', 'Loss. One number. Key/value cache. What is kept.'],
  ],
  terms: [
    ['Loss', 'One number that says how wrong the model is.', 'chapter_01.html#wrong'],
    ['Key/value cache', 'What is kept while speaking.', 'chapter_06.html#cache'],
    ['Validation loss', 'On text that was not learned from.', 'chapter_01.html#parts'],
  ],
  names: [
    ['MultiHeadAttention', 'class', '', 'mha.html'],
    ['MultiHeadAttention', 'function', 'MultiHeadAttention', 'mha.html#a'],
    ['causal_attention', 'function', '', 'ops.html#b'],
    ['val_loss', 'variable', 'Report', 'report.html#c'],
    ['loss.hpp', 'header', '', 'loss.html'],
  ],
});
const find = (query) => window.bardlingFind(index(), query);
const titles = (query) => find(query).hits.map((hit) => hit.title);

test('what every object of JavaScript has is a word like others', () => {
  for (const word of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) assert.deepEqual(titles(word), []);
});

test('words are found at their beginnings, not inside others: loss is not in glossary', () => {
  assert.deepEqual(titles('loss').slice(0, 2), ['Loss', 'Validation loss']);
  assert.ok(!titles('loss').includes('Glossary'));
  assert.ok(titles('loss').includes('How wrong is it?'));
  assert.ok(titles('los').includes('Loss'));
  assert.deepEqual(titles('ossary'), []);
});

test('parts of a name in capitals or with underscores are words', () => {
  assert.ok(titles('attention').includes('MultiHeadAttention'));
  assert.ok(titles('attention').includes('causal_attention'));
  assert.equal(titles('multiheadattention')[0], 'MultiHeadAttention');
  assert.equal(titles('MultiHead')[0], 'MultiHeadAttention');
});

test('a constructor does not stand beside its class', () => {
  assert.equal(titles('multi head attention').filter((title) => title.includes('MultiHead')).length, 1);
});

test('the title of a page speaks for the page, not for each section in it', () => {
  const found = titles('attention');
  assert.ok(found.indexOf('Self-attention') < found.indexOf('Where to read on'));
  assert.ok(found.indexOf('Attention by hand') < found.indexOf('Where to read on'));
});

test('a term of the glossary leads to the place that explains it', () => {
  const [first] = find('loss').hits;
  assert.deepEqual([first.kind, first.url], ['Glossary', 'chapter_01.html#wrong']);
});

test('all words must be there', () => {
  assert.deepEqual(titles('validation loss'), ['Validation loss']);
  assert.deepEqual(titles('table mask'), []);
});

test('other names of things are known', () => {
  assert.equal(titles('kv cache')[0], 'Key/value cache');
  assert.deepEqual(titles('attn'), titles('attention'));
});

test('one slip of the hand is mended, and said', () => {
  for (const slip of ['atention', 'attentoin', 'attentionn', 'attantion']) {
    assert.equal(find(slip).instead, 'attention', slip);
    assert.deepEqual(titles(slip), titles('attention'), slip);
  }
  assert.deepEqual([find('attention').instead, find('att').instead], ['', '']);
  assert.deepEqual([titles('xyzzy'), find('xyzzy').instead], [[], '']);
});

test('signs are no words', () => {
  for (const query of ['', '  ', '(', '.*', '\\']) assert.deepEqual(titles(query), []);
});
