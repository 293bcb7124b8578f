// Train it here: the chapters' models learn in the page, by the C++ of the chapters. Data: window.bardlingReports[NAME] for
// the names of models in engine.js; the numbers that are drawn come from the reader's own browser. Chapter 10's models do
// not speak, they answer.
bardling.widget("train-here", function (root, live) {
  "use strict";
  const element = bardling.element, number = bardling.number;
  const names = root.getAttribute("data-report").split(",");
  const reports = window.bardlingReports;
  const thousands = (n) => n.toLocaleString("en-US");
  const play = { name: "Bardling's own play, written for this tutorial", bytes: null, characters: 0 };

  let engine = null, about = null, text = play; // the model, and what it learns from
  let state = "new"; // new, busy, running, paused, done
  let name = names.includes(root.dataset.chosen) ? root.dataset.chosen : names[0];
  let curve, ticket = 0; // a new ticket ends whatever still runs for an old one
  let loop = null; // the training that runs, or that has been paused and is in its last slice
  const starting = bardlingLive.starter();

  // ------------------------------------------------------------------------------------------------------ what is seen
  const id = "train-" + Math.random().toString(36).slice(2);
  const field = (label, control) => element("label", { class: "field" }, label + " ", control);
  // A button that cannot be used at the moment keeps the keyboard's focus, which `disabled` would take from it.
  const able = (button, yes) => button.setAttribute("aria-disabled", String(!yes));
  const press = (action) => (event) => { if (event.currentTarget.getAttribute("aria-disabled") !== "true") action(); };
  const choose = element("select", { onchange: () => reset(choose.value) });
  for (const one of names) {
    const { chapter, title } = reports[one];
    choose.appendChild(element("option", { value: one, ...(one === name ? { selected: "" } : {}) }, `Chapter ${chapter}: ${title}`));
  }
  const go = element("button", { type: "button", class: "primary", onclick: press(toggle) }, "Start");
  const one = element("button", { type: "button", onclick: press(() => guarded(step)) }, "One step");
  const again = element("button", { type: "button", onclick: press(() => reset(name)) }, "Start again");
  const seed = element("input", { type: "number", min: "0", max: "4294967295", step: "1", value: "1337", class: "short" });
  const lr = element("input", { type: "number", min: "0", max: "1", step: "any", class: "short" });
  const own = bardlingLive.fileButton("A text of your own…", ".txt,text/plain", takeText, fail);
  const asked = element("input", { type: "text", class: "asked", spellcheck: "false", autocomplete: "off", onkeydown: (event) => {
    if (event.key === "Enter") asks.click(); // which does nothing while it may not be pressed
  } });
  const asks = element("button", { type: "button", onclick: press(() => ask(asked.value.trim())) }, "Ask");
  const unseen = element("button", { type: "button", onclick: press(() => ask("")) }, "One that it never learned");
  const asking = element("div", { class: "controls" }, field("Ask it", asked), element("span", { class: "button-row" }, asks, unseen));
  const keep = element("button", { type: "button", onclick: press(() => guarded(save)) }, "Save the model");

  const narrow = matchMedia("(max-width: 600px)"); // letters stay readable on a phone
  let W = 640;
  const H = 250, left = 40, right = 12, top = 10, bottom = 34, high = 4.6, bins = 320;
  const chart = element("svg", { class: "chart", role: "img" });
  const frame = element("g"), trainLine = element("polyline", { class: "line-train" }), valLine = element("polyline", { class: "line-val" });
  chart.append(frame, trainLine, valLine);
  const figures = element("p", { class: "figures" });
  const heard = element("pre", { class: "heard", tabindex: "0", role: "group", "aria-label": "What the model says" });
  const heardTitle = element("p", { class: "readings-title" });
  const said = element("p", { class: "said", role: "status" });
  const origin = element("p", { class: "origin" });

  const recipe = () => engine.recipes[name];
  const published = () => reports[name].published_val_loss;
  const answers = () => reports[name].chapter === 10;
  const y = (loss) => top + (H - top - bottom) * (high - Math.min(high, loss)) / (high - curve.low);
  const x = (at) => left + (W - left - right) * Math.min(1, at / curve.steps);

  function drawFrame() {
    W = narrow.matches ? 380 : 640;
    chart.setAttribute("viewBox", `0 0 ${W} ${H}`);
    frame.replaceChildren();
    for (let loss = Math.ceil(curve.low); loss < high; ++loss) {
      frame.append(element("line", { class: "grid", x1: left, x2: W - right, y1: y(loss), y2: y(loss) }),
        element("text", { x: left - 8, y: y(loss), dy: ".32em", "text-anchor": "end" }, loss));
    }
    for (let i = 0; i <= 4; ++i)
      frame.append(element("text", { x: x(curve.steps * i / 4), y: H - 14, "text-anchor": i === 4 ? "end" : "middle" }, thousands(curve.steps * i / 4)));
    if (!published()) return;
    frame.append(element("line", { class: "line-published", x1: left, x2: W - right, y1: y(published()), y2: y(published()) }),
      element("text", { class: "soft", x: W - right, y: y(published()) - 6, "text-anchor": "end" }, `published ${number(published(), 2)}, on Tiny Shakespeare`));
  }
  narrow.addEventListener("change", () => { if (curve) { drawFrame(); draw(); } });
  function draw() {
    const points = [];
    curve.sums.forEach((sum, i) => { if (curve.counts[i]) points.push([x((i + .5) * curve.steps / bins), y(sum / curve.counts[i])]); });
    const path = (all) => all.map(([a, b]) => a.toFixed(1) + "," + b.toFixed(1)).join(" ");
    trainLine.setAttribute("points", path(points));
    valLine.setAttribute("points", path(curve.looks.map(([at, loss]) => [x(at), y(loss)])));
    const last = curve.looks.at(-1);
    chart.setAttribute("aria-label", `Loss over ${curve.steps} steps, so far ${curve.step}` +
      (last ? `; validation ${number(last[1], 3)}` : "") + (curve.recent ? `; training ${number(curve.recent, 3)}` : ""));
    figures.textContent = `step ${thousands(curve.step)} of ${thousands(curve.steps)}` +
      (curve.speed ? ` · ${thousands(Math.round(curve.speed))} steps a second` : "") +
      (curve.recent ? ` · training ${number(curve.recent, 3)}` : "") + (last ? ` · validation ${number(last[1], 3)}` : "");
    figures.dataset.step = curve.step;
    figures.dataset.looks = JSON.stringify(curve.looks);
  }
  function show(next, sentence) {
    state = next;
    root.dataset.training = state;
    go.textContent = { new: "Start", busy: about ? "Go on" : "Start", running: "Pause", paused: "Go on", done: "Go on" }[state];
    able(go, state !== "busy" && state !== "done");
    able(one, state === "new" || state === "paused");
    able(again, state !== "new" && state !== "busy");
    for (const button of [asks, unseen]) able(button, state !== "busy");
    able(keep, about && state !== "busy" && state !== "running");
    seed.disabled = state !== "new";
    if (sentence !== undefined) said.textContent = sentence;
  }

  // ----------------------------------------------------------------------------------------------------- what happens
  function reset(chosen) {
    ++ticket;
    name = choose.value = chosen;
    about = null;
    const { steps, lr: rate, parameters, chapter } = reports[name];
    curve = { step: 0, steps, sums: Array(bins).fill(0), counts: Array(bins).fill(0), looks: [], recent: 0, speed: 0, low: answers() ? 0 : Math.min(1, published() ?? 1) };
    asking.hidden = !answers();
    own.hidden = answers();
    asked.value = { ch10_sort: "silver", ch10_add: "417+385" }[name] ?? "face";
    lr.value = Number(rate.toPrecision(6));
    heard.textContent = "";
    heardTitle.textContent = `What it ${answers() ? "answers" : "says"} appears here.`;
    drawFrame();
    draw();
    show("new", `${thousands(parameters)} weights, all of them random. Start, and the C++ of chapter ${chapter} trains them here, in this page.`);
    sayText();
  }
  function sayText() {
    if (answers()) {
      origin.textContent = "It learns from questions that the C++ makes, and never from half of them, which validate. Solid: validation; dashed: training.";
      return;
    }
    origin.textContent = `It learns from ${text.name}` + (text.bytes ? `, ${thousands(text.characters)} characters` : "") +
      ": nine tenths to train on, the rest to validate. Solid: validation; dashed: training.";
  }
  async function guarded(action) {
    try {
      await action();
    } catch (error) {
      show(about ? "paused" : "new", error.message);
    }
  }
  // Everything is loaded at the first start, and the model made at the first start after a reset.
  async function ready() {
    if (about) return;
    show("busy", "Loading the C++ …");
    const mine = ticket;
    engine = await starting();
    if (!answers() && !play.bytes) {
      play.bytes = await bardlingLive.file("play");
      play.characters = charactersOf(play.bytes);
    }
    sayText();
    const size = Number(seed.value);
    if (!(Number.isInteger(size) && size >= 0 && size < 2 ** 32)) throw new Error(`A seed is a whole number from 0 to 4294967295, got "${seed.value}".`);
    const made = await engine.call("create", { ...recipe(), seed: size, ...(answers() ? {} : { text: text.bytes }) });
    if (mine !== ticket) return;
    about = made;
    bardlingLive.trained = () => engine.call("save"); // as it is when somebody asks
    document.dispatchEvent(new CustomEvent("bardling-trained"));
    await look();
  }
  const rate = () => {
    const value = Number(lr.value);
    if (lr.value.trim() === "" || !(value >= 0 && value <= 10)) throw new Error(`A learning rate is a number from 0 to 10, got "${lr.value}".`);
    return value;
  };
  // The steps' losses go into the curve. -> that of the last step
  async function train(options) {
    const mine = ticket, started = performance.now();
    const { step: at, losses } = await engine.call("train", { lr: rate(), ...options });
    if (mine !== ticket) return;
    losses.forEach((loss, i) => {
      const bin = Math.min(bins - 1, Math.floor((at - losses.length + i) * bins / curve.steps));
      curve.sums[bin] += loss;
      ++curve.counts[bin];
      curve.recent = curve.recent ? .95 * curve.recent + .05 * loss : loss;
      if (!Number.isFinite(loss)) throw new Error("The loss is no number any more: the learning rate is too high. Start again with a lower one.");
      while (loss < curve.low && curve.low > 0) { curve.low = 0; drawFrame(); }
    });
    curve.step = at;
    const speed = losses.length * 1000 / (performance.now() - started);
    curve.speed = curve.speed ? .8 * curve.speed + .2 * speed : speed;
    draw();
    return losses.at(-1);
  }
  async function look() {
    const mine = ticket, at = curve.step;
    const loss = await engine.call("look", 5000);
    if (mine !== ticket) return;
    curve.looks.push([at, loss]);
    draw();
    if (curve.looks.length % 4 === 1 || at >= curve.steps) await speak();
  }
  async function speak() {
    const mine = ticket, at = curve.step;
    await engine.call("seedDice", 1337);
    if (answers()) return examine(mine, at);
    const first = about.symbols.includes(10) ? 10 : about.symbols[0];
    const words = await engine.call("speak", Uint32Array.of(first), 220, { temperature: 1 });
    if (mine !== ticket) return;
    heardTitle.textContent = `What it says after ${thousands(at)} step${at === 1 ? "" : "s"}:`;
    heard.textContent = bardlingLive.text(words);
  }
  // How many of the first exam's questions are answered well, and some of the answers.
  async function examine(mine, at) {
    const some = name === "ch10_draw" ? 2 : 8, share = await engine.call("shareRight", some === 2 ? 20 : 100), all = [];
    while (all.length < some) all.push(await engine.call("ask"));
    if (mine !== ticket) return;
    heardTitle.textContent = `After ${thousands(at)} step${at === 1 ? "" : "s"}, ${number(100 * share, 0)} % ${reports[name].scores[0].name}:`;
    heardTitle.dataset.share = share;
    heard.replaceChildren(...all.map(answered));
  }
  async function ask(question) {
    const woken = !about; // then it is busy with this alone
    try {
      await ready();
      const mine = about, at = curve.step;
      if (!mine) return;
      const answer = await engine.call("ask", question);
      if (about !== mine) return;
      if (woken) show("paused");
      heardTitle.textContent = `Asked after ${thousands(at)} step${at === 1 ? "" : "s"}:`;
      heard.replaceChildren(answered(answer));
      said.textContent = question ? `You asked, and the answer is ${answer.right ? "right" : "wrong"}.` : `A question from the half that training never had; the answer is ${answer.right ? "right" : "wrong"}.`;
    } catch (error) {
      if (woken) show(about ? "paused" : "new");
      said.textContent = error.message;
    }
  }
  // A question and its answer; pictures, which come in half blocks side by side, are drawn.
  function answered({ right, shown }) {
    const [title, ...rows] = shown.trimEnd().split("\n"), line = element("span", { class: right ? "right" : "wrong" }, (right ? "right  " : "wrong  ") + title);
    const names = [...(title.startsWith("given") ? ["given", "completed"] : ["drawn"]), "learned"];
    if (rows.length) line.append(element("span", { class: "pictures" }, ...names.map((what, k) => {
      const svg = element("svg", { viewBox: "-1 -1 14 14", role: "img", "aria-label": what === "learned" ? "the nearest that training had" : what });
      rows.forEach((row, y) => [...[...row.matchAll(/\|(.{12})\|/gu)][k][1]].forEach((dots, x) => {
        if ("▀█".includes(dots)) svg.append(element("rect", { x, y: 2 * y, width: 1, height: 1 }));
        if ("▄█".includes(dots)) svg.append(element("rect", { x, y: 2 * y + 1, width: 1, height: 1 }));
      }));
      return svg;
    })));
    return line;
  }
  const every = () => Math.max(1, Math.round(curve.steps / 60));

  // What has been paused comes to the end of its slice before anything else begins. -> is there still something to do?
  async function settled() {
    const mine = ticket;
    show("busy");
    await loop;
    return mine === ticket && curve.step < curve.steps;
  }
  async function toggle() {
    if (state === "running") return show("paused", "Paused.");
    if (!(await settled())) return;
    const mine = ++ticket;
    loop = guarded(async () => {
      await ready();
      if (mine !== ticket) return;
      show("running", "It learns. Pause when you like; the learning rate can be changed on the way.");
      while (state === "running" && mine === ticket && curve.step < curve.steps) {
        const next = Math.min(curve.steps, (Math.floor(curve.step / every()) + 1) * every());
        await train({ steps: next - curve.step, milliseconds: engine.slice });
        if (mine === ticket && curve.step === next) await look();
      }
      if (mine !== ticket || curve.step < curve.steps) return;
      show("done", `Done: ${thousands(curve.steps)} steps. You have just run the C++ of chapter ${recipe().chapter}.`);
    });
  }
  async function step() {
    if (!(await settled())) return;
    const mine = ++ticket;
    await ready();
    if (mine !== ticket) return;
    const loss = await train({ steps: 1 });
    if (mine !== ticket) return;
    await look();
    if (mine !== ticket) return;
    await speak();
    if (mine !== ticket) return;
    show(curve.step < curve.steps ? "paused" : "done", `Step ${thousands(curve.step)}: the loss was ${number(loss, 3)}. Every weight has moved a little.`);
  }
  async function save() {
    const file = await engine.call("save");
    const link = element("a", { href: URL.createObjectURL(new Blob([file])), download: `${name}_step${curve.step}.safetensors` });
    link.click();
    URL.revokeObjectURL(link.href);
    said.textContent = `Saved after ${thousands(curve.step)} steps, as --save does: ./learn run ${recipe().chapter} --load FILE goes on with it.`;
  }
  const charactersOf = (bytes) => bardlingLive.points(bardlingLive.text(bytes)).length;
  function takeText(bytes, from) {
    const characters = charactersOf(bytes);
    text = { name: from, bytes, characters };
    reset(name);
    if (characters < 1000) {
      text = play;
      sayText();
      said.textContent = `${from} has ${characters} characters, too few to learn from: 1,000 at least.`;
    } else {
      said.textContent = `${from}: ${thousands(characters)} characters. Start, and it learns from them; they stay on this machine.`;
    }
  }
  function fail(error) {
    said.textContent = error.message;
  }
  bardlingLive.dropped(root, takeText, fail);

  live.append(
    element("div", { class: "controls" }, ...(names.length > 1 ? [field("Model", choose)] : []), element("span", { class: "button-row" }, go, one, again)),
    element("div", { class: "learning" }, element("div", { class: "learning-curve" }, chart, figures),
      element("div", { class: "learning-words" }, heardTitle, heard)),
    said, asking,
    element("div", { class: "controls" }, field("Seed", seed), field("Learning rate", lr), own, keep),
    origin);
  reset(name);
  if (bardlingLive.missing) {
    for (const button of [go, one, again, keep, asks, unseen]) able(button, false);
    said.textContent = bardlingLive.missing;
  }
});
