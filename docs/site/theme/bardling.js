// What every page of the site needs: the theme switch, names for assistive technology, copy buttons, code that can be
// scrolled by keyboard, the place in the page's contents, and a door for the widgets. No framework, no request.
(function () {
  "use strict";

  function each(selector, action, root) {
    Array.prototype.forEach.call((root || document).querySelectorAll(selector), action);
  }

  // ------------------------------------------------------------------------------------------------------------ theme
  function set_theme(dark) {
    document.documentElement.className = dark ? "dark-mode" : "light-mode";
    var button = document.getElementById("theme-toggle");
    if (button) button.setAttribute("aria-pressed", String(dark));
    document.dispatchEvent(new CustomEvent("bardling-theme"));
  }

  function start_theme() {
    var button = document.getElementById("theme-toggle");
    set_theme(document.documentElement.className === "dark-mode");
    if (!button) return;
    button.addEventListener("click", function () {
      var dark = document.documentElement.className !== "dark-mode";
      try { localStorage.setItem("bardling-theme", dark ? "dark" : "light"); } catch (e) { /* the choice lasts a page */ }
      set_theme(dark);
    });
  }

  // --------------------------------------------------------------------------------- what Doxygen's HTML does not say
  function name_things() {
    function set(selector, attributes) {
      each(selector, function (element) {
        Object.keys(attributes).forEach(function (key) { element.setAttribute(key, attributes[key]); });
      });
    }
    set("#doc-content", { role: "main", tabindex: "-1" });
    set("#top", { role: "banner" });
    set("#side-nav", { role: "navigation", "aria-label": "Pages" });
    set("#nav-path", { role: "contentinfo" });
    set("#main-nav", { role: "navigation", "aria-label": "Site" });
    set("div.toc", { role: "navigation", "aria-label": "On this page" });
    each("td.entry a > .icondoc", function (icon) {  // a second way to the same page: its name is beside it
      icon.parentNode.setAttribute("tabindex", "-1");
      icon.parentNode.setAttribute("aria-hidden", "true");
    });
    set("#main-menu-state", { "aria-label": "Menu" });
    set("#nav-tree", { tabindex: "0", role: "group", "aria-label": "Pages" });
    each("img:not([alt])", function (image) { image.alt = ""; });
    each(".header .title", function (title) {  // chapter and reading time stand under the title, above the contents
      each(".contents .page-meta", function (meta) { title.parentNode.insertBefore(meta, title.nextSibling); });
    });
    each("div.toc > h3", function (title) { title.textContent = "On this page"; });
    each(".header .title", function (title) {
      title.setAttribute("role", "heading");
      title.setAttribute("aria-level", "1");
    });
    // Markdown's ## is an <h1> to Doxygen; below the page's title it is the second level.
    if (document.querySelector(".header .title") && !document.querySelector(".landing")) {
      each(".contents .textblock h1, .contents .textblock h2, .contents .textblock h3", function (heading) {
        heading.setAttribute("aria-level", String(Number(heading.tagName[1]) + 1));
        heading.setAttribute("role", "heading");
      });
    }
  }

  // ------------------------------------------------------------------------------------------------- code and tables
  function copy_text(fragment) {
    var lines = fragment.querySelectorAll(".line");
    if (!lines.length) return fragment.textContent;
    return Array.prototype.map.call(lines, function (line) {
      var copy = line.cloneNode(true);
      each(".lineno", function (number) { number.parentNode.removeChild(number); }, copy);
      return copy.textContent.replace(/\u00a0/g, " ");
    }).join("\n") + "\n";
  }

  function write_clipboard(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    var area = document.createElement("textarea");  // file:// is not a secure context everywhere
    area.value = text;
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    document.body.removeChild(area);
    return done ? Promise.resolve() : Promise.reject(new Error("copy refused"));
  }

  function start_code() {
    each("div.fragment, pre.fragment", function (fragment) {
      if (fragment.closest(".memproto")) return;
      var box = document.createElement("div"), button = document.createElement("button");
      box.className = "code-box";
      button.className = "copy";
      button.type = "button";
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy this code");
      button.addEventListener("click", function () {
        write_clipboard(copy_text(fragment)).then(function () { button.textContent = "Copied"; },
                                                  function () { button.textContent = "Select and press Ctrl-C"; })
          .then(function () { setTimeout(function () { button.textContent = "Copy"; }, 1600); });
      });
      each(".line", function (line) {  // on a phone, a comment behind the code stands under it
        var last = line.lastElementChild;
        if (last && last.className === "comment" && line.textContent.replace(last.textContent, "").trim()) last.classList.add("behind");
      }, fragment);
      fragment.parentNode.insertBefore(box, fragment);
      box.appendChild(fragment);
      box.appendChild(button);
    });
    each("table.markdownTable, .textblock table.doxtable", function (table) {
      var box = document.createElement("div");
      box.className = "table-box";
      table.parentNode.insertBefore(box, table);
      box.appendChild(table);
    });
  }

  // Whatever scrolls sideways must be reachable by keyboard.
  function mark_scrollers() {
    each(".fragment, .table-box, .figure-body, .formulaDsp, .memproto, .memberdecls, .matrix-box", function (box) {
      if (box.scrollWidth > box.clientWidth + 1) {
        box.setAttribute("tabindex", "0");
        if (!box.hasAttribute("role")) box.setAttribute("role", "group");
        if (!box.hasAttribute("aria-label")) box.setAttribute("aria-label", box.classList.contains("fragment") ? "Code" : "Wide content");
      }
    });
  }

  // What is folded away opens for print, and for a link that leads into it.
  function start_folds() {
    function open_around(target) {
      for (var fold = target && target.closest("details"); fold; fold = fold.parentNode.closest("details")) fold.open = true;
    }
    window.addEventListener("beforeprint", function () { each("details.fold", function (fold) { fold.open = true; }); });
    window.addEventListener("hashchange", function () { open_around(document.getElementById(decodeURIComponent(location.hash.slice(1)))); });
    open_around(document.getElementById(decodeURIComponent(location.hash.slice(1))));
  }

  // ---------------------------------------------------------------------------------------------- the glossary's cards
  function start_cards() {
    var card = document.createElement("div");
    card.id = "term-card";
    card.setAttribute("role", "tooltip");
    card.hidden = true;
    document.body.appendChild(card);
    var shown = null;
    function hide() {
      // Who reads with a screen reader hears a term's own card or none: a hidden one would still be read out.
      if (shown) shown.removeAttribute("aria-describedby");
      shown = null;
      card.hidden = true;
    }
    function place() {
      var at = shown.getBoundingClientRect(), size = card.getBoundingClientRect(), wide = document.documentElement.clientWidth;
      card.style.left = Math.max(8, Math.min(at.left, wide - size.width - 8)) + "px";
      card.style.top = (at.bottom + size.height + 8 < window.innerHeight ? at.bottom + 6 : at.top - size.height - 6) + "px";
    }
    each("a.term", function (link) {
      function show() {
        hide();
        shown = link;
        link.setAttribute("aria-describedby", "term-card");
        card.textContent = link.getAttribute("data-card");
        card.hidden = false;
        place();
      }
      function leave() { if (shown === link) hide(); }  // and not another's card
      link.addEventListener("pointerenter", show);
      link.addEventListener("focus", show);
      link.addEventListener("pointerleave", leave);
      link.addEventListener("blur", leave);
    });
    document.addEventListener("keydown", function (event) { if (event.key === "Escape") hide(); });
    document.addEventListener("scroll", function () {  // the keyboard may have brought the term into view
      if (shown && shown === document.activeElement) place(); else hide();
    }, { passive: true, capture: true });
  }

  // -------------------------------------------------------------------------------------- the place in the contents
  function follow_contents() {
    var links = Array.prototype.slice.call(document.querySelectorAll("div.toc a"));
    var scroller = document.getElementById("doc-content");
    if (!links.length || !scroller) return;
    var targets = links.map(function (link) { return document.getElementById(decodeURIComponent(link.hash.slice(1))); });
    function mark() {
      var current = -1;
      targets.forEach(function (target, i) { if (target && target.getBoundingClientRect().top < 140) current = i; });
      links.forEach(function (link, i) {
        if (i === current) link.setAttribute("aria-current", "location"); else link.removeAttribute("aria-current");
      });
    }
    scroller.addEventListener("scroll", mark, { passive: true });
    window.addEventListener("scroll", mark, { passive: true });
    mark();
  }

  // ----------------------------------------------------------------------------------------------------------- widgets
  // A widget's script calls bardling.widget("name", start); start(root, live) fills `live` for each <div class="widget"
  // data-widget="name">. The still picture stays until start() returns, and comes back in print and after an error.
  var bardling = window.bardling = {
    each: each,
    widget: function (name, start) {
      if (document.readyState !== "complete" && !bardling.loaded) {  // its data may be in a later script of the page
        document.addEventListener("DOMContentLoaded", function () { bardling.widget(name, start); });
        return;
      }
      each('.widget[data-widget="' + name + '"]', function (root) {
        if (root.getAttribute("data-state") === "ready") return;
        var live = document.createElement("div");
        live.className = "widget-live";
        root.appendChild(live);
        try {
          start(root, live);
          each(":scope > p.origin", function (origin) {  // whose numbers these are, for those who ask
            var fold = bardling.element("details", { class: "origin" }, bardling.element("summary", {}, "Where the numbers come from"));
            origin.parentNode.insertBefore(fold, origin);
            fold.appendChild(origin);
          }, live);
          root.setAttribute("data-state", "ready");
        } catch (error) {
          root.removeChild(live);
          root.setAttribute("data-state", "failed");
          console.error(name + ": " + error.message);
        }
      });
      mark_scrollers();
    },
    // element("button", {type: "button", onclick: f}, "text", child, ...)
    element: function (tag, attributes) {
      var svg = /^(svg|g|rect|path|line|polyline|circle|text|title)$/.test(tag);
      var made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
      Object.keys(attributes || {}).forEach(function (key) {
        if (key.slice(0, 2) === "on") made.addEventListener(key.slice(2), attributes[key]);
        else if (attributes[key] !== null && attributes[key] !== undefined) made.setAttribute(key, attributes[key]);
      });
      for (var i = 2; i < arguments.length; i++) {
        var child = arguments[i];
        made.appendChild(typeof child === "object" ? child : document.createTextNode(String(child)));
      }
      return made;
    },
    // 0.5 -> "0.50", a true minus sign, and words for what is no number
    number: function (value, digits) {
      if (value === -Infinity) return "−∞";
      if (!isFinite(value)) return String(value);
      var text = value.toFixed(digits === undefined ? 2 : digits);
      return (/^-0\.?0*$/.test(text) ? text.slice(1) : text).replace("-", "−");
    }
  };

  document.addEventListener("DOMContentLoaded", function () { bardling.loaded = true; });

  function start() {
    start_theme();
    name_things();
    start_code();
    mark_scrollers();
    follow_contents();
    start_cards();
    start_folds();
    window.addEventListener("resize", mark_scrollers);
    if (document.fonts && document.fonts.ready) document.fonts.ready.then(mark_scrollers);
    // Doxygen's script makes the menu later, and again when the window changes its width.
    var menu = document.getElementById("top");
    if (menu) new MutationObserver(name_things).observe(menu, { childList: true, subtree: true });
    document.documentElement.setAttribute("data-bardling", "ready");
  }
  start();
})();
