// The chapters' C++ in the page, by way of WebAssembly: docs/live/page.cpp is the other side. README.md describes it.
// One function without anything around it, so that it can also be the whole text of a worker.
function bardlingEngine(bytes) {
  "use strict";

  // What each chapter's main.cpp makes, and what its checkpoints call it; a test compares the models with the reports in
  // docs/runs.
  const small = { stage: 0, variant: "", scheduled: 0, C: 32, H: 4, L: 3, dropout: 0, B: 32, T: 8, lr: 1e-3, steps: 5000 };
  const task = { ...small, chapter: 10, C: 64, L: 2, lr: 3e-3, steps: 2000, scheduled: 2000 };
  const recipes = {
    ch01: { ...small, chapter: 1, lr: 1e-2, steps: 3000 },
    ch02: { ...small, chapter: 2, H: 1 },
    ch03: { ...small, chapter: 3 },
    ch04: { ...small, chapter: 4 },
    ch05_plain: { ...small, chapter: 5, stage: 0, variant: "plain" },
    ch05_residual: { ...small, chapter: 5, stage: 1, variant: "residual" },
    ch05_norm: { ...small, chapter: 5, stage: 2, variant: "norm" },
    ch06: { ...small, chapter: 6, variant: "small", C: 64, L: 4, B: 16, T: 32 },
    ch06_laptop: { ...small, chapter: 6, variant: "laptop", C: 128, L: 4, B: 12, T: 64, steps: 2000, scheduled: 2000 },
    ch06_lecture: { ...small, chapter: 6, variant: "lecture", C: 384, H: 6, L: 6, dropout: 0.2, B: 64, T: 256, lr: 3e-4 },
    ch07: { ...small, chapter: 7, variant: "rms pre swiglu rotary 2 yes yes no scheduled", C: 64, L: 4, B: 16, T: 32,
      lr: 3e-3, scheduled: 5000 },
    ch10_sort: { ...task, stage: 0, variant: "sort", T: 17 },
    ch10_add: { ...task, stage: 1, variant: "add", B: 64, T: 15, steps: 2500, scheduled: 2500 },
    ch10_draw: { ...task, stage: 2, variant: "draw", L: 4, T: 37 },
  };

  const module = new WebAssembly.Module(bytes);
  const utf8 = new TextEncoder();
  let wasm = null; // the instance's exports
  let model = null; // what create() was asked for

  const memory = (address, size) => new Uint8Array(wasm.memory.buffer, address, size);
  const floats = (address, size) => new Float32Array(wasm.memory.buffer, address, size);
  const string = (address) => {
    const all = new Uint8Array(wasm.memory.buffer);
    let end = address;
    while (all[end]) ++end;
    return new TextDecoder().decode(all.slice(address, end));
  };

  const noMemory = "The page ran out of memory for this model.";
  function start() {
    const unused = () => 0; // of the system: no files, no environment, no arguments
    const system = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      if (from === "wasi_snapshot_preview1") system[name] = unused;
    }
    system.environ_sizes_get = (count, size) => {
      new DataView(wasm.memory.buffer).setUint32(count, 0, true);
      new DataView(wasm.memory.buffer).setUint32(size, 0, true);
      return 0;
    };
    const raise = (what) => {
      throw new Error(string(what));
    };
    wasm = new WebAssembly.Instance(module, { page: { raise }, wasi_snapshot_preview1: system }).exports;
    wasm._initialize();
  }

  // Calls the C++. An exception is an Error with its message; the model stays as it was, unless the C++ was in the
  // middle of its work: then a new one has to be created.
  function call(name, ...args) {
    if (!wasm) throw new Error("There is no model yet.");
    const stack = wasm.__stack_pointer.value;
    try {
      return wasm[name](...args);
    } catch (error) {
      const trapped = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
      if (trapped || wasm.live_at_work()) {
        wasm = model = null;
        throw new Error((trapped ? noMemory : error.message) + " Start again.");
      }
      wasm.__stack_pointer.value = stack;
      throw error;
    }
  }

  // The address of so many bytes in the C++'s memory.
  function allocate(size) {
    const address = call("live_allocate", size);
    if (address) return address;
    wasm = model = null;
    throw new Error(noMemory + " Start again.");
  }

  // Texts are UTF-8 there, as in the programs. Here they may be a string, its bytes, or its code points.
  const bytesOf = (text) =>
    typeof text === "string" ? utf8.encode(text) : text instanceof Uint32Array ? utf8.encode(String.fromCodePoint(...text)) : text;
  const pointsOf = (text) => Uint32Array.from(new TextDecoder().decode(bytesOf(text)), (letter) => letter.codePointAt(0));
  function withText(text, f) {
    const data = bytesOf(text);
    const address = allocate(data.length + 1);
    memory(address, data.length).set(data);
    try {
      return f(address, data.length);
    } finally {
      if (wasm) wasm.live_free(address);
    }
  }
  const result = () => memory(wasm.live_text(), wasm.live_text_size()).slice();
  const numbers = () => floats(wasm.live_numbers(), wasm.live_numbers_size()).slice();

  function tensors(kind, count) {
    const all = [];
    for (let i = 0; i < count; ++i) {
      wasm.live_tensor_name(kind, i);
      const name = new TextDecoder().decode(result());
      wasm.live_tensor_shape(kind, i);
      const shape = Array.from(numbers());
      const size = shape.reduce((a, b) => a * b, 1);
      const address = wasm.live_tensor_data(kind, i); // may take memory, so the view comes after it
      all.push({ name, shape, address, values: floats(address, size).slice() });
    }
    return all;
  }

  const state = (ofDice) => Array.from(new BigUint64Array(memory(call("live_state", ofDice), 32).slice().buffer), String);
  function restore(ofDice, words) {
    const address = allocate(32);
    memory(address, 32).set(new Uint8Array(BigUint64Array.from(words, BigInt).buffer));
    wasm.live_restore(ofDice, address);
    wasm.live_free(address);
  }

  const engine = {
    recipes,

    // {chapter, stage, T, C, H, L, dropout, scheduled, seed} as in recipes, and either text, to make the vocabulary of and learn
    // from, or symbols; chapter 10's tasks need neither. -> {V, symbols, parameters}
    create(options) {
      if (!wasm) start();
      const o = { ...recipes.ch06, seed: 1337, ...options };
      const V = withText(o.symbols ?? o.text ?? "", (data, size) =>
        call("live_create", data, size, o.chapter, o.stage, o.T, o.C, o.H, o.L, o.dropout, o.scheduled, o.seed));
      model = { ...o, V, symbols: pointsOf(result()) };
      delete model.text;
      if (o.text !== undefined) engine.learnFrom(o.text);
      return engine.about();
    },
    // What the model is, and how far it has come.
    about() {
      if (!model) return null;
      const parameters = engine.weights().reduce((n, { values }) => n + values.length, 0);
      return { ...model, parameters, step: wasm.live_steps() };
    },

    // The text to learn from: bytes or a string.
    learnFrom(text) {
      withText(text, (data, size) => call("live_learn_from", data, size));
    },
    // Steps until there are that many or the time is over, at least one. -> {step, losses}
    train({ steps = 1, milliseconds = Infinity, B = model?.B, lr = model?.lr } = {}) {
      const end = performance.now() + milliseconds;
      const losses = [];
      do losses.push(call("live_step", B, lr));
      while (losses.length < steps && performance.now() < end);
      return { step: wasm.live_steps(), losses: Float32Array.from(losses) };
    },
    // -> validation loss, over some of the text
    look: (characters = 5000) => call("live_look", characters),

    // -> V probabilities of what comes after a text
    next(text, { temperature = 1, topK = 0 } = {}) {
      withText(text, (data, size) => call("live_next", data, size, temperature, topK));
      return numbers();
    },
    seedDice: (seed) => call("live_seed_dice", seed >>> 0),
    // Draws from the last next(). -> {where, id}: the point from 0 to 1 that the die fell on, and whose part it is
    draw: () =>
      withText(new Uint8Array(8), (where) => {
        const id = call("live_draw", where);
        return { where: new DataView(wasm.memory.buffer).getFloat64(where, true), id };
      }),
    dice: () => state(true),
    restoreDice: (words) => restore(true, words),
    // -> the bytes of n characters that go on from a text
    speak(text, n, { temperature = 1, topK = 0 } = {}) {
      withText(text, (data, size) => call("live_speak", data, size, n, temperature, topK));
      return result();
    },

    // A question to a model of chapter 10's; if nothing is asked, one that training never had. -> {right, shown}
    ask(question = "") {
      const right = Boolean(withText(question, (data, size) => call("live_ask", data, size)));
      return { right, shown: new TextDecoder().decode(result()) };
    },
    // -> the share of right answers to n questions that training never had
    shareRight: (n = 20) => call("live_share_right", n),

    // Every tensor of a forward pass over a text, in order. -> [{name, shape, values}], and the ids
    inside(text) {
      const all = pointsOf(text);
      const tokens = model && model.chapter > 1 ? all.slice(-model.T) : all; // the bigram has no longest text
      const count = withText(tokens, (data, size) => call("live_inside", data, size));
      return { ids: Array.from(tokens, (point) => model.symbols.indexOf(point)), tensors: tensors(0, count) };
    },
    // -> [{name, shape, values}]; optimizer: the optimiser's running means, too
    weights: ({ optimizer = false } = {}) => tensors(1, call("live_parameters", optimizer)),
    // Writes numbers into a weight: {name: values}; all shapes must be right.
    setWeights(values, { optimizer = false } = {}) {
      const all = tensors(1, call("live_parameters", optimizer));
      for (const { name, shape, values: old } of all) {
        if (values[name]?.length !== old.length)
          throw new Error(`The model needs ${name} (${shape.join(", ")}), with ${old.length} numbers, and got ` +
            `${values[name] ? values[name].length : "none"}.`);
      }
      for (const { name, address } of all) floats(address, values[name].length).set(values[name]);
    },

    // A .safetensors file that a chapter's --save wrote, or save(). -> as create()
    load(file) {
      const { metadata, tensors: stored } = readSafetensors(file);
      const recipe = recipeOf(metadata, stored);
      engine.create(recipe);
      const values = Object.fromEntries(Object.entries(stored).map(([name, tensor]) => [name, tensor.values]));
      const trained = Object.keys(stored).some((name) => name.startsWith("optimizer."));
      engine.setWeights(values, { optimizer: trained });
      if (trained) wasm.live_set_steps(model.step);
      if (trained && metadata.rng) restore(false, metadata.rng.split(" "));
      return { ...engine.about(), step: Number(metadata.step ?? 0) };
    },
    // The model as a .safetensors file, which ./learn run N --load reads. -> bytes
    save() {
      const metadata = {
        format: "bardling", chapter: String(model.chapter), variant: variantOf(model),
        vocabulary: Array.from(bytesOf(model.symbols)).join(" "), batch: String(model.B), context: String(model.T),
        step: String(wasm.live_steps()), rng: state(false).join(" "), lowest_val: "inf",
      };
      return writeSafetensors(metadata, engine.weights({ optimizer: true }));
    },
  };

  function variantOf({ chapter, stage, C }) {
    const own = Object.values(recipes).find((recipe) => recipe.chapter === chapter && recipe.stage === stage && recipe.C === C);
    return own?.variant ?? ""; // of sizes that no program has
  }

  // What to create for these tensors: sizes are those of the tensors themselves.
  function recipeOf(metadata, stored) {
    const notOurs = (what) => new Error(`This file is no model of Bardling's: ${what}.`);
    if (metadata.format !== "bardling") throw notOurs("its metadata doesn't say so");
    const { chapter, variant } = metadata;
    const key = Object.keys(recipes).find((name) => {
      const recipe = recipes[name];
      return recipe.chapter === Number(chapter) && (recipe.variant === variant || !recipe.variant);
    });
    if (!key) throw notOurs(`there is no chapter ${chapter} ${variant ?? ""} in the page`);
    const symbols = pointsOf(Uint8Array.from((metadata.vocabulary ?? "").split(" "), Number));
    const T = Number(metadata.context);
    if (!(symbols.length > 0 && T > 0)) throw notOurs("its vocabulary or its context is missing");
    const C = stored["token_embedding.weight"]?.shape[1] ?? recipes[key].C;
    return { ...recipes[key], C, T, B: Number(metadata.batch) || recipes[key].B, symbols, step: Number(metadata.step) };
  }

  function readSafetensors(file) {
    const data = file instanceof Uint8Array ? file : new Uint8Array(file);
    const broken = (what) => new Error(`This file is no .safetensors file: ${what}.`);
    if (data.length < 8) throw broken(`it has ${data.length} bytes`);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const size = Number(view.getBigUint64(0, true));
    if (size > data.length - 8) throw broken("its header is longer than the file");
    let header;
    try {
      header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data.subarray(8, 8 + size)));
    } catch {
      throw broken("its header cannot be read");
    }
    const { __metadata__: metadata = {}, ...entries } = header;
    const tensors = {};
    for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(entries)) {
      const width = { F32: 4, F16: 2, BF16: 2 }[dtype];
      if (!width || !Array.isArray(shape) || !Array.isArray(offsets)) throw broken(`${name} is of type ${dtype}`);
      const count = shape.reduce((a, b) => a * b, 1);
      const [first, last] = offsets.map((offset) => 8 + size + offset);
      if (last - first !== count * width || !(first >= 8 + size && last <= data.length))
        throw broken(`${name} is not where its header says`);
      const values = new Float32Array(count);
      for (let i = 0; i < count; ++i) {
        const at = first + i * width;
        values[i] = width === 4 ? view.getFloat32(at, true)
          : dtype === "F16" ? half(view.getUint16(at, true)) : bfloat(view.getUint16(at, true));
      }
      tensors[name] = { shape, values };
    }
    return { metadata, tensors };
  }

  function half(bits) {
    const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
  }
  const word = new DataView(new ArrayBuffer(4));
  function bfloat(bits) {
    word.setUint32(0, bits << 16);
    return word.getFloat32(0);
  }

  function writeSafetensors(metadata, all) {
    const header = { __metadata__: metadata };
    let end = 0;
    for (const { name, shape, values } of all)
      header[name] = { dtype: "F32", shape, data_offsets: [end, (end += 4 * values.length)] };
    let text = utf8.encode(JSON.stringify(header));
    const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(32);
    padded.set(text);
    const file = new Uint8Array(8 + padded.length + end);
    new DataView(file.buffer).setBigUint64(0, BigInt(padded.length), true);
    file.set(padded, 8);
    let at = 8 + padded.length;
    for (const { values } of all) {
      file.set(new Uint8Array(values.buffer), at);
      at += 4 * values.length;
    }
    return file;
  }

  return engine;
}
if (typeof module !== "undefined") module.exports = bardlingEngine;
