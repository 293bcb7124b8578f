// The chapters' validation losses as a ladder: choose a rung by pointer or arrow keys and read how far it leads down. Data:
// window.bardlingReports[NAME].
bardling.widget("loss-ladder", function (root, live) {
  "use strict";
  var element = bardling.element, number = bardling.number;
  var reports = root.getAttribute("data-report").split(",").map(function (name) { return window.bardlingReports[name]; });
  var ladder = root.querySelector("ol.ladder").cloneNode(true), rungs = ladder.querySelectorAll("li"), at = 0;
  var said = element("p", { class: "said", "aria-live": "polite" });
  var box = element("div", { class: "ladder-box", tabindex: "0", role: "application" }, ladder);
  function go(to) {
    rungs[at].classList.remove("chosen");
    at = Math.max(0, Math.min(rungs.length - 1, to));
    rungs[at].classList.add("chosen");
    var run = reports[at], before = at ? reports[at - 1] : null;
    said.textContent = "Chapter " + run.chapter + ", " + run.title + ": validation loss " + number(run.val_loss, 4) +
      (before ? ", " + number(Math.abs(before.val_loss - run.val_loss), 4) + (run.val_loss <= before.val_loss ? " below" : " above") + " the rung before" : "") +
      (run.parameters ? "; " + run.parameters + " parameters, " + run.steps + " steps" : "") + ". Data: " + run.origin + ".";
    said.setAttribute("data-value", run.val_loss);
    box.setAttribute("aria-label", "Ladder of losses. Up and down arrow choose a chapter. " + said.textContent);
  }
  box.addEventListener("keydown", function (event) {
    var to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rungs.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(to);
  });
  function point(event) {
    var rung = event.target.closest("li");
    if (rung) go(Array.prototype.indexOf.call(rungs, rung));
  }
  box.addEventListener("pointerover", point);
  box.addEventListener("pointerdown", point);
  live.appendChild(box);
  live.appendChild(root.querySelector(".legend").cloneNode(true));
  live.appendChild(said);
  go(rungs.length - 1);
});
