// The state of one unit at every letter of a text: choose the unit by list or number, the letter by pointer or arrow keys.
// Data: a tensor of window.bardlingTraces[NAME], (layer, position, unit): "layers.states", or "layers.cells".
bardling.widget("units", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var trace = window.bardlingTraces[root.getAttribute("data-trace")];
  var wanted = root.getAttribute("data-tensor") || "layers.states";
  var tensor = trace.tensors.filter(function (t) { return t.name === wanted; })[0];
  var L = tensor.shape[0], T = tensor.shape[1], C = tensor.shape[2], layer = 0, unit = 0, at = T - 1;
  var text = root.querySelector(".unit-text").cloneNode(true), letters = text.querySelectorAll("b");
  var box = element("div", { class: "unit-box", tabindex: "0", role: "application" }, text);
  var said = element("p", { class: "said", "aria-live": "polite" });
  function letter(t) { var c = tensor.labels.position[t]; return c === "\n" ? "↵" : c === " " ? "␣" : c; }
  function state(t, u) { return tensor.values[(layer * T + t) * C + u]; }

  // What can be said of each letter in a number, and the unit whose state goes with it best, up or down.
  var column = 0, word = 0, name = true;
  var facts = { "how far into the line": [], "how far into the word": [], "a blank": [], "a vowel": [], "a speaker's name": [] };
  tensor.labels.position.forEach(function (c, t) {
    var before = tensor.labels.position[t - 1], letters_only = /[A-Za-z]/.test(c);
    if (before === "\n") name = tensor.labels.position[t - 2] === "\n";
    column = c === "\n" ? 0 : column + 1;
    word = letters_only ? word + 1 : 0;
    facts["how far into the line"].push(column);
    facts["how far into the word"].push(word);
    facts["a blank"].push(/\s/.test(c) ? 1 : 0);
    facts["a vowel"].push(/[aeiou]/.test(c) ? 1 : 0);
    facts["a speaker's name"].push(t > 0 && name ? 1 : 0);
    if (c === ":") name = false;
  });
  function together(fact, u) {                    // correlation, in [-1, 1]
    var sums = [0, 0, 0, 0, 0];
    fact.forEach(function (x, t) { var y = state(t, u); [x, y, x * x, y * y, x * y].forEach(function (v, i) { sums[i] += v / T; }); });
    var spread = (sums[2] - sums[0] * sums[0]) * (sums[3] - sums[1] * sums[1]);
    return spread > 0 ? (sums[4] - sums[0] * sums[1]) / Math.sqrt(spread) : 0;
  }
  function best(fact) {
    var all = [];
    for (var u = 0; u < C; u++) all.push({ unit: u, r: together(fact, u) });
    return all.sort(function (a, b) { return Math.abs(b.r) - Math.abs(a.r); })[0];
  }
  var known = element("select", {}), field = element("input", { type: "number", min: 0, max: C - 1, step: 1 });
  function rank() {                               // anew for each layer
    known.textContent = "";
    Object.keys(facts).forEach(function (fact) {
      var one = best(facts[fact]);
      if (one.r !== 0) known.appendChild(element("option", { value: one.unit }, one.unit + ": " + fact + ", " + number(one.r, 2)));
    });
    known.appendChild(element("option", { value: -1 }, "another"));
  }
  var levels = element("select", {});
  for (var l = 0; l < L; l++) levels.appendChild(element("option", { value: l }, String(l)));

  function paint() {
    var largest = 1e-12;
    for (var t = 0; t < T; t++) largest = Math.max(largest, Math.abs(state(t, unit)));
    for (t = 0; t < T; t++) {
      var v = state(t, unit);
      letters[t].style.setProperty("--v", Math.abs(v) / largest);
      letters[t].classList.toggle("below", v < 0);
    }
    field.value = unit;
    known.value = unit;
    if (known.selectedIndex < 0) known.value = -1;
    go(at);
  }
  function go(to) {
    letters[at].classList.remove("chosen");
    at = Math.max(0, Math.min(T - 1, to));
    letters[at].classList.add("chosen");
    said.textContent = "Unit " + unit + (L > 1 ? " of layer " + layer : "") + " after letter " + at + " “" + letter(at) + "”: " + number(state(at, unit), 4) + ".";
    said.setAttribute("data-value", state(at, unit));
    box.setAttribute("aria-label", "A text, coloured by the state of unit " + unit + ". Arrow keys left and right choose a letter, up and down a unit. " + said.textContent);
  }
  function choose(u) { unit = Math.max(0, Math.min(C - 1, u || 0)); paint(); }
  known.addEventListener("change", function () { if (Number(known.value) >= 0) choose(Number(known.value)); });
  field.addEventListener("change", function () { choose(Math.round(Number(field.value))); });
  levels.addEventListener("change", function () { layer = Number(levels.value); rank(); choose(Number(known.options[0].value)); });
  box.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    var to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: T - 1 }[event.key], u = { ArrowUp: unit + 1, ArrowDown: unit - 1 }[event.key];
    if (to === undefined && u === undefined) return;
    event.preventDefault();
    if (to !== undefined) go(to);
    else choose(u);
  });
  function point(event) {
    var one = event.target.closest("b[data-position]");
    if (one) go(Number(one.dataset.position));
  }
  box.addEventListener("pointerover", point);
  box.addEventListener("pointerdown", point);
  var controls = element("div", { class: "controls" }, element("label", {}, "Goes best with ", known), element("label", {}, "by its number ", field));
  if (L > 1) controls.appendChild(element("label", {}, "Layer ", levels));
  live.appendChild(controls);
  live.appendChild(box);
  live.appendChild(said);
  live.appendChild(element("p", { class: "origin" }, "Violet: above 0. Blue-green: below. The more, the further from 0. Data: " + trace.run + "; " + trace.origin + "."));
  rank();
  choose(Math.max(0, Number(known.options[0].value)));
});
