// Tables of embeddings as maps: the symbols or places by two principal components, and what lies nearest by cosine. Choose one by
// pointer or arrow keys, and the moment of the training by the slider. Data: the tensors token_embedding.weight (step, symbol,
// channel), output.weight (step, channel, symbol) and position_embedding.weight (step, place, channel) of
// window.bardlingTraces[NAME].
bardling.widget("embeddings", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number, W = 470, H = 390, margin = 22, many = 6;
  var trace = window.bardlingTraces[root.getAttribute("data-trace")];
  function tensor(name) { return trace.tensors.filter(function (t) { return t.name === name; })[0]; }
  var names = [["token_embedding.weight", "embedding, what a symbol is"], ["output.weight", "output layer, what may come next"], ["position_embedding.weight", "places, where it stands"]]
    .filter(function (pair) { return tensor(pair[0]); });
  var first = tensor(names[0][0]), steps = first.labels.step;
  if (!steps) throw new Error("no tables of embeddings in trace " + root.getAttribute("data-trace"));
  function letter(text) { return text === "\n" ? "↵" : text === " " ? "␣" : text; }

  // ------------------------------------------------------------------------------------------------------- the arithmetic
  function rows_of(name, step) {                  // a row for each symbol or place
    var t = tensor(name), R = t.shape[1], C = t.shape[2], from = step * R * C, turned = t.axes[1] === "channel", rows = [];
    for (var i = 0; i < (turned ? C : R); i++) {
      rows.push([]);
      for (var j = 0; j < (turned ? R : C); j++) rows[i].push(t.values[from + (turned ? j * C + i : i * C + j)]);
    }
    return rows;
  }
  function dot(a, b) { var s = 0; for (var i = 0; i < a.length; i++) s += a[i] * b[i]; return s; }
  function cosine(a, b) { return dot(a, b) / (Math.sqrt(dot(a, a) * dot(b, b)) || 1); }
  function mean(rows) { return rows[0].map(function (_, c) { return rows.reduce(function (s, row) { return s + row[c]; }, 0) / rows.length; }); }
  function minus(a, b) { return a.map(function (x, i) { return x - b[i]; }); }
  function plus(a, b) { return a.map(function (x, i) { return x + b[i]; }); }

  // The directions in which a table spreads most, by Jacobi's rotations of its covariance, and the share of each.
  function components(rows) {
    var middle = mean(rows), X = rows.map(function (row) { return minus(row, middle); }), C = middle.length, i, j, k;
    var A = [], E = [];
    for (i = 0; i < C; i++) {
      A.push([]); E.push([]);
      for (j = 0; j < C; j++) { E[i].push(i === j ? 1 : 0); A[i].push(X.reduce(function (s, row) { return s + row[i] * row[j]; }, 0)); }
    }
    for (var sweep = 0; sweep < 12; sweep++) for (i = 0; i < C; i++) for (j = i + 1; j < C; j++) {
      if (Math.abs(A[i][j]) < 1e-12) continue;
      var theta = (A[j][j] - A[i][i]) / (2 * A[i][j]), t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      var c = 1 / Math.sqrt(t * t + 1), s = t * c;
      for (k = 0; k < C; k++) { var p = A[k][i], q = A[k][j]; A[k][i] = c * p - s * q; A[k][j] = s * p + c * q; }
      for (k = 0; k < C; k++) { p = A[i][k]; q = A[j][k]; A[i][k] = c * p - s * q; A[j][k] = s * p + c * q; }
      for (k = 0; k < C; k++) { p = E[i][k]; q = E[j][k]; E[i][k] = c * p - s * q; E[j][k] = s * p + c * q; }
    }
    var total = 0, order = A.map(function (row, n) { total += row[n]; return n; }).sort(function (a, b) { return A[b][b] - A[a][a]; });
    return { middle: middle, axes: order.slice(0, many).map(function (n) { return E[n]; }), shares: order.slice(0, many).map(function (n) { return A[n][n] / (total || 1); }) };
  }

  // A small letter and its capital, as far as the vocabulary has both.
  var symbols = first.labels.symbol || [], pairs = [];
  symbols.forEach(function (small, i) {
    var j = symbols.indexOf(small.toUpperCase());
    if (j >= 0 && j !== i) pairs.push([i, j]);
  });
  function capitals(rows) { return mean(pairs.map(function (pair) { return minus(rows[pair[1]], rows[pair[0]]); })); }
  function nearest(rows, vector, without) {
    return rows.map(function (row, i) { return { i: i, v: cosine(vector, row) }; })
      .filter(function (entry) { return entry.i !== without; }).sort(function (a, b) { return b.v - a.v; });
  }
  function own_capital(rows, direction) {         // for how many letters it comes out nearest
    return pairs.filter(function (pair) { return nearest(rows, plus(rows[pair[0]], direction), pair[0])[0].i === pair[1]; }).length;
  }

  // ---------------------------------------------------------------------------------------------------------- the picture
  var name = names[0][0], step = steps.length - 1, across = 0, up = 1, at = Math.max(0, symbols.indexOf("t")), rows, space, labels, known = {};
  var choice = element("select", {});
  names.forEach(function (pair) { choice.appendChild(element("option", { value: pair[0] }, pair[1])); });
  var slider = element("input", { type: "range", min: 0, max: steps.length - 1, step: 1, value: step });
  var moment = element("output", { class: "count" });
  var horizontal = element("select", {}), vertical = element("select", {});
  var shift = element("input", { type: "checkbox" }), shift_label = element("label", { class: "field" }, shift, "add the direction of capitals");
  var map = element("svg", { viewBox: "0 0 " + W + " " + H, class: "chart embedding-map", role: "img" });
  var stage = element("div", { class: "chart-box", tabindex: "0", role: "application", "aria-roledescription": "map" }, map);
  var said = element("p", { class: "said", "aria-live": "polite" }), held = element("p", { class: "legend" });
  var lists = element("div", { class: "embedding-lists" });

  function measured() {                            // the components of a table at a moment; their signs follow its last moment
    var key = name + step;
    if (known[key]) return known[key];
    var found = components(rows), model = known[name + "signs"];
    if (model) found.axes = found.axes.map(function (axis, n) { return dot(axis, model[n]) < 0 ? axis.map(function (x) { return -x; }) : axis; });
    else known[name + "signs"] = found.axes;
    return (known[key] = found);
  }
  function place(row) {
    var x = minus(row, space.middle);
    return [dot(x, space.axes[across]), dot(x, space.axes[up])];
  }
  function kind(text) { return /^[aeiou]$/.test(text) ? "vowel" : /^[a-z]$/.test(text) ? "small" : /^[A-Z]$/.test(text) ? "capital" : "other"; }

  function draw() {
    rows = rows_of(name, step);
    var t = tensor(name), of_symbols = name !== "position_embedding.weight";
    labels = of_symbols ? t.labels.symbol : rows.map(function (_, i) { return String(i); });
    at = Math.max(0, Math.min(rows.length - 1, at));
    space = measured();
    var pair = pairs.filter(function (p) { return p[0] === at; })[0], moved = of_symbols && pairs.length > 1;
    shift_label.hidden = !moved;
    var shifted = moved && shift.checked && pair, direction = moved ? capitals(rows) : null;
    var vector = shifted ? plus(rows[at], direction) : rows[at], near = nearest(rows, vector, at);
    var points = rows.map(place), goal = place(vector), all = points.concat([goal]);
    var scale = Math.min.apply(null, [W, H].map(function (size, d) {  // the same both ways, so that distances are true
      return (size / 2 - margin) / (Math.max.apply(null, all.map(function (p) { return Math.abs(p[d]); })) || 1);
    }));
    function x(p) { return (W / 2 + scale * p[0]).toFixed(1); }
    function y(p) { return (H / 2 - scale * p[1]).toFixed(1); }
    map.textContent = "";
    map.appendChild(element("line", { class: "grid", x1: 0, x2: W, y1: H / 2, y2: H / 2 }));
    map.appendChild(element("line", { class: "grid", x1: W / 2, x2: W / 2, y1: 0, y2: H }));
    if (!of_symbols) map.appendChild(element("polyline", { class: "way", points: points.map(function (p) { return x(p) + "," + y(p); }).join(" ") }));
    near.slice(0, 5).forEach(function (entry) {
      map.appendChild(element("line", { class: "near", x1: x(goal), y1: y(goal), x2: x(points[entry.i]), y2: y(points[entry.i]) }));
    });
    if (shifted) map.appendChild(element("line", { class: "shift", x1: x(points[at]), y1: y(points[at]), x2: x(goal), y2: y(goal), "marker-end": "url(#arrow)" }));
    points.forEach(function (p, i) {
      if (i === at) map.appendChild(element("circle", { class: "chosen", cx: x(p), cy: y(p), r: 13 }));
      map.appendChild(element("text", { class: of_symbols ? kind(labels[i]) : "small", x: x(p), y: y(p), dy: ".34em", "text-anchor": "middle",
        "data-i": i, "data-x": p[0], "data-y": p[1] }, letter(labels[i])));
    });
    moment.textContent = "step " + steps[step];
    slider.setAttribute("aria-valuetext", "step " + steps[step]);
    [horizontal, vertical].forEach(function (select, n) {
      select.textContent = "";
      space.shares.forEach(function (share, k) { select.appendChild(element("option", { value: k }, (k + 1) + " (" + number(100 * share, 1) + " %)")); });
      select.value = n ? up : across;
    });
    var share = space.shares[across] + (up === across ? 0 : space.shares[up]);
    held.textContent = "These two of " + space.middle.length + " directions hold " + number(100 * share, 1) + " % of the spread: what lies together here need not be near, and the lists count all directions.";
    held.setAttribute("data-share", share);
    var what = of_symbols ? "“" + letter(labels[at]) + "”" : "Place " + labels[at];
    var to = of_symbols ? "“" + letter(labels[near[0].i]) + "”" : "place " + labels[near[0].i];
    said.textContent = what + (shifted ? " plus the direction of capitals" : "") + (near[0].v < 0 ? " is near to nothing; the nearest is " : " lies nearest to ") + to + ", with cosine " + number(near[0].v, 3) + "." +
      (moved && shift.checked ? " Of " + pairs.length + " small letters, " + own_capital(rows, direction) + " come nearest to their own capital this way, " +
        own_capital(rows, direction.map(function () { return 0; })) + " without the direction." : "");
    said.setAttribute("data-value", near[0].v);
    stage.setAttribute("aria-label", "Map of the " + names.filter(function (n) { return n[0] === name; })[0][1] + ". Arrow keys choose another one. " + said.textContent);
    map.setAttribute("aria-label", rows.length + (of_symbols ? " symbols" : " places") + " by components " + (across + 1) + " and " + (up + 1));
    lists.textContent = "";
    if (!of_symbols) list("Cosine with every place", rows.map(function (row, i) { return { i: i, v: cosine(rows[at], row) }; }), labels);
    else names.forEach(function (n) {
      if (n[0] === "position_embedding.weight") return;
      var others = n[0] === name ? rows : rows_of(n[0], step);
      var start = shifted ? plus(others[at], capitals(others)) : others[at];
      list("Nearest in the " + n[1].split(",")[0], nearest(others, start, at).slice(0, 8), labels);
    });
  }
  function list(title, entries, labels) {
    var shown = element("ol", { class: "readings" });
    entries.forEach(function (entry) {
      shown.appendChild(element("li", { "data-i": entry.i, "data-value": entry.v }, element("b", {}, letter(labels[entry.i])), element("small", {}),
        element("span", { class: "bar-cell" }, element("span", { class: "bar" + (entry.v < 0 ? " below" : ""), style: "width:" + (100 * Math.abs(entry.v)).toFixed(1) + "%" })),
        element("span", {}, number(entry.v, 3))));
    });
    lists.appendChild(element("div", { class: "list-box" }, element("p", { class: "readings-title" }, title), shown));
  }

  function choose(i) { at = i; draw(); }
  stage.addEventListener("keydown", function (event) {
    var to = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(rows.length - 1, to)));
  });
  function point(event) {
    var text = event.target.closest("text[data-i]");
    if (text && Number(text.dataset.i) !== at) choose(Number(text.dataset.i));
  }
  map.addEventListener("pointerover", point);
  map.addEventListener("pointerdown", point);
  choice.addEventListener("change", function () { name = choice.value; draw(); });
  slider.addEventListener("input", function () { step = Number(slider.value); draw(); });
  horizontal.addEventListener("change", function () { across = Number(horizontal.value); draw(); });
  vertical.addEventListener("change", function () { up = Number(vertical.value); draw(); });
  shift.addEventListener("change", draw);

  live.appendChild(element("div", { class: "controls" }, element("label", { class: "field" }, "Table ", choice),
    element("label", { class: "field" }, "Training ", slider), moment));
  live.appendChild(element("div", { class: "controls" }, element("label", { class: "field" }, "Across: component ", horizontal),
    element("label", { class: "field" }, "up: component ", vertical), shift_label));
  live.appendChild(element("div", { class: "map-and-list" }, element("div", { class: "embedding-box" }, stage, held), lists));
  live.appendChild(said);
  live.appendChild(element("p", { class: "origin" }, "Data: " + trace.run + (first.run ? " (" + first.run + ")" : "") + "; " + trace.origin + "."));
  draw();
});
