// The GPT of 292 weights that docs/one_character.md walks through, for any text of its four symbols, with attention on or off. The
// weights come from the test that computes the page's numbers; those that are not named there are 0, gains are 1.
bardling.widget("journey", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number, symbols = " eht", C = 4, hs = 2, H = 2, room = 4;
  var weights = JSON.parse(root.getAttribute("data-weights"));
  function matrix(name, columns) {
    var all = weights[name], rows = [];
    for (var i = 0; i < all.length; i += columns) rows.push(all.slice(i, i + columns));
    return rows;
  }
  var block = "blocks.0.", attention = block + "attention.", forward = block + "feed_forward.";
  var W = { what: matrix("token_embedding.weight", C), where: matrix("position_embedding.weight", C), q: matrix(attention + "query.weight", C),
            k: matrix(attention + "key.weight", C), v: matrix(attention + "value.weight", C), heard: matrix(attention + "projection.weight", C),
            hidden: matrix(forward + "hidden.weight", 16), thought: matrix(forward + "projection.weight", C), output: matrix("output.weight", C) };
  function times(x, M) { return M[0].map(function (_, j) { return x.reduce(function (sum, v, i) { return sum + v * M[i][j]; }, 0); }); }
  function plus(a, b) { return a.map(function (v, i) { return v + b[i]; }); }
  function normed(x) {
    var mean = x.reduce(function (a, b) { return a + b; }, 0) / x.length;
    var variance = x.reduce(function (sum, v) { return sum + (v - mean) * (v - mean); }, 0) / x.length;
    return x.map(function (v) { return (v - mean) / Math.sqrt(variance + 1e-5); });
  }
  function softmax(x) {
    var top = Math.max.apply(null, x), powers = x.map(function (v) { return Math.exp(v - top); }), sum = powers.reduce(function (a, b) { return a + b; }, 0);
    return powers.map(function (v) { return v / sum; });
  }

  // The whole forward pass; stages of one position are rows of numbers.
  function pass(ids, t, on) {
    var what = ids.map(function (id) { return W.what[id]; }), x = what.map(function (row, p) { return plus(row, W.where[p]); }), n = x.map(normed);
    var q = n.map(function (row) { return times(row, W.q); }), k = n.map(function (row) { return times(row, W.k); }), v = n.map(function (row) { return times(row, W.v); });
    var shares = [], mix = [];
    for (var h = 0; h < H; h++) {
      var scores = [];
      for (var j = 0; j <= t; j++) scores.push((q[t][h * hs] * k[j][h * hs] + q[t][h * hs + 1] * k[j][h * hs + 1]) / Math.sqrt(hs));
      var p = softmax(scores);
      shares.push(p);
      for (var d = 0; d < hs; d++) mix.push(p.reduce(function (sum, share, j) { return sum + share * v[j][h * hs + d]; }, 0));
    }
    var heard = on ? times(mix, W.heard) : [0, 0, 0, 0], read = plus(x[t], heard), n2 = normed(read);
    var hidden = plus(times(n2, W.hidden), weights[forward + "hidden.bias"]).map(function (u) { return Math.max(0, u); });
    var thought = times(hidden, W.thought), after = plus(read, thought), last = normed(after), logits = plus(times(last, W.output), weights["output.bias"]);
    return { what: what[t], where: W.where[t], x: x[t], normed: n[t], q: q[t], k: k, v: v, weights: shares, mix: mix, heard: heard, read: read, normed_2: n2,
             hidden: hidden, thought: thought, after: after, last: last, logits: logits, shares: softmax(logits) };
  }

  var text = element("input", { type: "text", class: "short", value: "the", maxlength: 40, spellcheck: "false", autocomplete: "off", "aria-label": "Text of the symbols blank, e, h and t" });
  var off = element("input", { type: "checkbox" }), position = element("select", {});
  var said = element("p", { class: "said", "aria-live": "polite" }), sheets = element("div", { class: "matrices matrix-box" });
  function letter(c) { return c === " " ? "␣" : c; }
  function table(title, head, rows, role, digits) {
    var body = element("tbody", {});
    rows.forEach(function (row) {
      var line = element("tr", { "data-row": row[0] }, element("th", { scope: "row" }, row[0]));
      row[1].forEach(function (v) { line.appendChild(element("td", {}, v === null ? "" : number(v, digits === undefined ? 3 : digits))); });
      body.appendChild(line);
    });
    var top = element("tr", {}, element("td", {}));
    head.forEach(function (name) { top.appendChild(element("th", { scope: "col" }, name)); });
    return element("table", { class: "numbers role-" + role }, element("caption", {}, title), element("thead", {}, top), body);
  }
  // -> is there something to draw?
  function draw(moved) {
    var known = Array.prototype.filter.call(text.value, function (c) { return symbols.indexOf(c) >= 0; });
    if (known.length !== text.value.length || !known.length) {
      said.textContent = "The model knows four symbols, the blank, e, h and t; please write at least one of them, and no others.";
      return false;
    }
    var window_ = known.slice(-room), ids = window_.map(function (c) { return symbols.indexOf(c); });
    if (!moved) {
      position.textContent = "";
      window_.forEach(function (c, p) { position.appendChild(element("option", { value: p }, p + " “" + letter(c) + "”")); });
      position.value = window_.length - 1;
    }
    var t = Number(position.value), all = pass(ids, t, !off.checked), channels = ["␣", "e", "h", "t"];
    var before = window_.slice(0, t + 1).map(letter), best = all.shares.indexOf(Math.max.apply(null, all.shares));
    sheets.textContent = "";
    sheets.appendChild(table("The stream", channels, [["what", all.what], ["where", all.where], ["x", all.x], ["heard", all.heard], ["read", all.read], ["thought", all.thought], ["after", all.after]], "residual"));
    sheets.appendChild(table("Whom it asks", before, [["head 0", all.weights[0]], ["head 1", all.weights[1]]], "activation"));
    sheets.appendChild(table("On the way", ["0", "1", "2", "3"], [["normed", all.normed], ["query", all.q], ["mix", all.mix], ["normed 2", all.normed_2], ["last norm", all.last]], "query"));
    var fire = [];
    all.hidden.forEach(function (u, i) { if (u > 0) fire.push(["unit " + i, [u]]); });
    sheets.appendChild(table("Units that fire", ["after relu"], fire, "activation"));
    sheets.appendChild(table("What comes next", channels, [["logits", all.logits], ["shares", all.shares]], "loss"));
    said.textContent = "Position " + t + ", “" + letter(window_[t]) + "”, after “" + before.join("") + "”" + (off.checked ? ", hearing nothing of the others" : "") + ": “" + letter(symbols[best]) + "” is likeliest, with a share of " + number(all.shares[best], 3) + "." +
      (known.length > room ? " The model sees the last " + room + " symbols." : "");
    said.setAttribute("data-best", symbols[best]);
    return true;
  }
  function append() {
    if (!draw()) return;
    text.value += said.getAttribute("data-best");
    draw();
  }
  text.addEventListener("input", function () { draw(); });
  position.addEventListener("change", function () { draw(true); });
  off.addEventListener("change", function () { draw(true); });
  live.appendChild(element("div", { class: "controls" }, element("label", { class: "field" }, "Text ", text), element("label", { class: "field" }, "Position ", position),
    element("label", { class: "field" }, off, "attention off"), element("button", { type: "button", onclick: append }, "Append the likeliest, and ask again")));
  live.appendChild(said);
  live.appendChild(sheets);
  draw();
});
