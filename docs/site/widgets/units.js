// The state of one unit at every letter of a text: choose the unit by list or number, the letter by pointer or arrow keys.
// Data: the tensor "layers.states" of window.bardlingTraces[NAME], (layer, position, unit).
bardling.widget("units", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var trace = window.bardlingTraces[root.getAttribute("data-trace")];
  var tensor = trace.tensors.filter(function (t) { return t.name === "layers.states"; })[0];
  var L = tensor.shape[0], T = tensor.shape[1], C = tensor.shape[2], layer = 0, unit = 0, at = T - 1;
  var text = root.querySelector(".unit-text").cloneNode(true), letters = text.querySelectorAll("b");
  var box = element("div", { class: "unit-box", tabindex: "0", role: "application" }, text);
  var said = element("p", { class: "said", "aria-live": "polite" });
  function letter(t) { var c = tensor.labels.position[t]; return c === "\n" ? "↵" : c === " " ? "␣" : c; }
  function state(t, u) { return tensor.values[(layer * T + t) * C + u]; }

  var known = element("select", {}), field = element("input", { type: "number", min: 0, max: C - 1, step: 1 });
  (root.getAttribute("data-units") || "0").split(",").forEach(function (part) {  // "12:inside a name"
    var u = Number(part.split(":")[0]);
    if (u < C) known.appendChild(element("option", { value: u }, u + (part.indexOf(":") < 0 ? "" : ": " + part.split(":")[1])));
  });
  var other = element("option", { value: -1 }, "another");
  known.appendChild(other);
  var levels = element("select", {});
  for (var l = 0; l < L; l++) levels.appendChild(element("option", { value: l }, String(l)));

  function paint() {
    for (var t = 0; t < T; t++) {
      var v = state(t, unit);
      letters[t].style.setProperty("--v", Math.min(1, Math.abs(v)));
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
  levels.addEventListener("change", function () { layer = Number(levels.value); paint(); });
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
  var controls = element("div", { class: "controls" }, element("label", {}, "Unit ", known), element("label", {}, "by its number ", field));
  if (L > 1) controls.appendChild(element("label", {}, "Layer ", levels));
  live.appendChild(controls);
  live.appendChild(box);
  live.appendChild(said);
  live.appendChild(element("p", { class: "origin" }, "Violet: above 0, towards 1. Blue-green: below, towards −1. Data: " + trace.run + "; " + trace.origin + "."));
  choose(Number(known.options[0].value));
});
