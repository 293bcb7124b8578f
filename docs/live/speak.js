// Let it speak: predict, roll the die, append, and again, a step at a time. The numbers are those of the chapters' C++; the
// models are chapter 6's `small` at several moments of its training, the one that was trained on this page, or a file.
bardling.widget("speak", function (root, live) {
  "use strict";
  const element = bardling.element, number = bardling.number, sign = bardlingLive.sign, pointsOf = bardlingLive.points;
  const thousands = (n) => n.toLocaleString("en-US");

  let engine = null, about = null; // about.symbols[id] is the code point of id
  let points = pointsOf("To be, or not to be, that is the "); // what has been said
  let p = null, roll = null; // probabilities of what comes next; {where, id} once the die has fallen
  let history = [], running = 0, chosen = 0; // history: what Back restores; its last is the roll's, if there is one
  let asked = 0, busy = false; // the last wish for a model; is a press being answered?
  const starting = bardlingLive.starter();

  // ------------------------------------------------------------------------------------------------------ what is seen
  const field = (label, ...control) => element("label", { class: "field" }, label + " ", ...control);
  const models = element("select", { onchange: () => guarded(wake) });
  for (const steps of [5000, 2000, 500, 100])
    models.append(element("option", { value: "small_" + steps }, `chapter 6, after ${thousands(steps)} steps`));
  models.append(element("option", { value: "untrained" }, "chapter 6, untrained"));
  const trained = element("option", { value: "trained", disabled: "" }, "the one trained on this page");
  const file = element("option", { value: "file", disabled: "" }, "a file of yours");
  models.append(trained, file);
  const own = bardlingLive.fileButton("A .safetensors file…", ".safetensors", takeFile, fail);

  const words = element("textarea", { rows: "3", spellcheck: "false", oninput: typed, "aria-label": "The text so far" });
  const temperature = element("input", { type: "range", min: "0", max: "2", step: "0.05", value: "1", oninput: settings });
  const topK = element("input", { type: "number", min: "0", max: "999", step: "1", value: "0", class: "short", oninput: settings });
  const seed = element("input", { type: "number", min: "0", max: "4294967295", step: "1", value: "1337", class: "short", onchange: () => guarded(reseed) });
  const warm = element("output", { class: "big-number" });
  const next = element("button", { type: "button", class: "primary", onclick: () => guarded(() => alone(step)) }, "Step");
  const run = element("button", { type: "button", onclick: () => guarded(toggle) }, "Run");
  const back = element("button", { type: "button", onclick: () => guarded(() => alone(undo)) }, "Back");
  const stages = ["Predict", "Roll the die", "Append"].map((word) => element("li", {}, word));
  const W = root.clientWidth < 520 ? 340 : 640; // letters stay readable on a phone
  const line = element("svg", { viewBox: `0 0 ${W} 64`, class: "die-line", role: "img", "aria-label": "The shares of all characters, side by side from 0 to 1" });
  const said = element("p", { class: "said", role: "status" });
  const cells = element("div", { class: "letters", role: "group", "aria-label": "What may come next. Arrow keys walk, Enter chooses." });
  const origin = element("p", { class: "origin" });

  function drawLetters() {
    const largest = Math.max(...p); // the highest bar fills its cell
    cells.replaceChildren(...Array.from(p, (share, id) => {
      const point = about.symbols[id];
      const cell = element("button", { type: "button", class: "letter", tabindex: id === chosen ? "0" : "-1", "data-id": id, "data-p": share,
        "aria-label": `${sign(point)} ${percent(share)}${point === 10 || point === 32 ? ", " + spoken(point) : ""}`, onclick: () => guarded(() => alone(() => choose(id))) },
        element("span", { class: "letter-bar" }, element("i", { style: `height:${(100 * share / largest).toFixed(2)}%` })), element("b", {}, sign(point)), " ", element("small", {}, percent(share)));
      if (roll?.id === id) cell.classList.add("drawn");
      return cell;
    }));
  }
  const percent = (share) => (share >= .0995 ? (100 * share).toFixed(0) : share >= .0005 ? (100 * share).toFixed(1) : share > 0 ? "<0.1" : "0") + " %";
  const spoken = (point) => ({ 10: "new line", 32: "blank" })[point] ?? sign(point);
  // All shares side by side: the die is a point between 0 and 1, and falls on one of them.
  function drawLine() {
    const parts = [];
    let from = 0;
    p.forEach((share, id) => {
      const x = 8 + (W - 16) * from, width = (W - 16) * share;
      from += share;
      if (width < .05) return;
      parts.push(element("rect", { x: x.toFixed(2), y: 22, width: width.toFixed(2), height: 26, class: roll?.id === id ? "part drawn" : "part" }));
      if (width > 11) parts.push(element("text", { x: (x + width / 2).toFixed(1), y: 40, "text-anchor": "middle", class: roll?.id === id ? "on" : "" }, sign(about.symbols[id])));
    });
    parts.push(element("text", { x: 8, y: 61 }, "0"), element("text", { x: W - 8, y: 61, "text-anchor": "end" }, "1"));
    if (roll) {
      const x = 8 + (W - 16) * roll.where;
      parts.push(element("path", { class: "die", d: `M${x.toFixed(1)} 21l-6 -11h12z` }),
        element("text", { x: Math.min(W - 20, Math.max(20, x)).toFixed(1), y: 8, "text-anchor": "middle" }, number(roll.where, 3)));
    }
    line.replaceChildren(...parts);
    line.setAttribute("aria-label", roll ? `The die fell on ${number(roll.where, 3)}, in the part of ${spoken(about.symbols[roll.id])}` : "The shares of all characters, side by side from 0 to 1");
  }
  function stage(at) {
    stages.forEach((item, i) => { if (i === at) item.setAttribute("aria-current", "step"); else item.removeAttribute("aria-current"); });
  }
  function draw() {
    warm.textContent = number(Number(temperature.value), 2);
    if (!p) return;
    drawLetters();
    drawLine();
    stage(roll ? 1 : 0);
    back.setAttribute("aria-disabled", String(history.length === 0));
    root.dataset.said = points.length;
  }
  const showWords = () => {
    words.value = String.fromCodePoint(...points);
    words.scrollTop = words.scrollHeight;
  };

  // ----------------------------------------------------------------------------------------------------- what happens
  async function guarded(action) {
    try {
      await action();
    } catch (error) {
      fail(error);
    }
  }
  function fail(error) {
    running = 0;
    run.textContent = "Run";
    said.textContent = error.message;
  }
  // A press that comes before the last one is answered is ignored.
  async function alone(action) {
    if (busy) return;
    busy = true;
    try {
      await action();
    } finally {
      busy = false;
    }
  }
  async function wake() {
    const mine = ++asked, wanted = models.value;
    said.textContent = "Loading the C++ and the weights …";
    engine = await starting();
    const data = wanted === "untrained" ? null : wanted === "trained" ? await bardlingLive.trained() : await bardlingLive.file(wanted);
    if (mine !== asked) return; // another model has been chosen
    const symbols = about?.symbols ?? "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const made = await (data ? engine.call("load", data) : engine.call("create", { ...engine.recipes.ch06, symbols }));
    if (mine !== asked) return;
    about = made;
    await begin(wanted === "trained" ? "the model trained on this page" : "weights that come with the site, trained on Tiny Shakespeare by chapter 6's program");
  }
  async function takeFile(data, name) {
    const mine = ++asked;
    await guarded(async () => {
      engine = await starting();
      if (mine !== asked) return;
      const made = await engine.call("load", data);
      if (mine !== asked) return;
      about = made;
      models.value = "file";
      await begin(name);
    });
  }
  async function begin(whose) {
    chosen = Math.min(chosen, about.symbols.length - 1);
    await engine.call("seedDice", Number(seed.value));
    history = [];
    roll = null;
    origin.textContent = `Chapter ${about.chapter}, ${thousands(about.parameters)} weights, ${thousands(about.step)} steps of training; ${models.value === "untrained" ? "random weights" : whose}.`;
    // A model of another text may not know the letters that stand there.
    if (!points.length || !points.every((point) => about.symbols.includes(point))) {
      points = about.symbols.slice(0, 1);
      showWords();
    }
    await predict();
    said.textContent = "It has read the text, and given every character a share. Step, and a die chooses among them; or choose yourself.";
  }
  async function predict() {
    roll = null;
    p = await engine.call("next", points, { temperature: Number(temperature.value), topK: Math.max(0, Math.floor(Number(topK.value)) || 0) });
    draw();
  }
  async function typed() {
    points = pointsOf(words.value);
    history = [];
    roll = null;
    if (about) await guarded(async () => { await predict(); said.textContent = "Another text, other shares."; });
  }
  async function settings() {
    warm.textContent = number(Number(temperature.value), 2);
    temperature.setAttribute("aria-valuetext", `temperature ${number(Number(temperature.value), 2)}`);
    if (about) await guarded(async () => {
      const last = roll && history.pop(); // it fell among other shares
      roll = null;
      if (last) {
        said.textContent = "Other shares: the die lies again where it lay.";
        await engine.call("restoreDice", last.dice);
      }
      await predict();
    });
  }
  async function reseed() {
    if (!about) return;
    if (roll) history.pop();
    roll = null;
    await engine.call("seedDice", Number(seed.value));
    await predict();
    said.textContent = `The die begins anew, with the seed ${seed.value}.`;
  }
  // One half of a turn: the die falls, or what it fell on is appended and read.
  async function step() {
    if (!about) return wake();
    if (!roll) {
      const dice = await engine.call("dice");
      roll = await engine.call("draw");
      history.push({ points, dice });
      draw();
      said.textContent = `The die fell on ${number(roll.where, 3)}, in the part of “${sign(about.symbols[roll.id])}”, which has ${percent(p[roll.id])}.`;
    } else {
      await append(roll.id);
    }
  }
  async function append(id) {
    const share = p[id], point = about.symbols[id];
    points = Uint32Array.of(...points, point);
    showWords();
    await predict();
    stage(2);
    said.textContent = `“${sign(point)}” had ${percent(share)}. Now it is part of the text, and the model has read it.`;
  }
  async function choose(id) {
    if (!roll) history.push({ points, dice: await engine.call("dice") });
    chosen = id;
    await append(id);
    cells.querySelector(`[data-id="${id}"]`)?.focus();
  }
  async function undo() {
    const last = history.pop(), rolled = roll !== null;
    if (!last) return;
    points = last.points;
    roll = null;
    await engine.call("restoreDice", last.dice);
    showWords();
    await predict();
    said.textContent = rolled ? "The die lies again where it lay; nothing had been appended." : "One character back, and the die lies where it lay.";
  }
  async function toggle() {
    if (!about) await wake();
    if (running) {
      running = 0;
      run.textContent = "Run";
      return;
    }
    const mine = running = Date.now();
    run.textContent = "Stop";
    while (running === mine) {
      await alone(step);
      await new Promise((done) => { setTimeout(done, roll ? 240 : 120); });
    }
  }

  cells.addEventListener("keydown", (event) => {
    const wide = Math.max(1, Math.round(cells.clientWidth / (cells.firstElementChild?.offsetWidth || 1)) );
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -wide, ArrowDown: wide, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const all = cells.children, to = Math.max(0, Math.min(all.length - 1, chosen + by));
    all[chosen].tabIndex = -1;
    chosen = to;
    all[chosen].tabIndex = 0;
    all[chosen].focus();
  });
  document.addEventListener("bardling-trained", () => { trained.disabled = false; });
  bardlingLive.dropped(root, takeFile, fail);

  showWords();
  live.append(
    element("div", { class: "controls" }, field("Model", models), own),
    words,
    element("div", { class: "controls" }, element("span", { class: "button-row" }, next, run, back)),
    element("ol", { class: "stages" }, ...stages),
    element("div", { class: "chart-box" }, line), cells, said,
    element("div", { class: "controls" }, field("Temperature", temperature, warm), field("Top-k (0: all)", topK), field("Seed", seed)),
    origin);
  said.textContent = "Press Step: the C++ and the weights are loaded, one and a half megabytes, and the model reads the text.";
  next.textContent = "Step";
  back.setAttribute("aria-disabled", "true");
  if (bardlingLive.missing) {
    for (const control of [next, run, back, models]) control.disabled = true;
    said.textContent = bardlingLive.missing;
  }
  draw();
});
