// One sample as it comes to be: choose a step by pointer or arrow keys, and read what it was drawn from. Data: the tensor
// "path" of window.bardlingTraces[NAME], (step, next).
bardling.widget("sample-path", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var trace = window.bardlingTraces[root.getAttribute("data-trace")];
  var tensor = trace.tensors.filter(function (t) { return t.name === "path"; })[0];
  var V = tensor.shape[1], drawn = tensor.labels.step, next = tensor.labels.next, at = 0;
  var path = root.querySelector("ol.path").cloneNode(true), rows = path.querySelectorAll("li");
  function letter(text) { return text === "\n" ? "↵" : text === " " ? "␣" : text; }
  var said = element("p", { class: "said", "aria-live": "polite" });
  var box = element("div", { class: "path-box", tabindex: "0", role: "application" }, path);
  function go(to) {
    rows[at].classList.remove("chosen");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("chosen");
    var p = tensor.values.slice(at * V, (at + 1) * V), k = next.indexOf(drawn[at]);
    var rank = 1 + p.filter(function (q) { return q > p[k]; }).length;
    said.textContent = "Step " + (at + 1) + ", " + (at ? "after “" + letter(drawn[at - 1]) + "”" : "at the start") + ": drawn “" + letter(drawn[at]) +
      "” with probability " + number(p[k], 4) + (rank === 1 ? ", the likeliest." : ", number " + rank + " of " + V + ".");
    said.setAttribute("data-value", p[k]);
    box.setAttribute("aria-label", "Path of a sample. Up and down arrow walk along the steps. " + said.textContent);
  }
  box.addEventListener("keydown", function (event) {
    var to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(to);
  });
  function point(event) {
    var row = event.target.closest("li[data-step]");
    if (row) go(Number(row.dataset.step));
  }
  box.addEventListener("pointerover", point);
  box.addEventListener("pointerdown", point);
  live.appendChild(box);
  live.appendChild(said);
  live.appendChild(element("p", { class: "origin" }, "As wide as likely; in full colour: what the dice chose. Data: " + trace.run + "; " + trace.origin + "."));
  go(0);
});
