// Softmax with temperature: one row of logits as bars, a slider, every number of the way. The logits are those of the
// still table, so that print, no scripts and widget speak of the same row.
bardling.widget("softmax-temperature", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var letters = [], logits = [];
  bardling.each("tbody tr", function (row) {
    letters.push(row.querySelector("th").textContent);
    logits.push(Number(row.querySelector("[data-logit]").getAttribute("data-logit")));
  }, root);

  function softmax(temperature) {
    var scaled = logits.map(function (z) { return z / temperature; });
    var top = Math.max.apply(null, scaled);
    var powers = scaled.map(function (z) { return Math.exp(z - top); });
    var sum = powers.reduce(function (a, b) { return a + b; }, 0);
    return { scaled: scaled, powers: powers, sum: sum, p: powers.map(function (e) { return e / sum; }) };
  }

  var id = "temperature-" + Math.random().toString(36).slice(2);
  var slider = element("input", { type: "range", id: id, min: "0.1", max: "3", step: "0.05", value: "1" });
  var shown = element("output", { for: id, class: "big-number" });
  var presets = [0.5, 1, 2].map(function (t) {
    return element("button", { type: "button", onclick: function () { slider.value = t; draw(); } }, number(t, 1));
  });
  var drawn = element("p", { class: "drawn-letters", role: "status" });
  var draw_letters = element("button", { type: "button", onclick: speak }, "Draw 30 letters");
  var rows = letters.map(function (letter, i) {
    var bar = element("span", { class: "bar" });
    var cells = { scaled: element("td"), power: element("td"), p: element("td", { class: "strong" }), bar: bar };
    cells.row = element("tr", {}, element("th", { scope: "row" }, letter), element("td", {}, number(logits[i], 1)),
      cells.scaled, cells.power, cells.p, element("td", { class: "bar-cell" }, bar));
    return cells;
  });
  var sum = element("td");
  var table = element("table", { class: "numbers" },
    element("caption", {}, "The letter after “th”, by six made-up logits"),
    element("thead", {}, element("tr", {},
      element("th", { scope: "col" }, "letter"), element("th", { scope: "col" }, "logit z"),
      element("th", { scope: "col" }, "z / τ"), element("th", { scope: "col" }, "e^(z/τ − max)"),
      element("th", { scope: "col" }, "p"), element("td"))),
    element.apply(null, ["tbody", {}].concat(rows.map(function (cells) { return cells.row; }))),
    element("tfoot", {}, element("tr", {}, element("th", { scope: "row" }, "sum"), element("td"), element("td"), sum,
      element("td", {}, "1"), element("td"))));
  var scroller = element("div", { class: "table-box" }, table);

  function draw() {
    var temperature = Number(slider.value), now = softmax(temperature);
    shown.textContent = number(temperature, 2);
    slider.setAttribute("aria-valuetext", "temperature " + number(temperature, 2) + ", " + letters[0] + " has probability " + number(now.p[0], 4));
    rows.forEach(function (cells, i) {
      cells.scaled.textContent = number(now.scaled[i], 2);
      cells.power.textContent = number(now.powers[i], 4);
      cells.p.textContent = number(now.p[i], 4);
      cells.bar.style.width = (100 * now.p[i]) + "%";
    });
    sum.textContent = number(now.sum, 4);
  }

  // A small generator with a fixed seed: the same draws for every reader, fresh ones with each press.
  var state = 1337;
  function uniform() {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  }
  function speak() {
    var p = softmax(Number(slider.value)).p, text = "";
    for (var n = 0; n < 30; n++) {
      var u = uniform(), i = 0;
      while (i < p.length - 1 && u >= p[i]) { u -= p[i]; i++; }
      text += "th" + letters[i] + " ";
    }
    drawn.textContent = text;
  }

  slider.addEventListener("input", draw);
  live.appendChild(element("div", { class: "controls" },
    element("label", { for: id }, "Temperature τ"), slider, shown,
    element.apply(null, ["span", { class: "button-row", role: "group", "aria-label": "Temperatures to try" }].concat(presets))));
  live.appendChild(scroller);
  live.appendChild(element("div", { class: "controls" }, draw_letters));
  live.appendChild(drawn);
  draw();
});
