// Walk through it: one forward pass, number by number, in space or flat. The numbers are those of the chapters' C++ for the
// text that is typed; the stops are docs/live/walk.json. Nothing is drawn but when something has changed.
bardling.widget("walk", function (root, live) {
  "use strict";
  const element = bardling.element, number = bardling.number, sign = bardlingLive.sign;
  const fallback = window.bardlingTraces && window.bardlingTraces[root.getAttribute("data-trace")];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const narrow = matchMedia("(max-width: 767px)");
  const state = { stop: 0, block: 0, head: 0, text: "to be or not to be, that is the ", model: "small_5000", flat: narrow.matches, cell: null };
  const models = { small_5000: "chapter 6, after 5,000 steps", small_2000: "chapter 6, after 2,000 steps", small_500: "chapter 6, after 500 steps",
    small_100: "chapter 6, after 100 steps", untrained: "chapter 6, untrained", speller: "One character's journey, 292 weights" };
  let engine = null, space = null, scene = null, stops = [], code = {}, colours = {}, loaded = null, own = null;

  // ------------------------------------------------------------------------------------------------------ what is seen
  const field = (label, control) => element("label", { class: "field" }, label + " ", control);
  const button = (label, act, more) => element("button", { type: "button", onclick: act, ...more }, label);
  const text = element("input", { type: "text", class: "walk-text", spellcheck: "false", autocomplete: "off", oninput: typed });
  const model = element("select", { onchange: chooseModel });
  for (const [value, label] of Object.entries(models)) model.append(element("option", { value }, label));
  const file = bardlingLive.fileButton("A .safetensors file…", ".safetensors", takeFile, (error) => say(error.message));
  const browse = file.querySelector("button");
  const views = ["In space", "Flat"].map((label, i) => button(label, () => { state.flat = i === 1; show(); }, { class: "walk-choice" }));
  const depths = ["model", "block", "head"].map((depth) => button(depth[0].toUpperCase() + depth.slice(1), () => dive(depth), { class: "walk-choice", "data-depth": depth }));
  const block = element("select", { onchange: () => { state.block = Number(block.value); arrive(); } });
  const head = element("select", { onchange: () => { state.head = Number(head.value); arrive(); } });
  const trouble = element("p", { class: "walk-trouble", role: "status", hidden: "" });

  const picture = element("canvas", { class: "walk-space", "aria-hidden": "true" });
  const over = element("canvas", { class: "walk-over", "aria-hidden": "true" });
  const plates = element("div", { class: "walk-plates", "aria-hidden": "true" });
  const stage = element("div", { class: "walk-stage", tabindex: "0", role: "application", "aria-roledescription": "view in space", "aria-label": "The walk in space" }, picture, over, plates);
  const near = element("div", { class: "walk-near" }, button("+", () => zoom(1 / 1.3), { "aria-label": "Come near" }), button("−", () => zoom(1.3), { "aria-label": "Step back" }),
    button("⟲", () => look(), { "aria-label": "The stop's own view" }));
  const box = element("div", { class: "walk-box" }, stage, near);
  const flat = element("div", { class: "walk-flat", role: "group", "aria-label": "The tensors of this stop" });

  const back = button("Back", () => go(state.stop - 1)), next = button("Next", () => go(state.stop + 1), { class: "primary" });
  const jump = element("select", { "aria-label": "Stops", onchange: () => go(Number(jump.value)) });
  const title = element("p", { class: "walk-title" }), words = element("p", { class: "walk-words" }), shapes = element("p", { class: "walk-shapes" });
  const line = element("p", { class: "walk-code" });
  const card = element("div", { class: "walk-card", role: "status" }, title, words, shapes);
  const reading = element("div", { class: "walk-reading", "aria-live": "polite" });
  const table = element("details", { class: "walk-table", ontoggle: () => fillTable() }, element("summary", {}, "These numbers as a table"), element("div", { class: "table-box", tabindex: "0", role: "group", "aria-label": "Numbers" }));

  // ------------------------------------------------------------------------------------------------------------ numbers
  const say = (sentence) => { trouble.textContent = sentence || ""; trouble.hidden = !sentence; };

  let asked = 0, waiting = 0;
  function typed() {
    state.text = text.value;
    clearTimeout(waiting);
    waiting = setTimeout(compute, 120);
  }

  // What the engine says of the text, or else the trace that the site ships.
  async function compute() {
    const mine = ++asked, asking = state.text, wanted = state.model;
    try {
      if (!asking) throw new Error("Type at least one character: the model needs something to read.");
      if (!engine) return;
      if (loaded !== wanted) {
        const data = wanted === "speller" ? null : wanted === "file" ? own : await bardlingLive.file(wanted === "untrained" ? "play" : wanted);
        if (mine !== asked) return;
        loaded = null; // until this one is there, and nothing newer has been asked for
        if (wanted === "untrained") await engine.call("create", { ...engine.recipes.ch06, text: data });
        else if (wanted === "speller") await spell();
        else await engine.call("load", data);
        if (mine !== asked) return;
        loaded = wanted;
      }
      const { ids, tensors } = await engine.call("inside", asking);
      const weights = await engine.call("weights"), about = await engine.call("about");
      if (mine !== asked) return; // something newer has been typed
      if (!tensors.some(({ name }) => /blocks\.0\.norm_1$/.test(name)))
        throw new Error("The walk needs a model that is made of chapter 5's blocks: chapter 5's norm, or one of chapter 6.");
      take(walkScene({ about, ids, tensors, weights }));
      live.setAttribute("data-text", asking);
      say([...asking].length > about.T ? `The model reads at most ${about.T} characters; these are the last ones.` : "");
    } catch (error) {
      if (mine === asked) say(error.message);
    }
  }

  function chooseModel() {
    state.model = model.value;
    if (state.model === "speller") text.value = state.text = "the"; // the one word that it knows
    compute();
  }
  // docs/one_character.md's model: its weights are those of the page, the gains are 1, and all else is 0.
  async function spell() {
    await engine.call("create", { ...engine.recipes.ch06, T: 4, C: 4, H: 2, L: 1, symbols: " eht" });
    const all = await engine.call("weights");
    await engine.call("setWeights", Object.fromEntries(all.map(({ name, values }) =>
      [name, Float32Array.from(bardlingLive.walk.speller[name] ?? Array(values.length).fill(name.endsWith("gain") ? 1 : 0))])));
  }

  async function takeFile(data, name) {
    const mine = ++asked;
    loaded = null;
    try {
      await engine.call("load", data);
      own = data;
      models.file = name;
      if (!model.querySelector("[value=file]")) model.append(element("option", { value: "file" }, ""));
      model.querySelector("[value=file]").textContent = name;
      model.value = state.model = "file";
      if (mine === asked) loaded = "file";
      compute();
    } catch (error) {
      say(error.message);
    }
  }

  // The trace holds all blocks and heads in one tensor; the scene wants them by block.
  function fromTrace() {
    const named = Object.fromEntries(fallback.tensors.map((tensor) => [tensor.name, tensor]));
    const [L, H, T] = named["blocks.weights"].shape, C = named.embedded.shape[1], V = named.predictions.shape[1];
    const symbols = Uint32Array.from(named.predictions.labels.next, (letter) => letter.codePointAt(0));
    const ids = named.predictions.labels.position.map((letter) => symbols.indexOf(letter.codePointAt(0)));
    const plain = ({ values }) => Float32Array.from(values, (v) => (v === null ? -Infinity : v));
    const tensors = [{ name: "embedded", shape: [1, T, C], values: plain(named.embedded) }, { name: "probabilities", shape: [1, T, V], values: plain(named.predictions) }];
    for (const part of ["scores", "masked", "weights", "read", "hidden", "thought"]) {
      const values = plain(named["blocks." + part]), size = values.length / L;
      for (let l = 0; l < L; ++l) tensors.push({ name: `blocks.${l}.${part}`, shape: [1, ...named["blocks." + part].shape.slice(1)], values: values.subarray(l * size, (l + 1) * size) });
    }
    return walkScene({ about: { C, H, L, V, T, symbols }, ids, tensors, weights: [] });
  }

  function take(made) {
    scene = made;
    state.block = Math.min(state.block, scene.L - 1);
    state.head = Math.min(state.head, scene.H - 1);
    choices(block, scene.L);
    choices(head, scene.H);
    if (space) space.fill(Object.values(scene.slabs));
    arrive();
  }
  function choices(select, n) {
    select.replaceChildren(...Array.from({ length: n }, (_, i) => element("option", { value: i }, i + 1)));
  }

  // -------------------------------------------------------------------------------------------------------------- stops
  const stop = () => stops[state.stop];
  const named = (name) => name.replace("{b}", state.block).replace("{h}", state.head)
    .replace("{stream}", state.block ? `blocks.${state.block - 1}.thought` : "embedded").replace("{last}", scene.stream);
  // The slabs that a stop shows, in the order of the flow.
  function shown() {
    const patterns = stop().show.map((name) => new RegExp("^" + named(name).replace(/[.[\]]/g, "\\$&").replace(/\*/g, ".*") + "$"));
    return Object.values(scene.slabs).filter((slab) => patterns.some((pattern) => pattern.test(slab.id)));
  }
  function best(slab, r) {
    let c = 0;
    for (let i = 1; i < slab.cols; ++i) if (slab.at(r, i) > slab.at(r, c)) c = i;
    return c;
  }
  function ownCell() {
    if (!stop().cell) return null;
    const [name, r, c] = stop().cell, slab = scene.slabs[named(name)];
    if (!slab || !slab.values) return null;
    const at = r === "last" ? slab.rows - 1 : r;
    return { id: slab.id, r: at, c: c === "best" ? best(slab, at) : c === "last" ? slab.cols - 1 : c };
  }

  function go(to) {
    if (to < 0 || to >= stops.length) return;
    state.stop = to;
    arrive();
  }
  // The first stop of a depth; from one that is deeper, the last of that depth before it.
  function dive(depth) {
    if (stop().depth === depth) return;
    const order = ["model", "block", "head"];
    const up = order.indexOf(depth) < order.indexOf(stop().depth);
    const fit = stops.map((one, i) => i).filter((i) => stops[i].depth === depth);
    go(up ? fit.filter((i) => i < state.stop).pop() ?? fit[0] : fit.find((i) => i > state.stop) ?? fit[0]);
  }
  function arrive() {
    if (!scene) return;
    state.cell = ownCell();
    show();
    look();
  }

  // ------------------------------------------------------------------------------------------------------- all but space
  const position = (slab, r) => (slab.rowOf === "position" ? `position ${r} “${sign(scene.letters[r])}”` : `${slab.rowOf} ${r}`);
  const fullName = (slab) => (slab.block === null ? "" : `block ${slab.block + 1}, `) + (slab.head === null ? "" : `head ${slab.head + 1}, `) + slab.title;
  const value = (v) => number(v, 4);
  const codeLine = (key) => {
    const { file: path, line: at, text: what, url, chapter, label, algorithm } = code[key];
    const all = [element("a", { href: url, class: "walk-source" }, element("code", {}, what)), element("span", { class: "walk-where" }, `${path}, line ${at}`)];
    if (chapter) all.push(element("a", { href: chapter }, "explained in " + label));
    if (algorithm) all.push(element("a", { href: algorithm }, "as an algorithm"));
    return all;
  };

  function show() {
    if (!scene) return;
    const { depth, title: name, text: what } = stop(), all = shown();
    live.setAttribute("data-stop", stop().id);
    live.setAttribute("data-view", state.flat || !space ? "flat" : "space");
    jump.value = state.stop;
    title.replaceChildren(element("span", { class: "walk-count" }, `${state.stop + 1} of ${stops.length}`), " " + name);
    words.textContent = what;
    const names = new Map(all.map((slab) => [slab.title, slab]));
    shapes.replaceChildren(...(names.size > 8 ? [element("span", {}, `${all.length} matrices, ${all.reduce((n, slab) => n + slab.rows * slab.cols, 0).toLocaleString("en-US")} numbers`)]
      : [...names.values()].map((slab) => element("span", { class: "role-" + slab.role }, element("b", {}, slab.title), ` ${slab.name === "ids" ? `(${scene.T})` : slab.shape ? `(${slab.shape.join(", ")})` : `(${slab.rows}, ${slab.cols}), not in this trace`}`))));
    line.replaceChildren(...codeLine(stop().code));
    back.setAttribute("aria-disabled", String(state.stop === 0));
    next.setAttribute("aria-disabled", String(state.stop === stops.length - 1));
    for (const choice of depths) choice.setAttribute("aria-pressed", String(choice.getAttribute("data-depth") === depth));
    views.forEach((choice, i) => choice.setAttribute("aria-pressed", String((i === 1) === (state.flat || !space))));
    block.value = state.block;
    head.value = state.head;
    box.hidden = state.flat || !space;
    flat.hidden = !box.hidden;
    if (flat.hidden) stage.setAttribute("aria-label", `Stop ${state.stop + 1} of ${stops.length} in space: ${name}. Right and left arrow for the next and the last stop.`);
    else drawFlat(all);
    read();
    table.hidden = !tabled();
    fillTable();
    remember();
    draw();
  }

  // The cell that is pointed at: where it is, what it is, and what it was made of.
  function read() {
    const cell = state.cell;
    if (!cell) {
      reading.replaceChildren(element("p", { class: "walk-hint" }, "Point at a cell to see what it was made of."));
      reading.removeAttribute("data-cell");
      return;
    }
    const slab = scene.slabs[cell.id], v = slab.at(cell.r, cell.c), about = explain(cell);
    const column = slab.colOf === "symbol" ? `symbol ${cell.c} “${sign(symbol(cell.c))}”` : slab.colOf === "position" ? `position ${cell.c} “${sign(scene.letters[cell.c])}”` : `${slab.colOf} ${cell.c}`;
    reading.setAttribute("data-cell", `${cell.id}:${cell.r},${cell.c}`);
    reading.setAttribute("data-value", v);
    reading.replaceChildren(
      element("p", { class: "walk-cell role-" + slab.role }, element("b", {}, fullName(slab)), `, ${position(slab, cell.r)}, ${column}: `, element("strong", {}, slab.name === "ids" ? String(v) : value(v))),
      element("p", { class: "walk-made" }, about.words[0].toUpperCase() + about.words.slice(1) + "."),
      ...formula(about, v),
      ...(code[slab.code].text === code[stop().code].text ? [] : [element("p", { class: "walk-code" }, ...codeLine(slab.code))]));
  }
  const symbol = (id) => scene.symbols[id];

  // What the trace lacks cannot be shown, but said.
  function explain({ id, r, c }) {
    const slab = scene.slabs[id], { make } = slab;
    const needed = [make.a, make.b, make.table, make.op === "merge" ? `${make.a}[${Math.floor(c / make.hs)}]` : null].filter((name) => name && scene.slabs[name]);
    if (needed.some((name) => !scene.slabs[name].values)) return { sources: [], words: "what it was made of is not in this trace", total: slab.at(r, c) };
    return scene.explain(slab, r, c);
  }
  const bracketed = (v) => (v < 0 ? `(${value(v)})` : value(v));
  function formula({ terms, bias, scale, sum, norm, softmax, total }, v) {
    const equals = (...all) => [element("p", { class: "walk-sum" }, ...all)];
    if (terms) {
      const short = (x) => (x < 0 ? `(${number(x, 3)})` : number(x, 3)), product = ([a, b]) => `${short(a)} · ${short(b)}`;
      const few = terms.length <= 16 ? terms : terms.slice(0, 4);
      const grid = (some) => element("ol", { class: "walk-products" }, ...some.map((pair) => element("li", {}, product(pair))));
      const rest = terms.length - few.length, added = terms.reduce((so_far, [a, b]) => so_far + a * b, 0);
      const all = [grid(few)];
      if (rest) all.push(element("details", {}, element("summary", {}, `and ${rest} more products`), grid(terms.slice(few.length))));
      all.push(element("p", { class: "walk-sum" }, `added up: ${value(added)}`, ...(bias === null ? [] : [`; with the bias ${bracketed(bias)}`]),
        ...(scale ? [`; times ${value(scale)}`] : []), " = ", element("strong", {}, value(total))));
      return all;
    }
    if (sum) return equals(`${bracketed(sum[0])} + ${bracketed(sum[1])} = `, element("strong", {}, value(total)));
    if (norm) return equals(`(${value(norm.v)} − ${bracketed(norm.mean)}) / ${value(norm.deviation)} · ${bracketed(norm.gain)} + ${bracketed(norm.shift)} = `, element("strong", {}, value(total)));
    if (softmax && Number.isFinite(v)) return equals(`exp(${value(softmax.v)} − ${bracketed(softmax.largest)}) / ${value(softmax.sum)} = `, element("strong", {}, value(total)));
    return [];
  }

  // The slab whose numbers the table shows: that of the chosen cell, else the last of the stop.
  const tabled = () => (state.cell ? scene.slabs[state.cell.id] : shown().filter((slab) => slab.values).pop());
  function fillTable() {
    const place = table.querySelector(".table-box"), slab = scene && tabled();
    place.replaceChildren();
    if (!table.open || !slab) return;
    const top = element("tr", {}, element("th", { scope: "col" }, slab.rowOf));
    const columnName = (c) => (slab.colOf === "symbol" ? sign(symbol(c)) : slab.colOf === "position" ? sign(scene.letters[c]) : c);
    for (let c = 0; c < slab.cols; ++c) top.append(element("th", { scope: "col" }, columnName(c)));
    const body = element("tbody", {});
    for (let r = 0; r < slab.rows; ++r) {
      const one = element("tr", {}, element("th", { scope: "row" }, slab.rowOf === "position" ? `${r} ${sign(scene.letters[r])}` : r));
      for (let c = 0; c < slab.cols; ++c) one.append(element("td", {}, number(slab.at(r, c), 3)));
      body.append(one);
    }
    place.append(element("table", { class: "numbers" }, element("caption", {}, fullName(slab)), element("thead", {}, top), body));
  }

  function choose(cell) {
    const was = state.cell;
    if (was === cell || (was && cell && was.id === cell.id && was.r === cell.r && was.c === cell.c)) return;
    state.cell = cell;
    read();
    if (!was || !cell || was.id !== cell.id) fillTable();
    if (!flat.hidden) markFlat();
    remember();
    draw();
  }

  // --------------------------------------------------------------------------------------------------------------- flat
  let maps = [];
  function drawFlat(all) {
    const held = document.activeElement && document.activeElement.getAttribute("data-slab");
    const room = Math.max(240, flat.clientWidth || live.clientWidth) - 4;
    maps = [];
    flat.replaceChildren(...all.map((slab) => {
      const plate = element("figcaption", { class: "walk-plate role-" + slab.role, "data-tensor": slab.id }, `${all.length > 12 ? fullName(slab) : slab.title}${slab.head !== null && all.length <= 12 ? `, head ${slab.head + 1}` : ""} ${slab.rows} × ${slab.cols}`);
      if (!slab.values) return element("figure", { class: "walk-map" }, plate, element("p", {}, "not in this trace"));
      const largest = all.length > 12 ? 3 : 14;
      const pixel = Math.max(1, Math.min(largest, Math.floor(Math.min(room / slab.cols, (narrow.matches ? 230 : slab.weight ? 260 : 420) / slab.rows))));
      const canvas = element("canvas", { width: slab.cols * pixel, height: slab.rows * pixel });
      const map = element("div", { class: "walk-map-box", tabindex: "0", role: "application", "aria-roledescription": "heat map", "data-slab": slab.id, "aria-label": `${fullName(slab)}, ${slab.rows} rows by ${slab.cols} columns. Arrow keys choose a cell.` }, canvas);
      const one = { slab, pixel, canvas, image: painted(slab) };
      map.addEventListener("keydown", (event) => walkCell(event, slab));
      map.addEventListener("focus", () => { if (!state.cell || state.cell.id !== slab.id) choose({ id: slab.id, r: slab.rows - 1, c: 0 }); });
      const point = (event) => {
        const frame = canvas.getBoundingClientRect();
        const c = Math.floor((event.clientX - frame.left) / frame.width * slab.cols), r = Math.floor((event.clientY - frame.top) / frame.height * slab.rows);
        if (r >= 0 && c >= 0 && r < slab.rows && c < slab.cols) choose({ id: slab.id, r, c });
      };
      canvas.addEventListener("pointermove", point);
      canvas.addEventListener("pointerdown", point);
      maps.push(one);
      return element("figure", { class: "walk-map" }, plate, map);
    }));
    markFlat();
    if (held) flat.querySelector(`[data-slab="${held}"]`)?.focus();
  }
  function walkCell(event, slab) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { r, c } = state.cell && state.cell.id === slab.id ? state.cell : { r: slab.rows - 1, c: 0 };
    const to = { ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], Home: [r, 0], End: [r, slab.cols - 1], PageUp: [0, c], PageDown: [slab.rows - 1, c] }[event.key];
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    choose({ id: slab.id, r: Math.max(0, Math.min(slab.rows - 1, to[0])), c: Math.max(0, Math.min(slab.cols - 1, to[1])) });
  }
  // A canvas with a pixel for each cell, to be drawn larger.
  function painted(slab) {
    const canvas = element("canvas", { width: slab.cols, height: slab.rows }), pen = canvas.getContext("2d"), image = pen.createImageData(slab.cols, slab.rows);
    slab.values.forEach((v, i) => image.data.set([...shade(slab, v), 255], 4 * i));
    pen.putImageData(image, 0, 0);
    return canvas;
  }
  function shade(slab, v) {
    if (v === -Infinity) return colours.paper.map((p, i) => 255 * (0.45 * p + 0.55 * colours.line[i]));
    const share = Math.sqrt(Math.min(1, Math.abs(v) / slab.largest)), end = v < 0 ? colours.below : colours[slab.role];
    return colours.zero.map((zero, i) => 255 * (zero + (end[i] - zero) * share));
  }
  function markFlat() {
    const sources = state.cell ? explain(state.cell).sources : [];
    for (const { slab, pixel, canvas, image } of maps) {
      const pen = canvas.getContext("2d");
      pen.imageSmoothingEnabled = false;
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      if (pixel >= 8) {
        pen.fillStyle = css(colours.paper);
        slab.values.forEach((v, i) => { if (v < 0 && v > -Infinity) pen.fillRect((i % slab.cols + .28) * pixel, (Math.floor(i / slab.cols) + .44) * pixel, .44 * pixel, Math.max(1, .12 * pixel)); });
      }
      pen.lineWidth = 2;
      pen.strokeStyle = css(colours.focus);
      for (const { id, r0, r1, c0, c1 } of sources) if (id === slab.id) pen.strokeRect(c0 * pixel + 1, r0 * pixel + 1, Math.max(2, (c1 - c0) * pixel - 2), Math.max(2, (r1 - r0) * pixel - 2));
      if (state.cell && state.cell.id === slab.id) {
        pen.lineWidth = 3;
        pen.strokeRect(state.cell.c * pixel, state.cell.r * pixel, Math.max(4, pixel), Math.max(4, pixel));
      }
    }
  }

  // -------------------------------------------------------------------------------------------------------------- space
  const camera = { at: [0, 0, 0], far: 100, yaw: 0, pitch: 0 };
  const lens = 4.2; // of the view: half its height at distance 1 is 1 / lens
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  function axes({ yaw, pitch }) {
    const cy = Math.cos(yaw), sy = Math.sin(yaw), cp = Math.cos(pitch), sp = Math.sin(pitch);
    return { right: [cy, 0, -sy], up: [-sy * sp, cp, -cy * sp], ahead: [-sy * cp, -sp, -cy * cp] };
  }
  function view() {
    const frame = axes(camera), aspect = (stage.clientWidth || 1) / (stage.clientHeight || 1);
    return { ...frame, eye: camera.at.map((v, i) => v - frame.ahead[i] * camera.far), zoom: [lens / aspect, lens], thick: scene.gap / 5 };
  }
  // A point on the stage in CSS pixels, and how far away it is.
  function projected(p, from = view()) {
    const d = p.map((v, i) => v - from.eye[i]), z = dot(d, from.ahead);
    return [(dot(d, from.right) / z * from.zoom[0] + 1) / 2 * stage.clientWidth, (1 - dot(d, from.up) / z * from.zoom[1]) / 2 * stage.clientHeight, z];
  }

  // The view from which all slabs of the stop fill the stage.
  function framed(slabs, yaw, pitch) {
    const frame = axes({ yaw, pitch }), aspect = (stage.clientWidth || 16) / (stage.clientHeight || 9);
    const corners = slabs.flatMap(({ x, y, z, cols, rows }) => [[x, y, z], [x + cols, y, z], [x, y - rows, z], [x + cols, y - rows, z]]);
    let at = [0, 1, 2].map((i) => (Math.min(...corners.map((p) => p[i])) + Math.max(...corners.map((p) => p[i]))) / 2), far = 1;
    for (let turn = 0; turn < 4; ++turn) {
      const seen = corners.map((p) => { const d = p.map((v, i) => v - at[i]); return [dot(d, frame.right), dot(d, frame.up), dot(d, frame.ahead)]; });
      far = Math.max(...seen.map(([u, v, w]) => Math.max(lens * Math.abs(u) / aspect / .92, lens * Math.abs(v) / .76) - w));
      const on = seen.map(([u, v, w]) => [u / (far + w), v / (far + w)]);
      const middle = [0, 1].map((i) => (Math.min(...on.map((p) => p[i])) + Math.max(...on.map((p) => p[i]))) / 2 * far);
      at = at.map((v, i) => v + frame.right[i] * middle[0] + frame.up[i] * middle[1]);
    }
    return { at, far: Math.max(far, 4), yaw, pitch };
  }
  function look() {
    if (!scene || box.hidden) return;
    const slabs = shown().filter((slab) => slab.values);
    const many = new Set(slabs.map((slab) => slab.head)).size > 2;
    const all = slabs.length ? slabs : Object.values(scene.slabs), wide = all.length > 24;
    const to = framed(all, wide ? .24 : many && stop().depth === "model" ? .4 : many ? .66 : stop().depth === "head" ? .16 : .3, wide ? .2 : many ? .3 : .16);
    ease(to);
  }
  let moving = 0;
  function ease(to) {
    cancelAnimationFrame(moving);
    if (calm.matches || !live.hasAttribute("data-drawn")) { Object.assign(camera, to); draw(); return; }
    const from = { ...camera }, begun = performance.now(), between = (a, b, s) => a + (b - a) * s;
    const frame = (now) => {
      const t = Math.min(1, Math.max(0, now - begun) / 350), s = t * t * (3 - 2 * t);
      camera.at = from.at.map((v, i) => between(v, to.at[i], s));
      camera.far = Math.exp(between(Math.log(from.far), Math.log(to.far), s));
      camera.yaw = between(from.yaw, to.yaw, s);
      camera.pitch = between(from.pitch, to.pitch, s);
      paint();
      if (t < 1) moving = requestAnimationFrame(frame);
    };
    moving = requestAnimationFrame(frame);
  }
  function zoom(factor) {
    camera.far = Math.max(4, Math.min(8000, camera.far * factor));
    draw();
  }
  function turn(yaw, pitch) {
    camera.yaw = Math.max(-1.3, Math.min(1.3, camera.yaw + yaw));
    camera.pitch = Math.max(-1, Math.min(1.3, camera.pitch + pitch));
    draw();
  }

  let due = 0;
  function draw() {
    if (due || !scene || !space || box.hidden) return;
    due = requestAnimationFrame(() => { due = 0; paint(); });
  }
  // What is drawn: the stop's slabs, and pale what is around them, but of one head alone; beside several heads, no others.
  function seen() {
    const now = new Set(shown()), several = stop().depth !== "head" && [...now].some(({ head: h }) => h > 0);
    const alone = stop().depth === "head" ? state.head : several ? null : 0;
    return Object.values(scene.slabs).filter((slab) => slab.values && (now.has(slab) || slab.head === null || slab.head === alone))
      .map((slab) => ({ slab, pale: now.has(slab) ? 0 : .86 }));
  }
  function paint() {
    if (!scene || box.hidden) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1), width = stage.clientWidth, height = stage.clientHeight;
    for (const canvas of [picture, over]) {
      const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    }
    const from = view(), all = seen();
    space.draw(all, from, colours);
    drawOver(from, ratio);
    drawPlates(from);
    live.setAttribute("data-drawn", stop().id);
  }
  const quad = ({ id, r0, r1, c0, c1 }, from) => {
    const { x, y, z } = scene.slabs[id];
    return [[c0, r0], [c1, r0], [c1, r1], [c0, r1]].map(([c, r]) => projected([x + c, y - r, z + .05], from));
  };
  function outline(pen, points) {
    if (points.some(([, , z]) => z < 1)) return;
    pen.beginPath();
    points.forEach(([u, v], i) => (i ? pen.lineTo(u, v) : pen.moveTo(u, v)));
    pen.closePath();
  }
  function drawOver(from, ratio) {
    const pen = over.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, over.width, over.height);
    drawNumbers(pen, from);
    if (!state.cell) return;
    pen.strokeStyle = css(colours.focus);
    pen.lineJoin = "round";
    const visible = new Set(seen().map(({ slab }) => slab.id));
    for (const source of explain(state.cell).sources) {
      if (!visible.has(source.id)) continue;
      outline(pen, quad(source, from));
      pen.fillStyle = css(colours.focus, .2);
      pen.fill();
      pen.lineWidth = 2;
      pen.stroke();
    }
    const { id, r, c } = state.cell, points = quad({ id, r0: r, r1: r + 1, c0: c, c1: c + 1 }, from);
    const [u, v] = [0, 1].map((i) => points.reduce((sum, p) => sum + p[i], 0) / 4);
    outline(pen, points);
    pen.lineWidth = 2.5;
    pen.stroke();
    if (Math.hypot(points[0][0] - points[2][0], points[0][1] - points[2][1]) < 16) { // too small to be seen by itself
      pen.beginPath();
      pen.arc(u, v, 10, 0, 7);
      pen.stroke();
    }
  }
  // Numbers in the cells, and letters beside rows and columns of positions, where there is room for them.
  function drawNumbers(pen, from) {
    for (const slab of shown()) {
      if (!slab.values) continue;
      drawLetters(pen, slab, from);
      const [a, b] = [[0, 0], [1, 1]].map(([c, r]) => projected([slab.x + slab.cols / 2 + c, slab.y - slab.rows / 2 - r, slab.z], from));
      if (a[2] < 1 || Math.abs(a[0] - b[0]) < 34 || Math.abs(a[1] - b[1]) < 14) continue;
      pen.font = "11px sans-serif";
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      for (let r = 0; r < slab.rows; ++r) for (let c = 0; c < slab.cols; ++c) {
        const [u, v, z] = projected([slab.x + c + .5, slab.y - r - .5, slab.z], from);
        if (z < 1 || u < 0 || v < 0 || u > stage.clientWidth || v > stage.clientHeight) continue;
        const paintOf = shade(slab, slab.at(r, c));
        pen.fillStyle = .299 * paintOf[0] + .587 * paintOf[1] + .114 * paintOf[2] > 140 ? "#14121c" : "#ffffff";
        pen.fillText(slab.name === "ids" ? String(slab.at(r, c)) : number(slab.at(r, c), 2), u, v);
      }
    }
  }

  function drawLetters(pen, slab, from) {
    if (slab.head !== null && slab.head !== state.head && slab.head !== 0) return;
    const [a, b, c] = [[0, 0], [0, 1], [1, 0]].map(([right, down]) => projected([slab.x + right, slab.y - down, slab.z], from));
    const put = (letter, x, y, du, dv) => {
      const [u, v, z] = projected([x, y, slab.z], from);
      if (z > 1) pen.fillText(letter, u + du, v + dv);
    };
    pen.fillStyle = css(colours.soft);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    if (slab.rowOf === "position" && b[1] - a[1] >= 8) {
      pen.font = `${Math.min(13, b[1] - a[1] + 2)}px monospace`;
      for (let r = 0; r < slab.rows; ++r) put(sign(scene.letters[r]), slab.x, slab.y - r - .5, -9, 0);
    }
    if (slab.colOf === "position" && c[0] - a[0] >= 8) {
      pen.font = `${Math.min(13, c[0] - a[0] + 2)}px monospace`;
      for (let i = 0; i < slab.cols; ++i) put(sign(scene.letters[i]), slab.x + i + .5, slab.y, 0, -9);
    }
  }

  // Names on plates above the slabs; of heads behind one another the first, of very many each line's first.
  function named3d() {
    const all = shown().filter((slab) => slab.values), several = new Set(all.map((slab) => slab.head).filter((h) => h !== null)).size > 1;
    if (all.length > 24) {
      const label = (id, words) => (scene.slabs[id] && scene.slabs[id].values ? [{ slab: scene.slabs[id], words }] : []);
      const inBlocks = Array.from({ length: scene.L }, (_, l) => {
        const first = all.find((slab) => slab.block === l && !slab.weight) || all.find((slab) => slab.block === l);
        return first ? { slab: first, words: stop().id === "block" ? first.title : `block ${l + 1}` } : null;
      }).filter(Boolean);
      if (stop().id === "block") {
        return all.filter((slab) => !slab.weight && (slab.head ?? 0) === 0).map((slab) => ({ slab, words: slab.title }));
      }
      const ends = all.some((slab) => slab.id === "norm") ? [...label("what", "embeddings"), ...label("norm", "the answer")] : [];
      return [...inBlocks, ...ends];
    }
    const blocks = new Set(all.map((slab) => slab.block).filter((l) => l !== null)).size > 1;
    return all.filter((slab) => !several || slab.head === null || slab.head === 0)
      .map((slab) => ({ slab, words: (blocks && slab.block !== null ? `block ${slab.block + 1}, ` : "") + slab.title + (several && slab.head !== null && !blocks ? `, ${scene.H} heads` : ""), size: blocks ? "" : `${slab.rows} × ${slab.cols}` }));
  }
  function drawPlates(from) {
    const pen = over.getContext("2d"), taken = [];
    const made = named3d().map(({ slab, words: name, size }) => {
      const [u, v, z] = projected([slab.x, slab.y, slab.z], from), [u2] = projected([slab.x + slab.cols, slab.y, slab.z], from);
      const plate = element("span", { class: "walk-plate role-" + slab.role, "data-tensor": slab.id }, name, ...(size ? [" ", element("small", {}, size)] : []));
      return { plate, u: Math.max(u, Math.min(u2, (u + u2) / 2)), v, z };
    }).filter(({ z }) => z > 1);
    plates.replaceChildren(...made.map(({ plate }) => plate));
    made.sort((a, b) => b.v - a.v || a.u - b.u);
    for (const one of made) {
      const width = one.plate.offsetWidth, height = one.plate.offsetHeight;
      const left = Math.max(4, Math.min(stage.clientWidth - width - 4, one.u - width / 2));
      let top = one.v - height - 16;
      for (let again = 0; again < 12; ++again) {
        const other = taken.find((t) => left < t.left + t.width + 6 && t.left < left + width + 6 && top < t.top + height + 3 && t.top < top + height + 3);
        if (!other) break;
        top = other.top - height - 4;
      }
      if (one.u < -20 || one.u > stage.clientWidth + 20 || one.v < -20 || one.v > stage.clientHeight + 40) { one.plate.remove(); continue; }
      top = Math.max(4, top);
      taken.push({ left, top, width });
      one.plate.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
      pen.beginPath();
      pen.moveTo(one.u, top + height);
      pen.lineTo(one.u, one.v);
      pen.lineWidth = 1;
      pen.strokeStyle = css(colours.soft);
      pen.stroke();
    }
  }

  // The cell under a point of the stage.
  function picked(u, v) {
    const from = view(), px = (2 * u / stage.clientWidth - 1) / from.zoom[0], py = (1 - 2 * v / stage.clientHeight) / from.zoom[1];
    const ray = [0, 1, 2].map((i) => from.ahead[i] + px * from.right[i] + py * from.up[i]);
    let found = null, nearest = Infinity;
    const now = new Set(shown());
    for (const { slab } of seen()) {
      const t = (slab.z - from.eye[2]) / ray[2];
      if (!now.has(slab) || !(t > 0 && t < nearest)) continue;
      const c = Math.floor(from.eye[0] + t * ray[0] - slab.x), r = Math.floor(slab.y - from.eye[1] - t * ray[1]);
      if (c >= 0 && r >= 0 && c < slab.cols && r < slab.rows) { found = { id: slab.id, r, c }; nearest = t; }
    }
    return found;
  }

  // Drag turns, with Shift or two fingers it shifts; a wheel or a pinch comes near.
  const fingers = new Map();
  let dragged = 0;
  stage.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    stage.setPointerCapture(event.pointerId);
    dragged = 0;
  });
  const local = (event) => { const frame = stage.getBoundingClientRect(); return [event.clientX - frame.left, event.clientY - frame.top]; };
  stage.addEventListener("pointermove", (event) => {
    const was = fingers.get(event.pointerId);
    if (!was) {
      if (event.pointerType === "mouse" && scene) { const cell = picked(...local(event)); if (cell) choose(cell); }
      return;
    }
    const dx = event.clientX - was[0], dy = event.clientY - was[1];
    dragged += Math.abs(dx) + Math.abs(dy);
    if (fingers.size === 2) {
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      const before = Math.hypot(was[0] - other[0], was[1] - other[1]), after = Math.hypot(event.clientX - other[0], event.clientY - other[1]);
      shift(dx / 2, dy / 2);
      zoom(before / Math.max(1, after));
    } else if (event.shiftKey) shift(dx, dy);
    else turn(-dx * .006, dy * .006);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  const lift = (event) => {
    if (fingers.delete(event.pointerId) && dragged < 5 && scene && event.type === "pointerup") { const cell = picked(...local(event)); if (cell) choose(cell); }
  };
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", lift);
  function shift(dx, dy) {
    const frame = axes(camera), unit = 2 * camera.far / lens / stage.clientHeight;
    camera.at = camera.at.map((v, i) => v - frame.right[i] * dx * unit + frame.up[i] * dy * unit);
    draw();
  }
  stage.addEventListener("wheel", (event) => {
    if (document.activeElement !== stage && !event.ctrlKey) return; // the page scrolls until the stage is chosen
    event.preventDefault();
    zoom(Math.exp(event.deltaY * .0012));
  }, { passive: false });
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = event.shiftKey
      ? { ArrowLeft: () => turn(-.1, 0), ArrowRight: () => turn(.1, 0), ArrowUp: () => turn(0, .1), ArrowDown: () => turn(0, -.1), "+": () => zoom(1 / 1.15), " ": () => go(state.stop - 1) }[event.key]
      : { ArrowRight: () => go(state.stop + 1), ArrowDown: () => go(state.stop + 1), " ": () => go(state.stop + 1), ArrowLeft: () => go(state.stop - 1), ArrowUp: () => go(state.stop - 1),
          Home: () => go(0), End: () => go(stops.length - 1), "+": () => zoom(1 / 1.15), "=": () => zoom(1 / 1.15), "-": () => zoom(1.15), 0: () => look() }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // ------------------------------------------------------------------------------------------------ colours, the address
  const css = ([r, g, b], alpha = 1) => `rgba(${Math.round(255 * r)}, ${Math.round(255 * g)}, ${Math.round(255 * b)}, ${alpha})`;
  function readColours() {
    const probe = element("span", {}), named = { paper: "paper-sunk", zero: "heat-low", below: "ink", line: "line", focus: "focus", soft: "ink-soft" };
    live.append(probe);
    const colour = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map((v) => v / 255); };
    for (const [key, name] of Object.entries(named)) colours[key] = colour(name);
    for (const role of ["query", "key", "value", "residual", "weight", "activation", "loss"]) colours[role] = colour(role);
    probe.remove();
  }
  function remember() {
    const all = new URLSearchParams({ stop: stop().id, block: state.block + 1, head: state.head + 1, text: state.text });
    if (state.model !== "small_5000" && state.model !== "file") all.set("model", state.model);
    if (state.flat) all.set("view", "flat");
    try { history.replaceState(null, "", "#" + all); } catch { /* some browsers forbid it on file:// */ }
  }
  function fromAddress() {
    const all = new URLSearchParams(location.hash.slice(1));
    if (!all.has("stop")) return;
    const at = stops.findIndex((one) => one.id === all.get("stop")), whole = (key) => Math.max(0, (parseInt(all.get(key), 10) || 1) - 1);
    state.stop = Math.max(0, at);
    state.block = whole("block");
    state.head = whole("head");
    if (all.get("text")) state.text = all.get("text");
    if (models[all.get("model")]) state.model = all.get("model");
    if (all.has("view")) state.flat = all.get("view") === "flat";
    text.value = state.text;
    model.value = state.model;
  }

  // -------------------------------------------------------------------------------------------------------------- begin
  live.classList.add("walk");
  live.append(
    element("div", { class: "controls" }, field("Text", text), field("Model", model), file),
    trouble,
    element("div", { class: "controls" }, element("span", { class: "walk-choices", role: "group", "aria-label": "View" }, ...views),
      element("span", { class: "walk-choices", role: "group", "aria-label": "Depth" }, ...depths), field("Block", block), field("Head", head)),
    element("div", { class: "walk-main" }, element("div", {}, box, flat),
      element("div", { class: "walk-side" }, element("div", { class: "controls walk-way" }, back, next, jump), card, line, reading)),
    table);
  text.value = state.text;
  browse.disabled = true; // there is nothing yet that could read a file

  async function begin() {
    say("Loading the model …");
    for (const name of ["walk-scene.js", "walk-space.js", "walk-stops.js"]) await bardlingLive.load(name);
    ({ stops, code } = bardlingLive.walk);
    jump.replaceChildren(...stops.map((one, i) => element("option", { value: i }, `${i + 1}. ${one.title}`)));
    fromAddress();
    readColours();
    try {
      space = walkSpace(picture);
    } catch (error) {
      console.info("walk: " + error.message);
    }
    if (!space) views[0].setAttribute("disabled", "");
    try {
      engine = await bardlingLive.start();
      browse.disabled = false;
      await compute();
    } catch (error) {
      take(fromTrace());
      for (const control of [text, model]) control.setAttribute("disabled", "");
      say(error.message + " What stands here is the trace that comes with the site.");
    }
    if (!space && !trouble.textContent) say("This browser has no WebGL 2, so the walk is flat.");
    live.setAttribute("data-ready", "");
  }
  begin().catch((error) => say(error.message));

  document.addEventListener("bardling-theme", () => { readColours(); if (scene) show(); });
  window.addEventListener("resize", () => { if (scene) { if (flat.hidden) look(); else show(); } });
  window.addEventListener("hashchange", () => { if (stops.length && location.hash.includes("stop=")) { const was = [state.text, state.model].join("\n"); fromAddress(); was === [state.text, state.model].join("\n") ? arrive() : compute(); } });
  root.walk = { state, scene: () => scene, stops: () => stops, shown, drawn: (id) => space.values(id, scene.slabs[id].values.length), explain, choose };
});
