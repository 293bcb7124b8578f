// Are our ids those of another program for GPT-2's vocabulary? Called by parity.sh: parity.mjs ENCODE FOLDER, with the npm
// package gpt-3-encoder in FOLDER.
//
// What that package splits at is JavaScript's \s. GPT-2 itself splits with Python's, which is Unicode's White_Space: the two
// differ in U+0085 (white space in Unicode alone) and U+FEFF (in JavaScript alone). Texts with one of these are compared
// with the package's own code, in which \s is written as \p{White_Space}; all others with the package as it is.
import {spawnSync} from "node:child_process";
import {readFileSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";

const [encode_program, folder] = process.argv.slice(2);
const require = createRequire(join(folder, "parity.cjs"));
const source = join(folder, "Encoder.js");
const theirs = require(source);
const code = readFileSync(source, "utf8");
const as_gpt2 = code.replace(/^const pat = .*$/m, (line) =>
  line.replace("[^\\s\\p", "[^\\p{White_Space}\\p").replaceAll("\\s", "\\p{White_Space}").replaceAll("\\S", "\\P{White_Space}"));
if (as_gpt2 === code || as_gpt2.match(/^const pat.*$/m)[0].includes("\\s")) throw new Error("the package's pattern is not as expected");
writeFileSync(join(folder, "Encoder.white_space.cjs"), as_gpt2);
const with_white_space = require(join(folder, "Encoder.white_space.cjs"));

// Dice that fall the same way every time.
let state = 20261126;
const dice = (n) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor(state / 2 ** 32 * n);
};
const pick = (list) => list[dice(list.length)];
const several = (most, part) => Array.from({length: 1 + dice(most)}, part).join("");
const character = (first, last) => {
  const code = first + dice(last - first + 1);
  return code >= 0xd800 && code <= 0xdfff ? "\ufffd" : String.fromCodePoint(code);
};

const words = ["the", "The", "THE", "can", "I", "we", "they", "John", "don", "naïve", "Ünïcödé", "don't", "it's", "y'all've", "1984",
  "3.14159", "x86_64", "https://a.b/c?d=e", "émigré", "привет", "你好", "こんにちは", "안녕", "مرحبا", "שלום", "नमस्ते", "ไทย", "½", "Ⅷ", "٣"];
const endings = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "'", "''", "’s", "'sa", "'tis", "'d've", " 's", "' s"];
const blanks = [" ", "  ", "   ", "\n", "\n\n", " \n", "\t", "\t\t ", "\r\n", "\u00a0", " \u00a0 ", "\u3000", "\u2009\u200a", "\u2028", "\v\f"];
const marks = [".", ",", "!?", "...", "--", "—", "(", ")", "«", "»", "\"", "#$%", "_", "€", "++", "\u0301", "\u200d", "\u200b", "\ufffd"];
const emoji = ["😀", "👩‍👩‍👧", "🏳️‍🌈", "👍🏽", "🇩🇪", "❤️", "\ud83d", "\ude00", "\ude00\ud83d", "a\ud83d", "\ud83d b"];
const planes = Array.from({length: 17}, (_, plane) => [plane * 0x10000, plane * 0x10000 + 0xffff]);

const texts = ["", " ", "  ", "a", "\u0000", "<|endoftext|>", "a".repeat(3000), " ".repeat(500) + "x", "ab".repeat(700), "\n".repeat(77)];
for (let code = 0; code < 0x180; ++code) {  // control characters, each in several places
  const c = String.fromCodePoint(code);
  texts.push(c, c + c, " " + c, c + " ", "a" + c + "b", "a " + c + " b", " " + c + c + " 1", c + "'s");
}
for (let i = 0; i < 3000; ++i) texts.push(several(6, () => pick(words) + pick([...endings, "", ""]) + pick([...blanks, " ", " "])));
for (let i = 0; i < 3000; ++i) texts.push(several(12, () => pick(pick([words, endings, blanks, marks, emoji]))));
for (let i = 0; i < 3000; ++i) texts.push(several(20, () => pick(blanks)) + pick(words) + several(8, () => pick(blanks)));
for (let i = 0; i < 3000; ++i) texts.push(several(10, () => pick(emoji) + pick(["", "", " "])));
for (const [first, last] of planes) {
  for (let i = 0; i < 400; ++i) texts.push(several(8, () => character(first, last) + pick(["", "", " ", "a", "1", "."])));
}
for (let i = 0; i < 4000; ++i) texts.push(several(8, () => character(0, 0x2fff) + pick(["", "", " "])));
for (let i = 0; i < 2000; ++i) texts.push(several(40, () => character(0x20, 0x7e)));
for (const special of ["\u0085", "\ufeff"]) {
  for (let i = 0; i < 300; ++i) texts.push(several(5, () => pick([special, " ", "a", "1", ".", pick(words), "\n"])) + special);
}

const input = Buffer.concat(texts.flatMap((text) => {
  const bytes = Buffer.from(text, "utf8");
  return [Buffer.from(bytes.length + "\n"), bytes];
}));
const run = spawnSync(encode_program, [folder], {input, maxBuffer: 1 << 30, encoding: "utf8"});
if (run.status !== 0) throw new Error(`${encode_program} ended with ${run.status}: ${run.stderr}`);
const ours = run.stdout.split("\n");

let as_it_is = 0, differ = 0, two_spaces = 0;
texts.forEach((text, i) => {
  const other = /[\u0085\ufeff]/.test(text);
  other ? ++two_spaces : ++as_it_is;
  const expected = (other ? with_white_space : theirs).encode(text).join(" ");
  if (ours[i].trim() === expected) return;
  if (++differ <= 5) console.log(`${JSON.stringify(text)}: expected ${expected}, got ${ours[i]}`);
});
console.log(`${as_it_is} texts against the package as it is, ${two_spaces} against it with GPT-2's white space: ${differ} differ`);
process.exit(differ === 0 && as_it_is >= 20000 ? 0 : 1);
