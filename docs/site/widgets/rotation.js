// Positions as angles: a head of size 6 as three hands, for a query at one place and a key at another. Both were (1, 0) in
// all pairs; the product of the two is what attention makes of them.
bardling.widget("rotation", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var places = 32, pairs = [0, 1, 2].map(function (i) { return Math.pow(10000, -i / 3); });
  var id = "rotation-" + Math.random().toString(36).slice(2);

  function slider(name, value) {
    var input = element("input", { type: "range", id: id + name, min: 0, max: places - 1, step: 1, value: value });
    var shown = element("output", { for: id + name, class: "big-number" });
    input.addEventListener("input", function () { moved(input); });
    return { input: input, shown: shown };
  }
  var query = slider("query", 9), key = slider("key", 7);
  var together = element("input", { type: "checkbox", id: id + "together" });
  var before = { query: 9, key: 7 };

  // The dials: radius 44, centres 58, 170 and 282.
  var svg = element("svg", { viewBox: "0 0 340 160", role: "img", class: "chart", style: "max-width:510px;width:100%;touch-action:pan-y;cursor:ew-resize" });
  var dials = pairs.map(function (theta, i) {
    var x = 58 + 112 * i, y = 50;
    var hand = function (role, width) {
      return element("path", { fill: "none", "stroke-width": width, style: "stroke:var(--" + role + ")" });
    };
    var dial = { x: x, y: y, key: hand("key", 7), query: hand("query", 3), text: element("text", { x: x, y: 114, "text-anchor": "middle" }) };
    [element("circle", { class: "dial", cx: x, cy: y, r: 44, fill: "none", style: "stroke:var(--line)", "stroke-width": 1.5 }), dial.key, dial.query, dial.text,
      element("text", { class: "soft", x: x, y: 132, "text-anchor": "middle" }, "pair " + i),
      element("text", { class: "soft", x: x, y: 150, "text-anchor": "middle" }, (i === 0 ? "1 radian" : number(theta, i === 1 ? 3 : 4)) + " a place")].forEach(function (part) { svg.appendChild(part); });
    return dial;
  });
  var said = element("p", { class: "said", role: "status" });

  // With both together, the one that was moved takes the other along, as far as there are places.
  function moved(input) {
    var t = Number(query.input.value), s = Number(key.input.value);
    if (together.checked) {
      var step = input === query.input ? t - before.query : s - before.key;
      step = Math.max(-Math.min(before.query, before.key), Math.min(places - 1 - Math.max(before.query, before.key), step));
      t = before.query + step;
      s = before.key + step;
      query.input.value = t;
      key.input.value = s;
    }
    before = { query: t, key: s };
    draw();
  }
  function draw() {
    var t = before.query, s = before.key;
    var gives = pairs.map(function (theta) { return Math.cos((t - s) * theta); });
    var product = gives.reduce(function (a, b) { return a + b; });
    dials.forEach(function (dial, i) {
      [["key", s], ["query", t]].forEach(function (hand) {
        var angle = hand[1] * pairs[i];
        dial[hand[0]].setAttribute("d", "M" + dial.x + " " + dial.y + "L" + (dial.x + 40 * Math.cos(angle)).toFixed(2) + " " + (dial.y - 40 * Math.sin(angle)).toFixed(2));
      });
      dial.text.textContent = number(gives[i], 3);
    });
    query.shown.textContent = t;
    key.shown.textContent = s;
    var apart = Math.abs(t - s) + (Math.abs(t - s) === 1 ? " place" : " places") + " apart";
    said.textContent = apart + ": " + gives.map(function (x) { return number(x, 3); }).join(" + ").replace(/\+ −/g, "− ") + " = " + number(product, 3) +
      (together.checked ? ", wherever the two of them are." : ".");
    said.setAttribute("data-product", product);
    svg.setAttribute("aria-label", "Query at place " + t + ", key at place " + s + ", as hands of three dials");
  }
  // The pointer: across the picture lie all places.
  function point(event) {
    var box = svg.getBoundingClientRect();
    var place = Math.floor(places * (event.clientX - box.left) / box.width);
    query.input.value = Math.max(0, Math.min(places - 1, place));
    moved(query.input);
  }
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  together.addEventListener("change", draw);

  [[query, "query", "Query at place"], [key, "key", "Key at place"]].forEach(function (one) {
    live.appendChild(element("div", { class: "controls" },
      element("label", { for: id + one[1], style: "min-width:8em;color:var(--" + one[1] + ")" }, one[2]), one[0].input, one[0].shown));
  });
  live.appendChild(element("div", { class: "controls" }, together, element("label", { for: id + "together" }, "move both together")));
  live.appendChild(svg);
  live.appendChild(said);
  live.appendChild(element("p", { class: "legend" }, "Thin hands: the query. Thick hands: the key. The number below a dial is what its pair gives to the product. Move over the picture, or use the sliders."));
  draw();
});
