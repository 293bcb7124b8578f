// The tape of (w x - y)^2, forward and backward, one operation at a time, and the step downhill that follows. Next, Space or the
// right arrow does the next one; sliders set the weight and the learning rate.
bardling.widget("tape-stepper", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number, x = 3, y = 5, low = -0.5, high = 4;
  var begin = 2, w = begin, rate = 0.1, done = 0, taken = [];  // taken: the weights before each step
  function three(value) { return Math.abs(value) >= 1e6 ? value.toExponential(2).replace("-", "−") : String(Number(value.toFixed(3))).replace("-", "−"); }
  function factor(value) { return value < 0 ? "(" + three(value) + ")" : three(value); }

  // All numbers of one step, and what each moment says: 3 moments forward, 4 backward, then the step itself.
  function plan() {
    var a = w * x, e = a - y, loss = e * e, slope = { loss: 1, e: e + e, a: e + e, w: (e + e) * x }, next = w - rate * slope.w;
    return { a: a, e: e, loss: loss, slope: slope, next: next, says: [
      "Step " + (taken.length + 1) + " begins with w = " + three(w) + ". Press Next or Space for the first operation.",
      "Forward: a = w · x = " + three(w) + " · " + x + " = " + three(a) + ". The operation goes on the tape.",
      "Forward: e = a − y = " + three(a) + " − " + y + " = " + three(e) + ".",
      "Forward: loss = e · e = " + three(loss) + ". From here the tape is read backwards.",
      "Backward: if the loss grows by a little, it grows by just that. Its slope is 1.",
      "Backward: e enters e · e twice, each time with the other factor, " + three(e) + ". Both count: " + factor(e) + " + " + factor(e) + " = " + three(slope.e) + ".",
      "Backward: a enters a − y with factor 1. Its slope is " + three(slope.e) + " · 1 = " + three(slope.a) + ". For y nobody asked.",
      "Backward: w enters w · x with factor x = " + x + ". Its slope is " + three(slope.a) + " · " + x + " = " + three(slope.w) + ".",
      "Downhill: w − rate · slope = " + three(w) + " − " + three(rate) + " · " + factor(slope.w) + " = " + three(next) + "."] };
  }

  var graph = element("svg", { viewBox: "0 0 440 222", class: "chart tape-graph", role: "img" });
  var hill = element("svg", { viewBox: "0 0 280 170", class: "chart tape-hill", role: "img" });
  var said = element("p", { class: "said", "aria-live": "polite" }), count = element("span", { class: "count" });
  var boxes = [["w", 6, 24, "weight"], ["x", 6, 120, ""], ["a = w · x", 118, 66, "activation"], ["y", 118, 154, ""], ["e = a − y", 230, 106, "activation"], ["loss = e · e", 342, 106, "loss"]];

  function draw() {
    var all = plan(), values = [three(w), String(x), done > 0 ? three(all.a) : "", String(y), done > 1 ? three(all.e) : "", done > 2 ? three(all.loss) : ""];
    var slopes = [done > 6 ? all.slope.w : null, null, done > 5 ? all.slope.a : null, null, done > 4 ? all.slope.e : null, done > 3 ? 1 : null];
    graph.textContent = "";
    [["M98 48 116 80"], ["M98 144 116 102"], ["M210 92 228 118"], ["M210 178 228 144"], ["M322 128 340 128"]].forEach(function (way) {
      graph.appendChild(element("path", { class: "flow", d: way[0], "marker-end": "url(#arrow)" }));
    });
    boxes.forEach(function (box, i) {
      var now = done > 0 && [null, 2, 4, 5, 5, 4, 2, 0, 0][done] === i, group = element("g", { class: (box[3] ? "role-" + box[3] : "") + (now ? " now" : "") });
      group.appendChild(element("rect", { class: "box", x: box[1], y: box[2], width: 92, height: 48, rx: 6 }));
      group.appendChild(element("text", { class: "role", x: box[1] + 46, y: box[2] + 20, "text-anchor": "middle" }, box[0]));
      group.appendChild(element("text", { class: "mono", x: box[1] + 46, y: box[2] + 39, "text-anchor": "middle", "data-value": box[0][0] }, done > 7 && i === 0 ? three(all.next) : values[i]));
      if (slopes[i] !== null) group.appendChild(element("text", { class: "slope", x: box[1] + 46, y: box[2] + 64, "text-anchor": "middle", "data-slope": box[0][0] }, "slope " + three(slopes[i])));
      graph.appendChild(group);
    });
    graph.setAttribute("aria-label", "The tape. " + all.says[done]);

    var at = done > 7 ? all.next : w, way = taken.concat(done > 7 ? [w, at] : [w]), points = [];
    function px(v) { return 12 + 256 * (Math.max(low, Math.min(high, v)) - low) / (high - low); }
    function py(v) { return 150 - 140 * Math.min(1, Math.pow(v * x - y, 2) / 30); }
    for (var i = 0; i <= 60; i++) { var v = low + (high - low) * i / 60; if (Math.pow(v * x - y, 2) <= 30) points.push(px(v).toFixed(1) + "," + py(v).toFixed(1)); }
    hill.textContent = "";
    hill.appendChild(element("line", { class: "grid", x1: 12, x2: 268, y1: 150, y2: 150 }));
    for (i = 0; i <= 4; i++) hill.appendChild(element("text", { x: px(i), y: 166, "text-anchor": "middle" }, i ? String(i) : "w = 0"));
    hill.appendChild(element("polyline", { class: "line-val", points: points.join(" ") }));
    hill.appendChild(element("polyline", { class: "way", points: way.map(function (v) { return px(v).toFixed(1) + "," + py(v).toFixed(1); }).join(" ") }));
    way.forEach(function (v, n) { hill.appendChild(element("circle", { class: n < way.length - 1 ? "past" : "dot", cx: px(v), cy: py(v), r: n < way.length - 1 ? 3 : 6 })); });
    hill.setAttribute("aria-label", "The loss over w, lowest at 1.667; w is " + three(at));
    said.textContent = all.says[done] + (done > 7 ? " The loss was " + three(all.loss) + " and is " + three(Math.pow(at * x - y, 2)) + "." : "");
    said.setAttribute("data-w", at);
    count.textContent = "steps taken: " + (taken.length + (done > 7 ? 1 : 0));
    back.disabled = done === 0 && !taken.length;
  }
  function next() {
    if (done < 8) done++;
    else { taken.push(w); w = plan().next; done = 1; }
    draw();
  }
  function previous() {
    if (done > 1 || (done && !taken.length)) done--;
    else if (taken.length) { w = taken.pop(); done = 8; }
    draw();
  }
  function whole() {
    if (done === 8) next();
    while (done < 8) next();
  }
  function again(from) { begin = from; w = begin; taken = []; done = 0; draw(); }

  var weight = element("input", { type: "range", min: -0.5, max: 4, step: 0.1, value: 2, "aria-label": "The weight w" });
  var speed = element("input", { type: "range", min: 0.01, max: 0.13, step: 0.01, value: 0.1, "aria-label": "Learning rate" });
  var weight_said = element("output", {}), speed_said = element("output", {});
  function settings() {
    weight_said.textContent = three(begin);
    speed_said.textContent = three(rate);
    again(begin);
  }
  weight.addEventListener("input", function () { begin = Number(weight.value); settings(); });
  speed.addEventListener("input", function () { rate = Number(speed.value); settings(); });
  var back = element("button", { type: "button", onclick: previous }, "Back");
  var buttons = element("span", { class: "button-row" }, element("button", { type: "button", class: "primary", onclick: next }, "Next"), back,
    element("button", { type: "button", onclick: whole }, "One whole step"), element("button", { type: "button", onclick: function () { again(begin); } }, "Start again"));
  var stepper = element("div", { class: "stepper", tabindex: "0", role: "group", "aria-label": "The tape step by step: Space or right arrow for the next operation, left arrow to go back" },
    element("div", { class: "controls" }, element("label", { class: "field" }, "w ", weight, weight_said), element("label", { class: "field" }, "learning rate ", speed, speed_said)),
    element("div", { class: "controls" }, buttons, count), said,
    element("div", { class: "tape-pictures" }, element("figure", { class: "figure" }, graph), element("figure", { class: "figure" }, hill)));
  stepper.addEventListener("keydown", function (event) {
    if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey) return;
    var on_button = event.target.tagName === "BUTTON";
    if (event.key === "ArrowRight" || (event.key === " " && !on_button)) { next(); event.preventDefault(); }
    else if (event.key === "ArrowLeft") { previous(); event.preventDefault(); }
    else if (event.key === "Home" && !on_button) { again(begin); event.preventDefault(); }
  });
  live.appendChild(stepper);
  settings();
});
