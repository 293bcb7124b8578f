// The slabs of one forward pass: every tensor and every weight as a matrix of cells, where it stands, and how each of its
// cells came about. No drawing here; walk.js shows it in space or flat.
//
//   const scene = walkScene({about, ids, tensors, weights});   // what the engine's about(), inside() and weights() say
//   scene.slabs["blocks.0.scores[1]"]                          // {name, title, role, rows, cols, at(r, c), x, y, z, ...}
//   scene.explain(slab, r, c)                                  // {sources: [cells it was made of], terms, total, words}
//
// A cell is one unit of space. The flow reads like a page of two columns: along a line from left to right, two lines for
// each block, and the weights above what they make. Heads stand behind one another.
function walkScene(inside) {
  "use strict";
  const { about, ids, tensors, weights } = inside;
  const given = Object.fromEntries([...tensors, ...weights].map((tensor) => [tensor.name.replace(/^body\./, ""), tensor]));
  const T = ids.length, { C, H, L, V } = about, hs = C / H, gap = Math.max(1.6, Math.min(10, C / 6)), depth = Math.max(2 * gap, T + gap);
  const slabs = {};
  let x = 0, y = 0; // where the next slab begins: its left edge, and the upper edge of the line's activations
  let left = 0, widest = 0; // of the column of lines

  const letters = ids.map((id) => about.symbols[id]);

  // A slab shows rows of `cols` numbers of a tensor: stride apart, from `first` on. A tensor that is not given is hollow.
  function slab(name, { head = null, title, role, rows, cols, first = 0, stride = cols, make, code, above = false, z = 0, rowOf = "channel", colOf = "channel", block = null }) {
    const id = head === null ? name : `${name}[${head}]`;
    const tensor = given[name];
    const values = tensor ? new Float32Array(rows * cols) : null;
    if (values) {
      for (let r = 0; r < rows; ++r)
        values.set(tensor.values.subarray(first + r * stride, first + r * stride + cols), r * cols);
    }
    const weight = role === "weight";
    const made = { id, name, head, block, title, role, weight, rows, cols, values, make, code, rowOf, colOf, shape: tensor ? tensor.shape : null,
      x, y: above ? y + gap + rows : y, z, at: (r, c) => (values ? values[r * cols + c] : NaN) };
    slabs[id] = made;
    return made;
  }
  const advance = (width) => { x += width + gap; widest = Math.max(widest, x); };
  const newLine = (height) => { x = left; y -= height; };
  const newColumn = () => { left = x = widest + C + 6 * gap; y = 0; };

  const row = (name, options) => slab(name, { rows: T, rowOf: "position", role: "residual", ...options });
  const matrix = (name, rows, cols, options) => slab(name, { rows, cols, role: "weight", above: true, title: name, make: { op: "learned" }, code: "learned", ...options });
  const bias = (name) => given[name]?.values ?? null;

  // Ids and embeddings.
  given.ids = { name: "ids", shape: [T], values: Float32Array.from(ids) };
  row("ids", { title: "ids", role: "activation", cols: 1, colOf: "id", make: { op: "ids" }, code: "ids" });
  advance(1);
  matrix("token_embedding.weight", V, C, { title: "token embedding", rowOf: "symbol" });
  row("what", { title: "what stands here", cols: C, make: { op: "lookup", table: "token_embedding.weight" }, code: "what" });
  advance(C);
  const places = given["position_embedding.weight"]?.shape[0] ?? T;
  matrix("position_embedding.weight", places, C, { title: "position embedding", rowOf: "place" });
  row("where", { title: "where it stands", cols: C, make: { op: "place", table: "position_embedding.weight" }, code: "where" });
  advance(C);
  row("embedded", { title: "stream", cols: C, make: { op: "add", a: "what", b: "where" }, code: "embedded" });

  // Two lines for each block: attention, feed-forward.
  let half = 0; // the height of the first line
  let stream = "embedded";
  for (let l = 0; l < L; ++l) {
    if (l > 0 && l === Math.ceil(L / 2)) newColumn();
    else newLine(T + Math.max(C, 4 * C + gap - half) + 5 * gap);
    const b = `blocks.${l}.`, options = { block: l };
    row(b + "norm_1", { ...options, title: "norm", role: "activation", cols: C, code: "norm_1",
      make: { op: "norm", a: stream, gain: bias(b + "norm_1.gain"), bias: bias(b + "norm_1.bias") } });
    advance(C);
    const kinds = [["query", "queries"], ["key", "keys"], ["value", "values"]];
    const first = x;
    for (let h = 0; h < H; ++h) {
      const of = { ...options, head: h, z: -h * depth };
      const cut = { ...of, rows: T, rowOf: "position", first: h * T * hs };
      x = first;
      for (const [kind, title] of kinds) {
        const table = `${b}attention.${kind}.weight`;
        matrix(table, C, hs, { ...of, first: h * hs, stride: C, title: `${kind} weights` });
        slab(b + kind, { ...cut, title, role: kind, cols: hs, code: kind, make: { op: "product", a: b + "norm_1", b: `${table}[${h}]`, bias: null } });
        advance(hs);
      }
      const square = { ...of, rows: T, cols: T, rowOf: "position", colOf: "position", first: h * T * T };
      slab(b + "scores", { ...square, title: "scores", role: "activation", code: "scores",
        make: { op: "product", a: `${b}query[${h}]`, b: `${b}key[${h}]`, turned: true, scale: 1 / Math.sqrt(hs) } });
      advance(T);
      slab(b + "masked", { ...square, title: "masked scores", role: "activation", code: "masked", make: { op: "mask", a: `${b}scores[${h}]` } });
      advance(T);
      slab(b + "weights", { ...square, title: "attention weights", role: "activation", code: "weights", make: { op: "softmax", a: `${b}masked[${h}]` } });
      advance(T);
      slab(b + "mixture", { ...cut, title: "mixture", role: "value", cols: hs, code: "mixture",
        make: { op: "product", a: `${b}weights[${h}]`, b: `${b}value[${h}]` } });
      advance(hs);
    }
    row(b + "merged", { ...options, title: "heads side by side", role: "value", cols: C, code: "merged", make: { op: "merge", a: b + "mixture", hs } });
    advance(C);
    const layer = (weight, name, a, rows, cols, title, role, code) => {
      matrix(weight + ".weight", rows, cols, { ...options, title: `${title} weights` });
      row(b + name, { ...options, title, role, cols, code, make: { op: "product", a, b: weight + ".weight", bias: bias(weight + ".bias") } });
      advance(cols);
    };
    layer(b + "attention.projection", "attention_projection", b + "merged", C, C, "projection", "activation", "projection");
    row(b + "read", { ...options, title: "stream after attention", cols: C, code: "read", make: { op: "add", a: stream, b: b + "attention_projection" } });
    advance(C);
    // The last weights rise at the end of the second line, beside the first one or, if that is longer, below it.
    half = T + (x + C > left + 9 * C + 3 * gap ? 4 * C : C) + 4 * gap;
    newLine(half);
    row(b + "norm_2", { ...options, title: "norm", role: "activation", cols: C, code: "norm_2",
      make: { op: "norm", a: b + "read", gain: bias(b + "norm_2.gain"), bias: bias(b + "norm_2.bias") } });
    advance(C);
    layer(b + "feed_forward.hidden", "before_relu", b + "norm_2", C, 4 * C, "hidden", "activation", "hidden");
    row(b + "hidden", { ...options, title: "after the bend", role: "activation", cols: 4 * C, colOf: "unit", code: "hidden", make: { op: "relu", a: b + "before_relu" } });
    advance(4 * C);
    slabs[b + "before_relu"].colOf = "unit";
    layer(b + "feed_forward.projection", "feed_forward_projection", b + "hidden", 4 * C, C, "projection", "activation", "projection");
    row(b + "thought", { ...options, title: "stream after the block", cols: C, code: "thought", make: { op: "add", a: b + "read", b: b + "feed_forward_projection" } });
    stream = b + "thought";
  }

  // The last norm, the logits, the shares.
  newLine(T + C + 5 * gap);
  row("norm", { title: "last norm", role: "activation", cols: C, code: "norm", make: { op: "norm", a: stream, gain: bias("norm.gain"), bias: bias("norm.bias") } });
  advance(C);
  matrix("output.weight", C, V, { title: "unembedding", colOf: "symbol" });
  row("logits", { title: "logits", role: "loss", cols: V, colOf: "symbol", code: "logits", make: { op: "product", a: "norm", b: "output.weight", bias: bias("output.bias") } });
  advance(V);
  row("probabilities", { title: "shares", role: "loss", cols: V, colOf: "symbol", code: "probabilities", make: { op: "softmax", a: "logits" } });

  for (const one of Object.values(slabs)) {
    let largest = 0;
    for (const v of one.values ?? []) if (Number.isFinite(v)) largest = Math.max(largest, Math.abs(v));
    one.largest = largest || 1;
  }

  // ------------------------------------------------------------------------------------------- how a cell came about
  const rowOf = (id, r) => ({ id, r0: r, r1: r + 1, c0: 0, c1: slabs[id].cols });
  const colOf = (id, c) => ({ id, r0: 0, r1: slabs[id].rows, c0: c, c1: c + 1 });
  const cell = (id, r, c) => ({ id, r0: r, r1: r + 1, c0: c, c1: c + 1 });

  // sources: stretches of cells; terms: pairs to be multiplied; before and after: what is added, and multiplied, at the end
  function explain(one, r, c) {
    const { make } = one, a = slabs[make.a], b = slabs[make.b];
    switch (make.op) {
      case "product": {
        const n = a.cols, terms = [];
        for (let i = 0; i < n; ++i) terms.push([a.at(r, i), make.turned ? b.at(c, i) : b.at(i, c)]);
        const extra = make.bias ? make.bias[c] : null;
        const total = (terms.reduce((sum, [p, q]) => sum + p * q, 0) + (extra ?? 0)) * (make.scale ?? 1);
        return { sources: [rowOf(a.id, r), make.turned ? rowOf(b.id, c) : colOf(b.id, c)], terms, bias: extra, scale: make.scale ?? null, total,
          words: `row ${r} of ${a.title} times ${make.turned ? "row" : "column"} ${c} of ${b.title}` + (extra === null ? "" : ", plus the bias") + (make.scale ? `, divided by the square root of ${n}` : "") };
      }
      case "add":
        return { sources: [cell(a.id, r, c), cell(b.id, r, c)], sum: [a.at(r, c), b.at(r, c)], total: a.at(r, c) + b.at(r, c), words: `${a.title} plus ${b.title}, at the same place` };
      case "lookup":
        return { sources: [cell("ids", r, 0), cell(make.table, ids[r], c)], total: slabs[make.table].at(ids[r], c), words: `row ${ids[r]} of the table, because the id here is ${ids[r]}` };
      case "place":
        return { sources: [cell(make.table, r, c)], total: slabs[make.table].at(r, c), words: `row ${r} of the table, because this is position ${r}` };
      case "norm": {
        const all = Array.from({ length: a.cols }, (_, i) => a.at(r, i));
        const mean = all.reduce((p, q) => p + q, 0) / a.cols;
        const deviation = Math.sqrt(all.reduce((sum, v) => sum + (v - mean) ** 2, 0) / a.cols + 1e-5);
        const gain = make.gain ? make.gain[c] : 1, shift = make.bias ? make.bias[c] : 0;
        return { sources: [rowOf(a.id, r)], norm: { v: a.at(r, c), mean, deviation, gain, shift }, total: (a.at(r, c) - mean) / deviation * gain + shift,
          words: "less the row's mean, divided by the row's spread, times the gain, plus the bias" };
      }
      case "mask":
        return { sources: [cell(a.id, r, c)], total: c > r ? -Infinity : a.at(r, c), words: c > r ? `position ${c} comes after position ${r}: hidden` : "not in the future, so it stays as it is" };
      case "softmax": {
        let largest = -Infinity, sum = 0;
        for (let i = 0; i < a.cols; ++i) largest = Math.max(largest, a.at(r, i));
        for (let i = 0; i < a.cols; ++i) sum += Math.exp(a.at(r, i) - largest);
        return { sources: [rowOf(a.id, r)], softmax: { v: a.at(r, c), largest, sum }, total: Math.exp(a.at(r, c) - largest) / sum, words: `its share of row ${r} of ${a.title}, by the exponential` };
      }
      case "relu":
        return { sources: [cell(a.id, r, c)], total: Math.max(0, a.at(r, c)), words: a.at(r, c) > 0 ? "above 0, so it stays" : "not above 0, so it becomes 0" };
      case "merge": {
        const from = `${make.a}[${Math.floor(c / make.hs)}]`;
        return { sources: [cell(from, r, c % make.hs)], total: slabs[from].at(r, c % make.hs), words: `channel ${c % make.hs} of head ${Math.floor(c / make.hs)}` };
      }
      case "ids":
        return { sources: [], total: ids[r], words: "the character's place in the vocabulary" };
      default:
        return { sources: [], total: one.at(r, c), words: "learned in training" };
    }
  }

  return { slabs, explain, letters, gap, symbols: about.symbols, T, C, H, L, V, hs, stream };
}
if (typeof module !== "undefined") module.exports = walkScene;
