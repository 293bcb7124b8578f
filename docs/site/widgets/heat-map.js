// Maps of the matrices of a run's trace: choose tensor, block and head, walk over it with pointer or arrow keys, read the
// exact numbers. Data: window.bardlingTraces[NAME], see docs/authoring.md.
bardling.widget("heat-map", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var name = root.getAttribute("data-trace");
  var trace = window.bardlingTraces[name];
  var wanted = root.getAttribute("data-tensor") || "", tensors = [];
  wanted.split(",").forEach(function (part) {
    trace.tensors.forEach(function (tensor) {
      if (tensor.shape.length >= 2 && tensor.name.indexOf(part) >= 0 && tensors.indexOf(tensor) < 0) tensors.push(tensor);
    });
  });
  if (!tensors.length) throw new Error("no matrix " + (wanted || "") + " in trace " + name);

  var tensor, lead, row, column, rows, columns;   // lead: one index for each axis before the last two
  var styles, pixel = 1;

  function axis(i) { return (tensor.axes && tensor.axes[i]) || "axis " + i; }
  function counted(which) { return !(tensor.labels && tensor.labels[axis(which)]); }  // just numbers
  function at(which, i) { return axis(which) + " " + i + (counted(which) ? "" : " “" + label(which, i) + "”"); }
  function label(which, i) {                      // a letter of the text where the trace names one
    var labels = tensor.labels && tensor.labels[axis(which)];
    if (labels === undefined) return String(i);
    var text = labels[i];
    return text === "\n" ? "↵" : text === " " ? "␣" : text;
  }
  function offset() {
    var at = 0;
    for (var i = 0; i < lead.length; i++) at = at * tensor.shape[i] + lead[i];
    return at * rows * columns;
  }
  function matrices() { return tensor.shape.slice(0, -2).reduce(function (a, b) { return a * b; }, 1); }
  function lead_of(m) {                           // the m-th matrix: block 0 head 0, block 0 head 1, ...
    var all = [];
    for (var i = tensor.shape.length - 3; i >= 0; i--) { all.unshift(m % tensor.shape[i]); m = Math.floor(m / tensor.shape[i]); }
    return all;
  }
  function value(r, c) { var v = tensor.values[offset() + r * columns + c]; return v === null ? -Infinity : v; }

  function full_name() {                          // "attention weights, block 1, head 2"
    return (tensor.title || tensor.name) + lead.map(function (k, which) {
      return tensor.shape[which] > 1 ? ", " + axis(which) + " " + label(which, k) : "";
    }).join("");
  }

  function range() {
    var low = Infinity, high = -Infinity, from = offset();
    for (var i = from; i < from + rows * columns; i++) {
      var v = tensor.values[i];
      if (v === null || !isFinite(v)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
    // Zero keeps the paper's colour: one side for weights, two where there are negative numbers.
    return low < 0 ? { low: -Math.max(-low, high), high: Math.max(-low, high) } : { low: 0, high: high || 1 };
  }

  function rgb(text) {
    var probe = element("span", { style: "color:" + text });
    document.body.appendChild(probe);
    var parts = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
    document.body.removeChild(probe);
    return parts;
  }
  function read_styles() {
    var css = getComputedStyle(document.documentElement);
    styles = { zero: rgb(css.getPropertyValue("--heat-low")), high: rgb(css.getPropertyValue("--heat-high")),
               cold: rgb(css.getPropertyValue("--cold")), ink: css.getPropertyValue("--ink"), focus: css.getPropertyValue("--focus"),
               soft: css.getPropertyValue("--ink-soft") };
  }
  function colour(v, scale) {
    var share = v >= 0 ? Math.min(1, v / scale.high) : Math.min(1, v / scale.low);
    share = Math.sqrt(share);  // small weights would all look like none
    var end = v >= 0 ? styles.high : styles.cold;
    return styles.zero.map(function (zero, i) { return Math.round(zero + (end[i] - zero) * share); });
  }

  var tensor_choice = element("select", {}), lead_choices = element("span", { class: "button-row" });
  var thumbs = element("div", { class: "thumbs", role: "group", "aria-label": "Matrices" });
  tensors.forEach(function (t, i) { tensor_choice.appendChild(element("option", { value: i }, t.title || t.name)); });
  var canvas = element("canvas", { role: "img" });
  var map = element("div", { class: "map", tabindex: "0", role: "application", "aria-roledescription": "heat map" }, canvas);
  var readout = element("p", { class: "said", "aria-live": "polite" });
  var legend = element("p", { class: "legend" });
  var list = element("ol", { class: "readings" });
  var list_title = element("p", { class: "readings-title" });

  function choose_tensor(i) {
    tensor = tensors[i];
    rows = tensor.shape[tensor.shape.length - 2];
    columns = tensor.shape[tensor.shape.length - 1];
    lead = tensor.shape.slice(0, -2).map(function () { return 0; });
    row = rows - 1;
    column = 0;
    for (var c = 1; c < columns; c++) if (value(row, c) > value(row, column)) column = c;
    lead_choices.textContent = "";
    thumbs.textContent = "";
    thumbs.hidden = true;
    if (matrices() > 1 && matrices() <= 30) show_thumbs();
    else lead.forEach(function (_, which) {
      if (tensor.shape[which] < 2) return;
      var select = element("select", {});
      for (var k = 0; k < tensor.shape[which]; k++) select.appendChild(element("option", { value: k }, label(which, k)));
      select.addEventListener("change", function () { lead[which] = Number(select.value); draw(); });
      lead_choices.appendChild(element("label", {}, axis(which) + " ", select));
    });
    draw();
  }

  // All matrices side by side, a row for each block: a small button for each, which shows it large.
  function show_thumbs() {
    thumbs.hidden = false;
    thumbs.setAttribute("aria-label", "Matrices: " + tensor.axes.slice(0, -2).join(" and "));
    thumbs.style.gridTemplateColumns = "repeat(" + tensor.shape[tensor.shape.length - 3] + ", auto)";
    for (var m = 0; m < matrices(); m++) (function (m) {
      var at = lead_of(m), name = at.map(function (k, which) { return axis(which) + " " + label(which, k); }).join(", ");
      var small = element("canvas", { width: columns, height: rows, "aria-hidden": "true" });
      var short = at.length > 1 ? at.join(" · ") : name, full = short === name ? name : short + ": " + name;  // begins with what is seen
      thumbs.appendChild(element("button", { type: "button", class: "thumb", "aria-label": full, title: name,
        onclick: function () { lead = at; draw(); } }, small, element("span", { "aria-hidden": "true" }, short)));
    })(m);
  }
  function paint_thumbs() {
    var kept = lead;
    bardling.each("button", function (button, m) {
      lead = lead_of(m);
      button.setAttribute("aria-pressed", String(lead.join() === kept.join()));
      var scale = range(), pen = button.querySelector("canvas").getContext("2d"), image = pen.createImageData(columns, rows);
      for (var r = 0; r < rows; r++) for (var c = 0; c < columns; c++)
        image.data.set(colour(value(r, c), scale).concat(255), 4 * (r * columns + c));
      pen.putImageData(image, 0, 0);
    }, thumbs);
    lead = kept;
  }

  function draw() {
    var scale = range(), ratio = window.devicePixelRatio || 1;
    // Large ones take the whole width, with a letter at each row and column where there is room for it.
    var room = Math.max(180, Math.min(columns > 40 ? 640 : 330, (live.clientWidth || 520) - 40));
    pixel = Math.max(3, Math.min(44, Math.floor(room / Math.max(rows, columns))));
    var margin = pixel >= 9 ? 22 : 0, width = columns * pixel + margin, height = rows * pixel + margin;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
    canvas.margin = margin;
    var pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (var r = 0; r < rows; r++) for (var c = 0; c < columns; c++) {
      var v = value(r, c), paint = colour(v, scale);
      pen.fillStyle = "rgb(" + paint.join() + ")";
      pen.fillRect(margin + c * pixel, margin + r * pixel, pixel - (pixel > 6 ? 1 : 0), pixel - (pixel > 6 ? 1 : 0));
      if (pixel >= 34) {
        pen.fillStyle = 0.299 * paint[0] + 0.587 * paint[1] + 0.114 * paint[2] > 140 ? "#14121c" : "#ffffff";
        pen.font = "11px sans-serif";
        pen.fillText(isFinite(v) ? number(v, 2) : "−∞", margin + (c + 0.5) * pixel, margin + (r + 0.5) * pixel);
      }
    }
    if (margin) {
      pen.fillStyle = styles.soft;
      pen.font = Math.min(13, pixel) + "px sans-serif";
      var r_axis = tensor.shape.length - 2, c_axis = r_axis + 1;
      var r_step = counted(r_axis) && pixel < 15 ? 4 : 1, c_step = counted(c_axis) && pixel < 22 ? 4 : 1;
      for (r = 0; r < rows; r += r_step) pen.fillText(label(r_axis, r), 10, margin + (r + 0.5) * pixel);
      for (c = 0; c < columns; c += c_step) pen.fillText(label(c_axis, c), margin + (c + 0.5) * pixel, 10);
    }
    if (!thumbs.hidden) paint_thumbs();
    pen.strokeStyle = styles.focus;
    pen.lineWidth = 2;
    pen.strokeRect(margin + column * pixel, margin + row * pixel, pixel, pixel);
    pen.lineWidth = 1;
    pen.strokeRect(margin + 0.5, margin + row * pixel + 0.5, columns * pixel - 1, pixel - 1);
    canvas.setAttribute("aria-label", full_name() + ", " + rows + " rows by " + columns + " columns");
    legend.textContent = "Colour from " + (scale.low < 0 ? number(scale.low, 3) + " over 0" : "0") + " to " + number(scale.high, 3) + ", by the square root.";
    say();
  }

  function say() {
    var r_axis = tensor.shape.length - 2, c_axis = r_axis + 1, v = value(row, column), total = 0, all = [];
    var ahead = /weights$/.test(tensor.name) && rows === columns && column > row;
    for (var c = 0; c < columns; c++) { var w = value(row, c); total += isFinite(w) ? w : 0; all.push({ c: c, v: w }); }
    readout.textContent = (thumbs.hidden ? "" : full_name().replace(/^[^,]*, /, "") + ": ") + at(r_axis, row) + ", " + at(c_axis, column) + ": " +
      (!isFinite(v) ? "−∞" : ahead ? "0, for this is the future" : number(v, 4)) + "." + (Math.abs(total - 1) < 0.01 ? " The row adds up to " + number(total, 3) + "." : "");
    readout.setAttribute("data-value", v);
    map.setAttribute("aria-label", "Heat map of " + full_name() + ". Arrow keys choose a cell. " + readout.textContent);
    all.sort(function (a, b) { return b.v - a.v; });
    var top = Math.max(Math.abs(all[0].v), 1e-12);
    list_title.textContent = "Largest at " + at(r_axis, row);
    list.textContent = "";
    all.slice(0, 8).forEach(function (entry) {
      if (!isFinite(entry.v)) return;
      list.appendChild(element("li", {}, element("b", {}, label(c_axis, entry.c)), element("small", {}, counted(c_axis) ? "" : String(entry.c)),
        element("span", { class: "bar-cell" }, element("span", { class: "bar", style: "width:" + Math.max(0, 100 * entry.v / top) + "%" })),
        element("span", {}, number(entry.v, 4))));
    });
  }

  function move(r, c) {
    row = Math.max(0, Math.min(rows - 1, r));
    column = Math.max(0, Math.min(columns - 1, c));
    draw();
  }
  map.addEventListener("keydown", function (event) {
    var to = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
               Home: [row, 0], End: [row, columns - 1], PageUp: [0, column], PageDown: [rows - 1, column] }[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(to[0], to[1]);
  });
  function point(event) {
    var box = canvas.getBoundingClientRect();
    var c = Math.floor((event.clientX - box.left - canvas.margin) / pixel), r = Math.floor((event.clientY - box.top - canvas.margin) / pixel);
    if (c >= 0 && r >= 0 && c < columns && r < rows && (c !== column || r !== row)) move(r, c);
  }
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", point);

  tensor_choice.addEventListener("change", function () { choose_tensor(Number(tensor_choice.value)); });
  var controls = element("div", { class: "controls" });
  if (tensors.length > 1) controls.appendChild(element("label", {}, "Tensor ", tensor_choice));
  controls.appendChild(lead_choices);
  live.appendChild(controls);
  live.appendChild(thumbs);
  live.appendChild(element("div", { class: "map-and-list" },
    element("div", { class: "matrix-box" }, map, legend), element("div", { class: "list-box" }, list_title, list)));
  live.appendChild(readout);
  var reads = /^(query|position)$/.test(tensors[0].axes[tensors[0].axes.length - 2]);  // the line that the title names
  live.appendChild(element("p", { class: "origin" }, (trace.title && reads ? trace.title + " " : "") + "Data: " + (trace.run ? trace.run + "; " : "") + trace.origin + "."));
  document.addEventListener("bardling-theme", function () { read_styles(); draw(); });
  window.addEventListener("resize", draw);
  read_styles();
  choose_tensor(0);
});
