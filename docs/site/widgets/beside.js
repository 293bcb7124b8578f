// A class beside its picture: boxes of the picture light up their lines of the code, and the other way round. A box is
// an SVG element with data-part="name" and either data-lines="2,4-6" (lines of the quote) or data-code="text that its
// lines hold" (several texts with " | " between). Hover, focus or press; a press keeps it lit.
(function () {
  "use strict";

  var side_by_side = window.matchMedia("(min-width: 1260px)");  // as in widgets.css

  function numbers(list) {
    var found = [];
    list.split(",").forEach(function (range) {
      var ends = range.split("-").map(Number);
      for (var i = ends[0]; i <= ends[ends.length - 1]; i++) found.push(i);
    });
    return found;
  }

  // A button's name begins with what is written on it.
  function words_of(box) {
    return Array.prototype.map.call(box.querySelectorAll("text"), function (text) { return text.textContent; })
      .join(" ").replace(/\s+/g, " ").trim();
  }

  bardling.each(".beside", function (root) {
    if (root.getAttribute("data-state")) return;
    root.setAttribute("data-state", "ready");
    var lines = Array.prototype.slice.call(root.querySelectorAll(".beside-code .line"));
    var of_line = lines.map(function () { return []; }), parts = [], kept = null;

    bardling.each(".beside-picture [data-part]", function (box) {
      var name = box.getAttribute("data-part");
      var wanted = box.hasAttribute("data-lines") ? numbers(box.getAttribute("data-lines")) : [];
      (box.getAttribute("data-code") || "").split(" | ").forEach(function (text) {
        if (!text) return;
        var before = wanted.length;
        lines.forEach(function (line, i) { if (line.textContent.replace(/\u00a0/g, " ").indexOf(text) >= 0) wanted.push(i + 1); });
        if (wanted.length === before) console.error("beside: no line of the code holds \"" + text + "\" (part " + name + ")");
      });
      var part = { name: name, box: box, lines: wanted.map(function (n) { return lines[n - 1]; }).filter(Boolean) };
      parts.push(part);
      wanted.forEach(function (n) { if (of_line[n - 1]) of_line[n - 1].push(part); });
      make_button(box, words_of(box) || name, function () { return [part]; });
    }, root);
    lines.forEach(function (line, i) {
      if (of_line[i].length) make_button(line, null, function () { return of_line[i]; });
    });

    function light(chosen) {
      root.classList.toggle("lit", chosen.length > 0);
      parts.forEach(function (part) { part.box.classList.toggle("lit", chosen.indexOf(part) >= 0); });
      lines.forEach(function (line, i) {
        line.classList.toggle("lit", of_line[i].some(function (part) { return chosen.indexOf(part) >= 0; }));
      });
    }
    // The lines that a box of the picture has lit up come on screen: first in their own box, then in the page.
    function show(line) {
      if (!line) return;
      var box = line.closest(".fragment"), place = box.getBoundingClientRect(), at = line.getBoundingClientRect();
      if (at.top < place.top || at.bottom > place.bottom) box.scrollTop += at.top - place.top - (place.height - at.height) / 2;
      line.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    function rest() { light(kept ? kept() : []); }
    function make_button(target, name, chosen) {
      target.setAttribute("tabindex", "0");
      target.setAttribute("role", "button");
      target.setAttribute("aria-pressed", "false");
      if (name) target.setAttribute("aria-label", name + ": show its lines of code");
      function shine() {
        light(chosen());
        if (side_by_side.matches && lines.indexOf(target) < 0) show(chosen()[0].lines[0]);
      }
      target.addEventListener("pointerenter", shine);
      target.addEventListener("pointerleave", rest);
      target.addEventListener("focus", shine);
      target.addEventListener("blur", rest);
      function release() {
        bardling.each('[aria-pressed="true"]', function (other) { other.setAttribute("aria-pressed", "false"); }, root);
      }
      function toggle() {
        kept = target.getAttribute("aria-pressed") === "true" ? null : chosen;
        release();
        if (kept) target.setAttribute("aria-pressed", "true");
        light(chosen());
      }
      target.addEventListener("click", toggle);
      target.addEventListener("keydown", function (event) {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(); }
        if (event.key === "Escape") { kept = null; release(); light([]); }
      });
    }
  });
})();
