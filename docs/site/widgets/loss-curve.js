// Loss over the steps of one or more runs: walk along it with pointer or arrow keys and read the exact numbers. Data:
// window.bardlingReports[NAME], which is a run's report as --report writes it.
bardling.widget("loss-curve", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var names = root.getAttribute("data-report").split(",");
  var runs = names.map(function (name) {
    var report = window.bardlingReports[name];
    if (!report.curve || !report.curve.length) throw new Error("report " + name + " has no curve");
    return { name: name, report: report, curve: report.curve,
             title: "Chapter " + report.chapter + (report.variant ? ", " + report.variant : "") };
  });
  // Letters stay readable on a phone: what is narrow is drawn narrow, also when a desk becomes one.
  var narrow = matchMedia("(max-width: 600px)");
  var drawn = element("div", {}), at = null;  // where the reader is
  live.appendChild(drawn);
  narrow.addEventListener("change", draw);
  draw();
  var origins = runs.map(function (run) { return run.report.origin; }).filter(function (o, i, all) { return all.indexOf(o) === i; });
  live.appendChild(element("p", { class: "origin" }, "Lines: estimates on some windows; the point at the end: the whole validation part. Loss in nats a character on " + runs[0].report.corpus + ". Data: " + origins.join(" and ") + "."));

  function draw() {
  drawn.textContent = "";
  var single = runs.length === 1, W = narrow.matches ? 380 : 640, H = narrow.matches ? 270 : 330, left = 52, right = 56, top = 18, bottom = 40;
  var low = Infinity, high = -Infinity, last = 0;
  runs.forEach(function (run) {
    run.curve.forEach(function (p) {
      (single ? [p.train, p.val] : [p.val]).forEach(function (v) { if (v !== null && v !== undefined) { low = Math.min(low, v); high = Math.max(high, v); } });
      last = Math.max(last, p.step);
    });
    if (run.report.published_val_loss) low = Math.min(low, run.report.published_val_loss);
  });
  // The first steps are far above all that there is to compare, so the scale ends where trained models begin.
  var ends = runs.map(function (run) { return run.report.val_loss || run.curve[run.curve.length - 1].val; });
  low = low >= 1.6 && Math.max.apply(null, ends) <= 2.8 ? 1.6 : Math.floor(low * 5) / 5;
  high = Math.max(low + 1.2, Math.ceil(Math.max.apply(null, ends) * 5) / 5);
  function x(step) { return left + (W - left - right) * step / (last || 1); }
  function y(v) { return top + (H - top - bottom) * (high - v) / (high - low); }

  var svg = element("svg", { viewBox: "0 0 " + W + " " + H, class: "chart", role: "img",
    "aria-label": "Validation loss over steps: " + runs.map(function (run) { return run.title + " ends at " + number(run.curve[run.curve.length - 1].val, 4); }).join("; ") });
  var ticks = 6;
  for (var i = 0; i <= ticks; i++) {
    var v = low + (high - low) * i / ticks;
    svg.appendChild(element("line", { class: "grid", x1: left, x2: W - right, y1: y(v), y2: y(v) }));
    svg.appendChild(element("text", { x: left - 8, y: y(v), dy: ".32em", "text-anchor": "end" }, number(v, 2)));
    if (i < ticks) svg.appendChild(element("text", { x: x(last * i / 5), y: H - 16, "text-anchor": "middle" }, String(Math.round(last * i / 5))));
  }
  var plot = element("svg", { x: left, y: top, width: W - left, height: H - top - bottom, viewBox: [left, top, W - left, H - top - bottom].join(" ") });  // cuts off what is above
  svg.appendChild(plot);
  svg.appendChild(element("text", { class: "soft", x: W - right, y: H - 2, "text-anchor": "end" }, "step"));
  function line(run, column, css) {
    var points = run.curve.filter(function (p) { return p[column] !== null && p[column] !== undefined; })
      .map(function (p) { return x(p.step).toFixed(1) + "," + y(p[column]).toFixed(1); });
    plot.appendChild(element("polyline", { class: css, points: points.join(" ") }));
  }
  // Behind a run, what all seeds have: from the lowest to the highest loss at each step.
  runs.forEach(function (run) {
    if (!run.report.band) return;
    function edge(p, column) { return x(p[0]).toFixed(1) + "," + y(p[column]).toFixed(1); }
    var upper = run.report.band.points.map(function (p) { return edge(p, 3); });
    var lower = run.report.band.points.map(function (p) { return edge(p, 1); }).reverse();
    plot.appendChild(element("path", { class: "band", d: "M" + upper.concat(lower).join("L") + "Z", "data-report": run.name }));
  });
  runs.forEach(function (run, k) {
    if (single) {
      line(run, "train", "line-train");
      if (run.report.published_val_loss) {
        var p = y(run.report.published_val_loss);
        svg.appendChild(element("line", { class: "line-published", x1: left, x2: W - right, y1: p, y2: p }));
        svg.appendChild(element("text", { class: "soft", x: left + 6, y: p - 6 }, "published " + number(run.report.published_val_loss, 2)));
      }
    }
    line(run, "val", single ? "line-val" : "line-val dash-" + (k % 6));
  });
  // Where each ends: the loss over the whole validation part, which the texts name. Labels that would touch move apart.
  var labels = ends.map(function (v, k) { return { v: v, k: k, y: y(v) }; }).sort(function (a, b) { return a.y - b.y; });
  labels.forEach(function (label, n) {
    if (n && label.y < labels[n - 1].y + 14) label.y = labels[n - 1].y + 14;
    svg.appendChild(element("circle", { class: "end", cx: x(runs[label.k].curve[runs[label.k].curve.length - 1].step), cy: y(label.v), r: 3.5, "data-value": label.v }));
    svg.appendChild(element("text", { class: "end-label", x: W - right + 9, y: label.y, dy: ".35em" }, number(label.v, 3)));
  });
  var cursor = element("line", { class: "cursor", y1: top, y2: H - bottom });
  var dots = runs.map(function () { return element("circle", { class: "dot", r: 4.5 }); });
  svg.appendChild(cursor);
  dots.forEach(function (dot) { svg.appendChild(dot); });

  var longest = runs.reduce(function (a, b) { return b.curve[b.curve.length - 1].step > a.curve[a.curve.length - 1].step ? b : a; });
  if (at === null) at = longest.curve.length - 1;
  var readout = element("p", { class: "said", "aria-live": "polite" });
  var stage = element("div", { class: "chart-box matrix-box", tabindex: "0", role: "application", "aria-roledescription": "chart" }, svg);
  function nearest(run, step) {
    return run.curve.reduce(function (a, b) { return Math.abs(b.step - step) < Math.abs(a.step - step) ? b : a; });
  }
  // What all seeds have at this step, where there are several.
  function seeds(run, step) {
    var p = run.report.band && run.report.band.points.filter(function (one) { return one[0] === step; })[0];
    return p ? " (" + run.report.band.seeds.length + " seeds: mean " + number(p[2], 3) + ", from " + number(p[1], 3) + " to " + number(p[3], 3) + ")" : "";
  }
  function say(v) { return v === null || v === undefined ? "not measured" : number(v, 4); }
  function go(to) {
    at = Math.max(0, Math.min(longest.curve.length - 1, to));
    var step = longest.curve[at].step;
    cursor.setAttribute("x1", x(step));
    cursor.setAttribute("x2", x(step));
    readout.textContent = "Step " + step + ": " + runs.map(function (run, k) {
      var p = nearest(run, step);
      dots[k].setAttribute("cx", x(p.step));
      dots[k].setAttribute("cy", Math.max(top, y(p.val)));
      return (single ? "validation " + say(p.val) + ", training " + say(p.train) : run.title + " " + say(p.val)) + seeds(run, p.step);
    }).join("; ") + ".";
    stage.setAttribute("aria-label", "Loss curve. Left and right arrow walk along the steps. " + readout.textContent);
  }
  stage.addEventListener("keydown", function (event) {
    var to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: longest.curve.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(to);
  });
  function point(event) {
    var box = svg.getBoundingClientRect(), step = ((event.clientX - box.left) / box.width * W - left) / (W - left - right) * last;
    var best = 0;
    longest.curve.forEach(function (p, i) { if (Math.abs(p.step - step) < Math.abs(longest.curve[best].step - step)) best = i; });
    go(best);
  }
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);

  var key = element("ul", { class: "key" });
  if (single) {
    key.appendChild(element("li", {}, element("span", { class: "swatch solid" }), "validation: text it never saw"));
    key.appendChild(element("li", {}, element("span", { class: "swatch dashed" }), "training: text it learns from"));
  } else runs.forEach(function (run, k) {
    key.appendChild(element("li", {}, element("svg", { class: "swatch", viewBox: "0 0 30 6", width: 30, height: 6, "aria-hidden": "true" },
      element("line", { class: "line-val dash-" + (k % 6), x1: 0, x2: 30, y1: 3, y2: 3 })), run.title));
  });
  var banded = runs.filter(function (run) { return run.report.band; });
  if (banded.length) key.appendChild(element("li", {}, element("svg", { class: "swatch", viewBox: "0 0 30 8", width: 30, height: 8, "aria-hidden": "true" },
    element("rect", { class: "band", width: 30, height: 8 })), banded[0].report.band.seeds.length + " seeds, lowest to highest"));
  drawn.appendChild(key);
  drawn.appendChild(stage);
  drawn.appendChild(readout);
  go(at);
  }
});
