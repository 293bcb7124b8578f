// A sum around a ring, a turn at a time: what each rank sends, and what becomes of it. With three ranks the numbers are
// those of the still table.
bardling.widget("ring-sum", function (root, live) {
  "use strict";
  var element = bardling.element;
  var P = 3, turn = 0;

  // The state after so many turns: numbers[rank][piece], and who has just sent which piece.
  function after(turns) {
    var numbers = [], sent = [], r, p;
    for (r = 0; r < P; r++) {
      numbers.push([]);
      for (p = 0; p < P; p++) numbers[r].push((p + 1) * Math.pow(10, r));
    }
    for (var t = 0; t < turns; t++) {
      var adds = t < P - 1, k = adds ? t : t - (P - 1), came = [];
      sent = [];
      for (r = 0; r < P; r++) {
        p = (2 * P + r - k + (adds ? 0 : 1)) % P;
        sent.push(p);
        came.push({ to: (r + 1) % P, piece: p, value: numbers[r][p] });
      }
      came.forEach(function (c) { numbers[c.to][c.piece] = adds ? numbers[c.to][c.piece] + c.value : c.value; });
    }
    return { numbers: numbers, sent: sent };
  }

  var said = element("p", { role: "status" });
  var box = element("div", { class: "table-box" });
  var back = element("button", { type: "button", onclick: function () { go(turn - 1); } }, "Back");
  var next = element("button", { type: "button", onclick: function () { go(turn + 1); } }, "Next turn");
  var id = "ring-" + Math.random().toString(36).slice(2);
  var ranks = element("select", { id: id, onchange: function () { P = Number(ranks.value); go(0); } });
  [2, 3, 4, 5, 6].forEach(function (n) {
    ranks.appendChild(element("option", n === P ? { value: n, selected: "" } : { value: n }, String(n)));
  });

  function go(to) {
    turn = Math.max(0, Math.min(2 * (P - 1), to));
    draw();
  }

  function draw() {
    var now = after(turn), adds = turn <= P - 1, total = after(2 * (P - 1)).numbers[0];
    var head = element("tr", {}, element("td"));
    for (var p = 0; p < P; p++) head.appendChild(element("th", { scope: "col" }, "piece " + p));
    var body = element("tbody");
    now.numbers.forEach(function (row, r) {
      var line = element("tr", {}, element("th", { scope: "row" }, "rank " + r));
      row.forEach(function (value, p) {
        var changed = turn > 0 && now.sent[(r + P - 1) % P] === p;
        line.appendChild(element("td", { class: changed ? "strong" : "" },
          value + (value === total[p] ? " ✓" : "")));
      });
      body.appendChild(line);
    });
    box.textContent = "";
    box.appendChild(element("table", { class: "numbers" },
      element("caption", {}, "Turn " + turn + " of " + 2 * (P - 1) + "; ✓ is the sum over all ranks"),
      element("thead", {}, head), body));
    said.textContent = turn === 0 ? "Every rank has numbers of its own, cut into " + P + " pieces."
      : turn === 2 * (P - 1) ? "All have all sums. Each rank has sent " + 2 * (P - 1) + " pieces of " + P + "."
      : adds ? "Rank 0 has sent piece " + now.sent[0] + " to rank 1, which has added it to its own; all others did the same."
      : "Rank 0 has sent piece " + now.sent[0] + ", complete, to rank 1; all others did the same.";
    back.disabled = turn === 0;
    next.disabled = turn === 2 * (P - 1);
  }

  live.appendChild(element("div", { class: "controls" }, back, next,
    element("label", { for: id }, "Ranks"), ranks));
  live.appendChild(said);
  live.appendChild(box);
  draw();
});
