// What a model says at several moments of its training, one at a time: by button or arrow keys. Data:
// window.bardlingReports[NAME].
bardling.widget("samples", function (root, live) {
  "use strict";
  var element = bardling.element;
  var reports = root.getAttribute("data-report").split(",").map(function (name) { return window.bardlingReports[name]; });
  var all = root.querySelector("ol.samples").cloneNode(true), items = all.querySelectorAll("li"), at = 0;
  var origin = element("p", { class: "origin" });
  var buttons = reports.map(function (report, i) {
    return element("button", { type: "button", onclick: function () { go(i); } }, report.steps ? "step " + report.steps : "untrained");
  });
  function go(to) {
    at = Math.max(0, Math.min(items.length - 1, to));
    bardling.each("li", function (item, i) { item.hidden = i !== at; }, all);
    buttons.forEach(function (button, i) { button.setAttribute("aria-pressed", String(i === at)); });
    origin.textContent = "Chapter " + reports[at].chapter + (reports[at].variant ? ", " + reports[at].variant : "") + ", seed " + reports[at].seed + ". Data: " + reports[at].origin + ".";
  }
  var row = element("div", { class: "button-row", role: "group", "aria-label": "Moment of training" });
  buttons.forEach(function (button) { row.appendChild(button); });
  row.addEventListener("keydown", function (event) {
    var to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(to);
    buttons[at].focus();
  });
  live.appendChild(element("div", { class: "controls" }, row));
  live.appendChild(element("div", { class: "samples-box", "aria-live": "polite" }, all));
  live.appendChild(origin);
  go(items.length - 1);
});
