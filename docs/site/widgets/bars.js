// Numbers as bars: the table that stills.py has drawn, with a choice of the position or the step where there is one. Data: a
// tensor with two axes of window.bardlingTraces[NAME], of one trace or of several.
bardling.widget("bars", function (root, live) {
  "use strict";
  var element = bardling.element;
  var wanted = root.getAttribute("data-tensor");
  var traces = root.getAttribute("data-trace").split(",").map(function (name) { return window.bardlingTraces[name]; });
  var tensors = traces.map(function (trace) { return trace.tensors.filter(function (t) { return t.name.indexOf(wanted) >= 0; })[0]; });
  var rows = root.getAttribute("data-rows") || { stream: "after", gradients: "parameter" }[wanted] || "next";
  var group = rows === "parameter", first = tensors[0], other = 1 - first.axes.indexOf(rows);
  var by_trace = traces.length > 1 || first.shape[other] > 5;
  var box = root.querySelector(".bars-box").cloneNode(true);
  [["tabindex", "0"], ["role", "group"], ["aria-label", first.title]].forEach(function (pair) { box.setAttribute(pair[0], pair[1]); });

  function row_name(s) {                                     // as in stills.py
    if (group) return /(^|\.)blocks\.\d/.test(s) ? "block " + s.match(/blocks\.(\d+)/)[1] : s.replace(/^body\./, "").replace(/\..*/, "").replace(/_/g, " ");
    if (s === "embedded") return "embeddings";
    return s.replace(/blocks\./g, "block ").replace(/\.read$/, ", attention").replace(/\.thought$/, ", feed-forward");
  }
  function entries(tensor, choice) {                         // name -> value, at one index of the other axis or its mean
    var a = 1 - other, n = tensor.shape[other], all = {};
    for (var i = 0; i < tensor.shape[a]; i++) {
      var v = 0;
      for (var j = 0; j < n; j++) {
        var x = tensor.values[a === 0 ? i * tensor.shape[1] + j : j * tensor.shape[1] + i];
        if (choice < 0) v += x / n; else if (j === choice) v = x;
      }
      var name = row_name(tensor.labels[rows] ? tensor.labels[rows][i] : String(i));
      all[name] = group ? Math.hypot(all[name] || 0, v) : v;
    }
    return all;
  }
  function draw(choice) {
    var all = by_trace ? tensors.map(function (tensor) { return entries(tensor, choice); })
      : first.labels[first.axes[other]].map(function (_, j) { return entries(first, j); });
    var shown = [], largest = 0;
    bardling.each("tr[data-row]", function (row) {
      all.forEach(function (column) { largest = Math.max(largest, column[row.dataset.row] || 0); });
      shown.push(row);
    }, box);
    shown.forEach(function (row) {
      all.forEach(function (column, c) {
        var cell = row.querySelectorAll("td")[c], v = column[row.dataset.row];
        cell.textContent = "";
        if (v === undefined) return;
        cell.setAttribute("data-value", v);
        cell.appendChild(element("span", { class: "bar", style: "width:" + (100 * v / (largest || 1)).toFixed(2) + "%" }));
        cell.appendChild(document.createTextNode(String(Number(v.toPrecision(3)))));
      });
    });
  }

  if (by_trace && first.shape[other] > 1) {
    var axis = first.axes[other], labels = first.labels[axis] || [], select = element("select", {});
    if (axis === "position") select.appendChild(element("option", { value: -1 }, "all, their mean"));
    for (var j = 0; j < first.shape[other]; j++) {
      var label = labels[j] === undefined ? String(j) : labels[j] === "\n" ? "↵" : labels[j] === " " ? "␣" : labels[j];
      select.appendChild(element("option", { value: j }, axis === "position" ? j + " “" + label + "”" : label));
    }
    select.addEventListener("change", function () { draw(Number(select.value)); });
    live.appendChild(element("div", { class: "controls" }, element("label", {}, axis + " ", select)));
  }
  live.appendChild(box);
  live.appendChild(element("p", { class: "origin" }, first.title[0].toUpperCase() + first.title.slice(1) + ". Data: " +
    traces.map(function (trace) { return trace.run; }).join("; ") + "; " +
    traces.map(function (trace) { return trace.origin; }).filter(function (o, i, all) { return all.indexOf(o) === i; }).join(", ") + "."));
  draw(by_trace && first.axes[other] === "position" ? -1 : 0);
});
