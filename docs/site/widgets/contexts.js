// The places of the validation text that excite a hidden unit most: choose the unit, and read what stands there. Data: the
// tensor "contexts" of window.bardlingTraces[NAME], as many for each unit of the tensor "hidden".
bardling.widget("contexts", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var trace = window.bardlingTraces[root.getAttribute("data-trace")];
  function named(end) { return trace.tensors.filter(function (t) { return t.name.slice(-end.length) === end; })[0]; }
  var contexts = named("contexts"), units = named("hidden").shape.slice(-1)[0], n = contexts.values.length / units;
  function seen(letter) { return letter === "\n" ? "↵" : letter === " " ? "␣" : letter; }

  var choice = element("select", { onchange: function () { go(Number(choice.value)); } });
  for (var unit = 0; unit < units; unit++) choice.appendChild(element("option", { value: unit }, unit));
  var body = element("tbody"), said = element("p", { class: "said", "aria-live": "polite" });
  function go(to) {
    choice.value = to;
    body.textContent = "";
    var values = contexts.values.slice(to * n, (to + 1) * n), texts = contexts.labels.context.slice(to * n, (to + 1) * n);
    var some = values.filter(function (v) { return v > 0; });
    some.forEach(function (v, i) {
      var letters = Array.from(texts[i], seen), last = letters.pop();
      body.appendChild(element("tr", {},
        element("th", { scope: "row" }, element("code", {}, letters.join(""), element("b", {}, last))),
        element("td", {}, element("span", { class: "bar", style: "width:" + (100 * v / values[0]).toFixed(2) + "%" }), number(v, 2))));
    });
    said.textContent = some.length ? "Unit " + to + " is strongest, with " + number(values[0], 2) + ", at the end of “" + Array.from(texts[0], seen).join("") + "”."
      : "Unit " + to + " is silent throughout the text.";
    said.setAttribute("data-unit", to);
  }
  live.appendChild(element("div", { class: "controls" }, element("label", { class: "field" }, "Hidden unit ", choice)));
  live.appendChild(element("div", { class: "bars-box" }, element("table", { class: "numbers bars role-activation contexts" },
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "it reads"), element("th", { scope: "col" }, "it says"))), body)));
  live.appendChild(said);
  live.appendChild(element("p", { class: "origin" }, "All places of the validation text, each with the characters that the model sees there. Data: " + trace.run + "; " + trace.origin + "."));
  go(Number((root.getAttribute("data-units") || "0").split(",")[0]));
});
