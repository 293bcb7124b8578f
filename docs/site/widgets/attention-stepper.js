// Attention, one multiplication at a time. Q, K and V are those of the still tables; every step says what it reads and
// what it writes, and Next, Space or the right arrow does the next one.
bardling.widget("attention-stepper", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;

  function read(name) {
    return Array.prototype.map.call(root.querySelectorAll('[data-matrix="' + name + '"] tbody tr'), function (row) {
      return Array.prototype.map.call(row.querySelectorAll("td"), function (cell) {
        return Number(cell.textContent.replace("−", "-"));
      });
    });
  }
  var Q = read("q"), K = read("k"), V = read("v"), T = Q.length, hs = Q[0].length;
  var letters = Array.prototype.map.call(root.querySelectorAll('[data-matrix="q"] tbody th'), function (th) { return th.textContent; });
  var stages = ["q · k", "÷ √hs", "mask", "softmax", "weights · V"];
  var bracket = function (x) { return x < 0 ? "(" + number(x, 1) + ")" : number(x, 1); };

  // All steps for one query: {stage, text, read: cells, write: [row, column, value]}. Rows of the worksheet by name.
  function plan(t) {
    var steps = [], dot = [], scaled = [], exps = [], weights = [], out = [], j, d, i;
    function step(stage, text, reads, row, column, value) {
      steps.push({ stage: stage, text: text, reads: reads, row: row, column: column, value: value });
    }
    for (j = 0; j < T; j++) {
      var so_far = 0;
      for (d = 0; d < hs; d++) {
        var product = Q[t][d] * K[j][d], before = so_far;
        so_far += product;
        step(0, "Channel " + d + " of query “" + letters[t] + "” times channel " + d + " of key “" + letters[j] + "”: " +
          number(Q[t][d], 1) + " × " + bracket(K[j][d]) + " = " + number(product, 2) +
          (d > 0 ? ", added to " + number(before, 2) + " makes " + number(so_far, 2) : "") + ".",
          ["q" + t + d, "k" + j + d], "dot", j, so_far);
      }
      dot[j] = so_far;
    }
    for (j = 0; j < T; j++) {
      scaled[j] = dot[j] / Math.sqrt(hs);
      step(1, "The score over the root of the head size: " + number(dot[j], 2) + " ÷ √" + hs + " = " + number(scaled[j], 4) + ".",
        ["dot" + j], "scaled", j, scaled[j]);
    }
    for (j = 0; j < T; j++) {
      var seen = j <= t;
      step(2, seen ? "“" + letters[j] + "” is not after “" + letters[t] + "”, so its score stays."
                   : "“" + letters[j] + "” comes after “" + letters[t] + "”: its score becomes minus infinity.",
        ["scaled" + j], "masked", j, seen ? scaled[j] : -Infinity);
    }
    var top = Math.max.apply(null, scaled.slice(0, t + 1)), sum = 0;
    for (j = 0; j < T; j++) {
      exps[j] = j <= t ? Math.exp(scaled[j] - top) : 0;
      sum += exps[j];
      step(3, j <= t ? "e to the power of " + number(scaled[j], 4) + " − " + (top < 0 ? "(" + number(top, 4) + ")" : number(top, 4)) +
                       " (the largest score, so that nothing overflows) is " + number(exps[j], 4) + "."
                     : "e to the power of minus infinity is 0: the future gets nothing.",
        ["masked" + j], "exp", j, exps[j]);
    }
    for (j = 0; j < T; j++) {
      weights[j] = exps[j] / sum;
      step(3, "Its share of the sum: " + number(exps[j], 4) + " ÷ " + number(sum, 4) + " = " + number(weights[j], 4) + ".",
        ["exp" + j], "weight", j, weights[j]);
    }
    for (d = 0; d < hs; d++) {
      out[d] = 0;
      for (i = 0; i < T; i++) {
        var part = weights[i] * V[i][d], was = out[d];
        out[d] += part;
        step(4, "The weight of “" + letters[i] + "” times channel " + d + " of its value: " + number(weights[i], 4) + " × " +
          bracket(V[i][d]) + " = " + number(part, 4) + (i > 0 ? ", added to " + number(was, 4) + " makes " + number(out[d], 4) : "") + ".",
          ["weight" + i, "v" + i + d], "out", d, out[d]);
      }
    }
    return steps;
  }

  var cells = {};
  function grid(name, caption, role, M) {
    var body = element("tbody");
    M.forEach(function (row, i) {
      var line = element("tr", {}, element("th", { scope: "row" }, letters[i]));
      row.forEach(function (x, d) { line.appendChild(cells[name + i + d] = element("td", {}, number(x, 1))); });
      body.appendChild(line);
    });
    return element("table", { class: "numbers role-" + role }, element("caption", {}, element("b", {}, caption), " (4, 2)"), body);
  }
  var sheet_rows = [["dot", "q · k", 2], ["scaled", "÷ √hs", 4], ["masked", "masked", 4], ["exp", "e^(s − max)", 4], ["weight", "weight", 4]];
  var digits = { out: 4 };
  var sheet_body = element("tbody");
  sheet_rows.forEach(function (row) {
    var line = element("tr", {}, element("th", { scope: "row" }, row[1]));
    digits[row[0]] = row[2];
    for (var j = 0; j < T; j++) line.appendChild(cells[row[0] + j] = element("td"));
    sheet_body.appendChild(line);
  });
  var sheet_head = element("tr", {}, element("td"));
  letters.forEach(function (letter) { sheet_head.appendChild(element("th", { scope: "col" }, letter)); });
  var sheet = element("table", { class: "numbers sheet" }, element("caption", {}, "One row of scores"), element("thead", {}, sheet_head), sheet_body);
  var out_line = element("tr", {}, element("th", { scope: "row" }, "out"));
  for (var d = 0; d < hs; d++) out_line.appendChild(cells["out" + d] = element("td"));
  var out = element("table", { class: "numbers role-residual" }, element("caption", {}, "What it reads"), element("tbody", {}, out_line));

  var query = 1, at = 0, steps = plan(query);
  var said = element("p", { class: "said", "aria-live": "polite" });
  var count = element("span", { class: "count" });
  var back = element("button", { type: "button", onclick: function () { go(at - 1); } }, "Back");
  var next = element("button", { type: "button", class: "primary", onclick: function () { go(at + 1); } }, "Next");
  var skip = element("button", { type: "button", onclick: function () {
    var to = at, stage = steps[Math.min(at, steps.length - 1)].stage;
    while (to < steps.length && steps[to].stage === stage) to++;
    go(to);
  } }, "Finish this stage");
  var stage_list = element("ol", { class: "stages" });
  stages.forEach(function (name) { stage_list.appendChild(element("li", {}, name)); });
  var choice = element("select", { "aria-label": "Query" });
  letters.forEach(function (letter, t) { choice.appendChild(element("option", { value: t }, "“" + letter + "”, position " + t)); });
  choice.value = query;
  choice.addEventListener("change", function () { query = Number(choice.value); steps = plan(query); go(0); });

  function go(to) {
    at = Math.max(0, Math.min(steps.length, to));
    Object.keys(cells).forEach(function (key) { cells[key].className = ""; });
    ["dot", "scaled", "masked", "exp", "weight"].forEach(function (row) {
      for (var j = 0; j < T; j++) cells[row + j].textContent = "";
    });
    for (var d = 0; d < hs; d++) cells["out" + d].textContent = "";
    for (d = 0; d < hs; d++) cells["q" + query + d].className = "of-query";
    for (var i = 0; i < at; i++) cells[steps[i].row + steps[i].column].textContent = number(steps[i].value, digits[steps[i].row]);
    var current = at > 0 ? steps[at - 1] : null;
    if (current) {
      current.reads.forEach(function (key) { cells[key].className = "reads"; });
      cells[current.row + current.column].className = "writes";
    }
    said.textContent = current ? current.text
      : "Query “" + letters[query] + "” looks for letters to read from. Press Next or Space for the first multiplication.";
    if (at === steps.length) said.textContent += " Done: this is what “" + letters[query] + "” has read.";
    count.textContent = "step " + at + " of " + steps.length;
    back.disabled = at === 0;
    next.disabled = skip.disabled = at === steps.length;
    Array.prototype.forEach.call(stage_list.children, function (item, s) {
      if (current && current.stage === s) item.setAttribute("aria-current", "step"); else item.removeAttribute("aria-current");
    });
  }

  var stepper = element("div", { class: "stepper", tabindex: "0", role: "group", "aria-label": "Attention step by step: Space or right arrow for the next step, left arrow to go back" },
    element("div", { class: "controls" }, element("label", {}, "Query ", choice), back, next, skip, count),
    stage_list, said,
    element("div", { class: "matrices matrix-box" }, grid("q", "Q", "query", Q), grid("k", "K", "key", K), grid("v", "V", "value", V), sheet, out));
  stepper.addEventListener("keydown", function (event) {
    if (event.target === choice || event.ctrlKey || event.metaKey || event.altKey) return;
    var on_button = event.target.tagName === "BUTTON";
    if (event.key === "ArrowRight" || (event.key === " " && !on_button)) { go(at + 1); event.preventDefault(); }
    else if (event.key === "ArrowLeft") { go(at - 1); event.preventDefault(); }
    else if (event.key === "Home" && !on_button) { go(0); event.preventDefault(); }
  });
  live.appendChild(stepper);
  go(0);
});
