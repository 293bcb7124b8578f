// What each block would already say: choose a cell of the table by pointer or arrow keys, and read which characters come
// after the likeliest. Data: the tensor "lens" of window.bardlingTraces[NAME], (after, position, next).
bardling.widget("lens", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var trace = window.bardlingTraces[root.getAttribute("data-trace")];
  var tensor = trace.tensors.filter(function (t) { return t.name === "lens"; })[0];
  var L = tensor.shape[0], T = tensor.shape[1], V = tensor.shape[2];
  var box = root.querySelector(".lens-box").cloneNode(true);
  box.setAttribute("tabindex", "0");
  box.setAttribute("role", "application");
  var cells = {}, block = L - 1, position = 0;
  bardling.each("td[data-block]", function (cell) { cells[cell.dataset.block + "," + cell.dataset.position] = cell; }, box);
  function letter(text) { return text === "\n" ? "↵" : text === " " ? "␣" : text; }

  var said = element("p", { class: "said", "aria-live": "polite" });
  var list = element("ol", { class: "readings" }), list_title = element("p", { class: "readings-title" });
  function go(b, t) {
    cells[block + "," + position].classList.remove("chosen");
    block = Math.max(0, Math.min(L - 1, b));
    position = Math.max(0, Math.min(T - 1, t));
    var cell = cells[block + "," + position];
    cell.classList.add("chosen");
    var p = tensor.values.slice((block * T + position) * V, (block * T + position + 1) * V);
    var order = p.map(function (_, k) { return k; }).sort(function (a, b) { return p[b] - p[a] || a - b; });
    var name = tensor.labels.after[block] === "embedded" ? "the embeddings" : "block " + tensor.labels.after[block].match(/\d+/)[0];
    var next = position + 1 < T ? tensor.labels.position[position + 1] : null;
    var right = next === null ? -1 : tensor.labels.next.indexOf(next);
    said.textContent = "At position " + position + " “" + letter(tensor.labels.position[position]) + "”, after " + name + ": " +
      "“" + letter(tensor.labels.next[order[0]]) + "” with probability " + number(p[order[0]], 4) +
      (right < 0 ? "." : "; “" + letter(next) + "”, which follows in the text, " + number(p[right], 4) + ".");
    said.setAttribute("data-value", p[order[0]]);
    list_title.textContent = "Likeliest after " + name;
    list.textContent = "";
    order.slice(0, 8).forEach(function (k) {
      list.appendChild(element("li", {}, element("b", {}, letter(tensor.labels.next[k])), element("small", {}, ""),
        element("span", { class: "bar-cell" }, element("span", { class: "bar", style: "width:" + 100 * p[k] / p[order[0]] + "%" })),
        element("span", {}, number(p[k], 4))));
    });
    box.setAttribute("aria-label", "Table of predictions. Arrow keys choose a position and a block. " + said.textContent);
  }
  box.addEventListener("keydown", function (event) {
    var to = { ArrowUp: [block, position - 1], ArrowDown: [block, position + 1], ArrowLeft: [block - 1, position],
               ArrowRight: [block + 1, position], Home: [0, position], End: [L - 1, position], PageUp: [block, 0],
               PageDown: [block, T - 1] }[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(to[0], to[1]);
  });
  function point(event) {
    var cell = event.target.closest("td[data-block]");
    if (cell) go(Number(cell.dataset.block), Number(cell.dataset.position));
  }
  box.addEventListener("pointerover", point);
  box.addEventListener("pointerdown", point);
  live.appendChild(element("div", { class: "map-and-list" }, element("div", { class: "matrix-box" }, box),
    element("div", { class: "list-box" }, list_title, list)));
  live.appendChild(said);
  live.appendChild(element("p", { class: "origin" }, "Darker: likelier. Framed: what comes next in the text. Data: " + trace.run + "; " + trace.origin + "."));
  go(L - 1, T - 1);
});
