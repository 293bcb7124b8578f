// What several ranks did when: choose a stretch of time by pointer or arrow keys. Data: the tensors "timeline.WAY" of
// window.bardlingTraces[NAME], rows of rank, what it was at, start and end in milliseconds.
bardling.widget("timeline", function (root, live) {
  "use strict";
  var element = bardling.element;
  var trace = window.bardlingTraces[root.getAttribute("data-trace")];
  var ways = trace.tensors.filter(function (t) { return t.name.indexOf("timeline.") === 0; });
  var words = ["computes forward", "computes backward", "sends", "waits", "packs, divides and moves weights"];
  var box = element("div", { class: "timeline-box", tabindex: "0", role: "application" }, root.querySelector("svg.timeline").cloneNode(true));
  var lanes = [], lane = 0, at = 0;                          // a lane for each way and rank: its stretches in time
  bardling.each("rect[data-row]", function (rect) {
    var w = Number(rect.dataset.way), row = ways[w].values.slice(4 * rect.dataset.row, 4 * rect.dataset.row + 4);
    var one = { rect: rect, way: w, rank: row[0], doing: row[1], start: row[2], end: row[3] };
    var last = lanes[lanes.length - 1];
    if (last && last[0].way === w && last[0].rank === one.rank) last.push(one); else lanes.push([one]);
    rect.place = [lanes.length - 1, lanes[lanes.length - 1].length - 1];
  }, box);
  var said = element("p", { class: "said", "aria-live": "polite" });

  function go(to_lane, to) {
    lanes[lane][at].rect.classList.remove("chosen");
    lane = Math.max(0, Math.min(lanes.length - 1, to_lane));
    at = Math.max(0, Math.min(lanes[lane].length - 1, to));
    var one = lanes[lane][at], whole = 0, waits = 0;
    lanes[lane].forEach(function (other) {
      whole += other.end - other.start;
      if (other.doing === 3) waits += other.end - other.start;
    });
    one.rect.classList.add("chosen");
    said.textContent = ways[one.way].name.slice(9) + ", rank " + one.rank + ", from " + one.start.toFixed(2) + " ms to " + one.end.toFixed(2) +
      " ms: " + words[one.doing] + ". In all, this rank waits for " + Math.round(100 * waits / whole) + " % of the time.";
    said.setAttribute("data-value", one.end - one.start);
    box.setAttribute("aria-label", "What ranks did when. Arrow keys left and right go through the time, up and down to another rank. " + said.textContent);
  }
  function meanwhile(other) {                                // in another lane, what was at the same time
    var time = lanes[lane][at].start, found = 0;
    lanes[Math.max(0, Math.min(lanes.length - 1, other))].forEach(function (one, i) { if (one.start <= time) found = i; });
    return found;
  }
  box.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    var to = { ArrowLeft: [lane, at - 1], ArrowRight: [lane, at + 1], ArrowUp: [lane - 1, meanwhile(lane - 1)],
      ArrowDown: [lane + 1, meanwhile(lane + 1)], Home: [lane, 0], End: [lane, lanes[lane].length - 1] }[event.key];
    if (!to) return;
    event.preventDefault();
    go(to[0], to[1]);
  });
  function point(event) {
    var rect = event.target.closest("rect[data-row]");
    if (rect) go(rect.place[0], rect.place[1]);
  }
  box.addEventListener("pointerover", point);
  box.addEventListener("pointerdown", point);
  live.appendChild(box);
  live.appendChild(said);
  live.appendChild(element("p", { class: "origin" }, "High: computing; highest, in another colour: sending; low: waiting. Data: " + trace.run + "; " + trace.origin + "."));
  go(0, 0);
});
