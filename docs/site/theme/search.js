// The search: texts and class reference, offline. The index is a script that is loaded when the field is first used, so
// that it works on file:// and costs other readers nothing.
(function () {
  "use strict";
  var element = bardling.element;
  var field = document.getElementById("search-field"), list = document.getElementById("search-results");
  var status = document.getElementById("search-status");
  if (!field) return;
  var chosen = -1;

  function load() {
    if (window.bardlingIndex || load.asked) return;
    load.asked = true;
    var script = element("script", { src: "search-index.js" });
    script.onload = show;
    document.head.appendChild(script);
  }

  function excerpt(hit, words) {
    var line = element("span", { class: "excerpt" }), from = Math.max(0, hit.at - 45);
    var piece = (from > 0 ? "…" : "") + hit.text.slice(from, from + 130) + "…";
    var rest = piece, pattern = new RegExp("(" + words.map(function (w) { return w.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"); }).join("|") + ")", "i");
    for (var match = pattern.exec(rest); match; match = pattern.exec(rest)) {
      line.appendChild(document.createTextNode(rest.slice(0, match.index)));
      line.appendChild(element("mark", {}, match[0]));
      rest = rest.slice(match.index + match[0].length);
    }
    line.appendChild(document.createTextNode(rest));
    return line;
  }

  function remark(words) {
    return element("p", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, words);
  }

  function close() {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function show() {
    if (!field.value.trim() || !window.bardlingIndex) { close(); status.textContent = ""; return; }
    var found = bardlingFind(window.bardlingIndex, field.value), hits = found.hits, words = found.words;
    list.textContent = "";
    chosen = -1;
    if (found.instead) list.appendChild(remark("Nothing for “" + field.value.trim() + "”; here is “" + found.instead + "”."));
    hits.forEach(function (hit, i) {
      var option = element("a", { role: "option", id: "search-result-" + i, href: hit.url, tabindex: "-1", "aria-selected": "false" },
        element("span", { class: "hit-title" }, hit.title), element("span", { class: "hit-kind" }, hit.kind));
      if (hit.at >= 0) option.appendChild(excerpt(hit, words));
      list.appendChild(option);
    });
    if (!hits.length) list.appendChild(remark("Nothing found. One word, or the beginning of one, is often enough."));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    status.textContent = hits.length + (hits.length === 1 ? " result" : " results");
  }

  function choose(i) {
    var options = list.querySelectorAll("a");
    if (!options.length) return;
    chosen = (i + options.length) % options.length;
    bardling.each("a", function (option) { option.setAttribute("aria-selected", "false"); }, list);
    options[chosen].setAttribute("aria-selected", "true");
    options[chosen].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", options[chosen].id);
  }

  field.addEventListener("focus", load);
  field.addEventListener("input", function () { load(); show(); });
  field.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Escape") { close(); return; }
    else if (event.key === "Enter") {
      var options = list.querySelectorAll("a");
      if (!list.hidden && options.length) window.location.href = options[Math.max(0, chosen)].href;
    } else return;
    event.preventDefault();
  });
  document.addEventListener("pointerdown", function (event) {
    if (!event.target.closest || !event.target.closest("#search")) close();
  });
  document.getElementById("search").addEventListener("focusout", function (event) {
    if (event.relatedTarget && !this.contains(event.relatedTarget)) close();
  });
  // "/" goes to the search from anywhere, as on many sites, unless a field has the keyboard.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
})();
