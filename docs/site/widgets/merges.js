// A vocabulary that grows: byte pair encoding learned from the text in the box, a merge at a time. The rules are those of
// chapters/09_subwords: words by GPT-2's pattern, bytes, the most frequent pair, of several the one with the smallest ids.
bardling.widget("merges", function (root, live) {
  "use strict";
  var element = bardling.element;
  var pattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
  var most = 200, longest = 2000;                          // merges, and characters that are read
  var roles = ["query", "key", "value", "residual", "weight", "activation"];
  var id = "merges-" + Math.random().toString(36).slice(2);
  var merges = [], stages = [], all = [], at = 0;         // all: the pieces as they stand; at: the chosen one's place

  // All merges of a text, as far as a pair stands there twice. stages[n]: the words in ids after n of them.
  function learn(text) {
    var words = (text.match(pattern) || []).map(function (word) { return Array.from(new TextEncoder().encode(word)); });
    merges = [];
    stages = [words];
    while (merges.length < most) {
      var counts = new Map(), best = null;
      words.forEach(function (word) {
        for (var i = 0; i + 1 < word.length; i++) {
          var key = word[i] * 65536 + word[i + 1];
          counts.set(key, (counts.get(key) || 0) + 1);
        }
      });
      counts.forEach(function (times, key) {
        if (best === null || times > best.times || (times === best.times && key < best.key)) best = { key: key, times: times };
      });
      if (best === null || best.times < 2) return;
      var left = Math.floor(best.key / 65536), right = best.key % 65536, result = 256 + merges.length;
      merges.push({ left: left, right: right, times: best.times });
      words = words.map(function (word) {
        var merged = [];
        for (var i = 0; i < word.length; i++) {
          if (word[i] === left && word[i + 1] === right) { merged.push(result); i++; } else merged.push(word[i]);
        }
        return merged;
      });
      stages.push(words);
    }
  }

  function bytes(token) {
    return token < 256 ? [token] : bytes(merges[token - 256].left).concat(bytes(merges[token - 256].right));
  }
  function shown(token) {                                  // half a character as its bytes
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes(token))).replace(/ /g, "·").replace(/\n/g, "⏎");
    } catch (error) {
      return bytes(token).map(function (byte) { return "⟨" + byte.toString(16).padStart(2, "0") + "⟩"; }).join("");
    }
  }
  function grown(token) {                                  // how a piece came to be, from its two halves down to bytes
    var item = element("li", {}, shown(token));
    if (token >= 256) {
      var halves = merges[token - 256];
      item.appendChild(element("span", { class: "count" }, " merge " + (token - 255) + ", " + halves.times + " times"));
      item.appendChild(element("ul", {}, grown(halves.left), grown(halves.right)));
    }
    return item;
  }

  var text = element("textarea", { id: id + "text", rows: 2, maxlength: longest, spellcheck: "false" }, "thou that they thee");
  var slider = element("input", { type: "range", id: id + "merges", min: 0, step: 1, value: 0 });
  var number = element("output", { for: id + "merges", class: "big-number" });
  var said = element("p", { class: "said", role: "status" });
  var pieces = element("p", { class: "pieces" });
  var tree = element("ul", { class: "grown" });

  function draw() {
    var n = Number(slider.value), last = n > 0 ? merges[n - 1] : null;
    var before = [].concat.apply([], stages[0]).length;
    all = [].concat.apply([], stages[n]);
    at = last ? all.indexOf(255 + n) : 0;
    number.textContent = n;
    pieces.textContent = "";
    all.forEach(function (token, place) {
      var button = element("button", { type: "button", class: "piece" + (token < 256 ? "" : " role-" + roles[token % roles.length]) }, shown(token));
      ["pointerenter", "click"].forEach(function (kind) {
        button.addEventListener(kind, function () { choose(place); });
      });
      pieces.appendChild(button);
    });
    said.textContent = (last ? "Merge " + n + " of " + merges.length + ": " + shown(last.left) + " and " + shown(last.right) + " stood side by side " +
      last.times + " times. " : merges.length > 0 ? "Every byte is a piece. " : "No two pieces stand side by side twice. ") + all.length + " pieces for " + before + " bytes.";
    said.setAttribute("data-pieces", all.length);
    choose(at);
  }
  function choose(place) {                                 // all pieces like it are marked; the keyboard stands on one
    at = Math.max(0, Math.min(all.length - 1, place));
    Array.from(pieces.children).forEach(function (button, i) {
      button.setAttribute("aria-pressed", String(all[i] === all[at]));
      button.tabIndex = i === at ? 0 : -1;
    });
    tree.textContent = "";
    if (all.length > 0) tree.appendChild(grown(all[at]));
  }
  function read() {
    learn(text.value);
    slider.max = merges.length;
    slider.disabled = merges.length === 0;
    if (Number(slider.value) > merges.length) slider.value = merges.length;
    draw();
  }

  slider.addEventListener("input", draw);
  text.addEventListener("input", read);
  pieces.addEventListener("keydown", function (event) {
    var to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    choose(to);
    pieces.children[at].focus();
  });
  live.appendChild(element("label", { for: id + "text" }, "Learn from this text"));
  live.appendChild(text);
  live.appendChild(element("div", { class: "controls" }, element("label", { for: id + "merges" }, "Merges"), slider, number));
  live.appendChild(pieces);
  live.appendChild(said);
  live.appendChild(tree);
  live.appendChild(element("p", { class: "legend" }, "Pieces without a colour are bytes; the others were merged, each with a colour of its own, as far as there are colours. Point at a piece, or go there by arrow keys, to see how it grew; or write another text."));
  read();
});
