// Attention as lines over the text: below stands who asks, above who is asked, and a line is as dark as its weight. Choose block, head
// and the position that asks. Data: the tensor whose name ends in "weights" of window.bardlingTraces[NAME], (..., query, key).
bardling.widget("attention-lines", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var trace = window.bardlingTraces[root.getAttribute("data-trace")];
  var tensor = trace.tensors.filter(function (t) { return /weights$/.test(t.name) && t.shape.length > 1; })[0];
  var T = tensor.shape[tensor.shape.length - 1], letters = tensor.labels.key, lead = tensor.shape.slice(0, -2), chosen = lead.map(function () { return 0; }), at = T - 1, all = false;
  var narrow = window.matchMedia("(max-width: 767px)"), step, W, H = 190;
  function letter(text) { return text === "\n" ? "↵" : text === " " ? "␣" : text; }
  function weight(query, key) {
    var m = 0;
    lead.forEach(function (size, i) { m = m * size + chosen[i]; });
    return tensor.values[(m * T + query) * T + key];
  }
  var svg = element("svg", { class: "lines", role: "img" });
  var stage = element("div", { class: "chart-box matrix-box", tabindex: "0", role: "application", "aria-roledescription": "lines over a text" }, svg);
  var said = element("p", { class: "said", "aria-live": "polite" });
  function x(i) { return step + i * step; }
  function measure() {                             // on a phone the letters stand as close as their width allows
    step = narrow.matches ? Math.max(8.5, Math.min(20, 316 / T)) : 20;
    W = step * (T + 1);
    svg.setAttribute("viewBox", "0 0 " + W + " " + H);
    svg.setAttribute("style", "min-width:" + Math.round(step * T) + "px;font-size:" + Math.min(15, step * 1.45).toFixed(1) + "px");
  }
  function draw() {
    svg.textContent = "";
    for (var q = 0; q < T; q++) if (all || q === at) for (var k = 0; k <= q; k++) {
      var w = weight(q, k);
      if (w >= 0.02) svg.appendChild(element("line", { x1: x(q), y1: H - 34, x2: x(k), y2: 34, "stroke-width": (0.6 + 5 * w).toFixed(2), "stroke-opacity": Math.min(1, 0.15 + w).toFixed(2), "data-key": k, "data-value": w }));
    }
    letters.forEach(function (text, i) {
      svg.appendChild(element("text", { class: "asked", x: x(i), y: 22, "text-anchor": "middle" }, letter(text)));
      svg.appendChild(element("text", { class: i === at ? "asks chosen" : "asks", x: x(i), y: H - 14, "text-anchor": "middle", "data-i": i }, letter(text)));
    });
    var order = [];
    for (k = 0; k <= at; k++) order.push(k);
    order.sort(function (a, b) { return weight(at, b) - weight(at, a); });
    said.textContent = lead.map(function (_, i) { return tensor.axes[i] + " " + chosen[i]; }).join(", ") + (lead.length ? ": " : "") + "position " + at + " “" + letter(letters[at]) + "” reads " +
      order.slice(0, 3).map(function (k) { return number(weight(at, k), 3) + " from " + k + " “" + letter(letters[k]) + "”"; }).join(", ") + (order.length > 3 ? ", and the rest from others" : "") + ".";
    said.setAttribute("data-value", weight(at, order[0]));
    stage.setAttribute("aria-label", "Attention over the text. Left and right arrow choose the position that asks, up and down the head. " + said.textContent);
    svg.setAttribute("aria-label", said.textContent);
    selects.forEach(function (select, i) { select.value = chosen[i]; });
  }
  var selects = lead.map(function (size, i) {
    var select = element("select", { onchange: function () { chosen[i] = Number(select.value); draw(); } });
    for (var k = 0; k < size; k++) select.appendChild(element("option", { value: k }, k));
    return select;
  });
  var every = element("input", { type: "checkbox", onchange: function () { all = every.checked; draw(); } });
  function turn(by) {                              // to the next head, and on to the next block
    for (var i = lead.length - 1; i >= 0; i--) {
      chosen[i] += by;
      if (chosen[i] >= 0 && chosen[i] < lead[i]) return;
      chosen[i] = by > 0 ? 0 : lead[i] - 1;
    }
  }
  stage.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowUp") turn(-1);
    else if (event.key === "ArrowDown") turn(1);
    else {
      var to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: T - 1 }[event.key];
      if (to === undefined) return;
      at = Math.max(0, Math.min(T - 1, to));
    }
    event.preventDefault();
    draw();
  });
  function point(event) {
    var text = event.target.closest("text[data-i]");
    if (text && Number(text.dataset.i) !== at) { at = Number(text.dataset.i); draw(); }
  }
  svg.addEventListener("pointerover", point);
  svg.addEventListener("pointerdown", point);
  var controls = element("div", { class: "controls" });
  selects.forEach(function (select, i) { controls.appendChild(element("label", { class: "field" }, tensor.axes[i] + " ", select)); });
  controls.appendChild(element("label", { class: "field" }, every, "all positions at once"));
  live.appendChild(controls);
  live.appendChild(stage);
  live.appendChild(said);
  live.appendChild(element("p", { class: "origin" }, "Above: who is asked; below: who asks. Lines under 0.02 are left out. Data: " + trace.run + "; " + trace.origin + "."));
  measure();
  draw();
  narrow.addEventListener("change", function () { measure(); draw(); });
});
