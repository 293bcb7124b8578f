// What the search finds: a function of the index and the words alone, so that a test can ask it without a page.
//   bardlingFind(index, "kv cache") -> {hits: [{title, kind, url, text, at, score}, ...], instead: ""}
// Words are found at their beginnings, never inside others. `instead` is what was looked for when the words themselves
// are nowhere: the same with one slip of the hand mended.
window.bardlingFind = (function () {
  "use strict";
  // Other names of things, as the reader may know them from elsewhere. (Of nothing, for "constructor" is in each {}.)
  var aliases = Object.assign(Object.create(null), {
    adam: "adamw", attn: "attention", autograd: "tape", backprop: "backpropagation", bpe: "subword", "context length": "block size",
    "context window": "block size", ffn: "feed-forward", "hidden size": "channel", "kv cache": "key value cache", layernorm: "layer norm",
    "lm head": "output layer", lr: "learning rate", "learning rate decay": "schedule", mha: "multi-head attention", mlp: "feed-forward",
    nll: "cross-entropy", optimizer: "optimiser", rope: "rotary", "skip connection": "residual", tokenizer: "vocabulary",
    unembedding: "output layer"
  });

  function tokens(text) {  // "MultiHeadAttention" -> multi, head, attention
    return text.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase().split(/[^a-z0-9²]+/).filter(Boolean);
  }

  // 2: the word itself or its plural, 1: a word begins with it, 0: nothing.
  function match(among, word) {
    var best = 0;
    for (var i = 0; i < among.length && best < 2; i++) {
      if (among[i] === word || among[i] === word + "s" || among[i] + "s" === word) best = 2;
      else if (among[i].indexOf(word) === 0) best = 1;
    }
    return best;
  }

  function prepare(index) {
    if (index.prepared) return;
    index.prepared = true;
    index.words = Object.create(null);
    function note(among, weight) {
      among.forEach(function (word) { if (word.length > 3) index.words[word] = (index.words[word] || 0) + weight; });
    }
    index.names.forEach(function (record) { record.tokens = tokens(record[0]); note(record.tokens, 20); });
    index.terms.forEach(function (record) { record.tokens = tokens(record[0]); note(record.tokens, 20); });
    index.sections.forEach(function (record) {
      record.tokens = tokens(record[1] || record[0]);
      record.page = tokens(record[0]);
      record.lower = record[3].toLowerCase();
      note(record.tokens, 20);
      note(tokens(record[3]), 1);
    });
  }

  // Points for names and terms, all of whose words must be there; the fewer words besides, the better.
  function name_score(record, words) {
    var name = record.tokens.join(""), query = words.join("");
    if (name === query) return 120;
    var level = Math.min.apply(null, words.map(function (word) { return match(record.tokens, word); }));
    if (level === 0) return name.indexOf(query) === 0 ? 50 : 0;
    return (level === 2 ? 60 : 30) - 4 * (record.tokens.length - words.length) - (record.tokens[0].indexOf(words[0]) === 0 ? 0 : 5);
  }

  function section_hit(record, words) {
    var score = 0, first = -1;
    for (var i = 0; i < words.length; i++) {
      var title = match(record.tokens, words[i]), page = match(record.page, words[i]);
      var places = record.lower.split(new RegExp("(?:^|[^a-z0-9])(?=" + words[i].replace(/[^a-z0-9]/g, "\\$&") + ")"));
      if (!title && !page && places.length === 1) return null;
      // A page's title speaks for the page, not for each of its sections.
      score += [0, 30, 55][title] + (record[1] ? 0 : 5 * page);
      if (places.length > 1) {
        score += 8 + Math.min(24, places.length);
        if (first < 0) first = places[0].length;
      }
    }
    return { score: score, title: record[1] || record[0], kind: record[0], url: record[2], text: record[3], at: first };
  }

  function find(index, words) {
    var hits = [], explained = Object.create(null);
    index.names.forEach(function (record) {
      if (record[0] === record[2]) return;  // a constructor: its class stands for it
      var score = name_score(record, words) * ({ "class": 1.4, struct: 1.4, variable: 0.5 }[record[1]] || 1);
      if (score > 0) hits.push({ score: score - record[2].length / 20, title: (record[2] ? record[2] + "::" : "") + record[0], kind: record[1], url: record[3], at: -1 });
    });
    index.terms.forEach(function (record) {
      var score = name_score(record, words);
      if (score <= 0) return;
      hits.push({ score: score + 15, title: record[0], kind: "Glossary", url: record[2], text: record[1], at: 0 });
      explained[record[2]] = 30;
    });
    index.sections.forEach(function (record) {
      var hit = section_hit(record, words);
      if (!hit) return;
      hit.score += explained[hit.url] || 0;
      hits.push(hit);
    });
    return hits;
  }

  // One letter too many, missing or wrong, or two neighbours exchanged.
  function one_slip(a, b) {
    if (Math.abs(a.length - b.length) > 1) return false;
    var start = 0, end = 0;
    while (start < a.length && a[start] === b[start]) start++;
    while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    a = a.slice(start, a.length - end);
    b = b.slice(start, b.length - end);
    return a.length < 2 && b.length < 2 || a.length === 2 && a === b[1] + b[0];
  }

  function mended(index, word) {
    var best = word, most = 0;
    Object.keys(index.words).forEach(function (known) {
      if (known.indexOf(word) === 0) most = Infinity;
      else if (index.words[known] > most && one_slip(word, known)) { best = known; most = index.words[known]; }
    });
    return most === Infinity ? word : best;
  }

  return function (index, query) {
    prepare(index);
    query = query.toLowerCase().trim().replace(/\s+/g, " ");
    var words = tokens(query), alias = aliases[query], instead = "";
    var hits = words.length ? find(index, words) : [];
    if (alias) hits = hits.concat(find(index, tokens(alias)));
    if (!hits.length && words.length) {
      words = words.map(function (word) { return mended(index, word); });
      instead = words.join(" ");
      hits = find(index, words);
    }
    var seen = Object.create(null);
    hits.sort(function (a, b) { return b.score - a.score; });
    hits = hits.filter(function (hit) { var key = hit.title + hit.url, is_new = !seen[key]; seen[key] = true; return is_new; });
    return { hits: hits.slice(0, 14), words: words.concat(alias ? tokens(alias) : []), instead: hits.length ? instead : "" };
  };
})();
