// A picture as it comes to be: choose four dots by pointer or arrow keys, and read what they were chosen from. Data: the
// tensor "predictions" of window.bardlingTraces[NAME], (position, next); the first position is the kind of picture.
bardling.widget("drawing", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var trace = window.bardlingTraces[root.getAttribute("data-trace")];
  var tensor = trace.tensors.filter(function (t) { return t.name === "predictions"; })[0];
  var V = tensor.shape[1], next = tensor.labels.next, text = tensor.labels.position.slice(1, 37);
  var box = element("div", { class: "drawing-box", tabindex: "0", role: "application" }, root.querySelector("svg.drawing").cloneNode(true));
  var patches = box.querySelectorAll("g[data-step]"), given = box.querySelectorAll("g.given").length, at = 0;
  var said = element("p", { class: "said", "aria-live": "polite" });
  var list = element("ol", { class: "readings" }), title = element("p", { class: "readings-title" });
  // A name for four dots that can be read aloud, and seen where the white ones would not be.
  function name(patch) { return patch === " " ? "␣" : patch === "\n" ? "↵" : patch; }
  function go(to) {
    at = Math.max(0, Math.min(35, to));
    bardling.each("g[data-step]", function (patch) {
      var i = Number(patch.dataset.step);
      patch.classList.toggle("chosen", i === at);
      patch.classList.toggle("later", i > at);
    }, box);
    var p = tensor.values.slice(at * V, (at + 1) * V), k = next.indexOf(text[at]);
    var order = p.map(function (_, i) { return i; }).sort(function (a, b) { return p[b] - p[a] || a - b; });
    said.textContent = "Character " + (at + 1) + " of 36, row " + (Math.floor(at / 6) + 1) + ", column " + (at % 6 + 1) + ": “" + name(text[at]) + "” " +
      (at < given ? "was given; the model would have said so" : "was drawn") + " with probability " + number(p[k], 4) + ".";
    said.setAttribute("data-value", p[k]);
    title.textContent = "Likeliest here";
    list.textContent = "";
    order.slice(0, 6).forEach(function (i) {
      list.appendChild(element("li", {}, element("b", {}, name(next[i])), element("small", {}, ""),
        element("span", { class: "bar-cell" }, element("span", { class: "bar", style: "width:" + 100 * p[i] / p[order[0]] + "%" })),
        element("span", {}, number(p[i], 4))));
    });
    box.setAttribute("aria-label", "A picture, four dots at a time. Arrow keys choose. " + said.textContent);
  }
  box.addEventListener("keydown", function (event) {
    var to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - 6, ArrowDown: at + 6, Home: 0, End: 35 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(to);
  });
  function point(event) {
    var patch = event.target.closest("g[data-step]");
    if (patch) go(Number(patch.dataset.step));
  }
  box.addEventListener("pointerover", point);
  box.addEventListener("pointerdown", point);
  live.appendChild(element("div", { class: "map-and-list" }, element("div", { class: "matrix-box" }, box),
    element("div", { class: "list-box" }, title, list)));
  live.appendChild(said);
  live.appendChild(element("p", { class: "origin" }, "Dark: given. In colour: drawn. Data: " + trace.run + "; " + trace.origin + "."));
  go(given);
});
