// The engine for the widgets of a page: loads its parts when somebody asks for them, and runs it in a worker, so that
// the page never freezes; where the browser allows none (some do not on file://), in small slices on the page itself.
var bardlingLive = (function () {
  "use strict";
  const folder = document.currentScript.src.replace(/[^/]*$/, "");
  const loading = {};

  // A classic script: on file:// nothing can be fetched, but scripts run.
  function load(name) {
    return loading[name] ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = folder + name;
      script.onload = () => done();
      script.onerror = () => failed(new Error(`${name} cannot be loaded; is the site whole?`));
      document.head.appendChild(script);
    });
  }

  function bytes(base64) {
    const text = atob(base64), all = new Uint8Array(text.length);
    for (let i = 0; i < text.length; ++i) all[i] = text.charCodeAt(i);
    return all;
  }

  // What the site ships: files[name] is base64, put there by the script name.js.
  const files = {};
  async function file(name) {
    await load(name + ".js");
    return bytes(files[name]);
  }

  // One engine: every call is a promise. `slow` says that it runs on the page itself.
  async function start() {
    if (bardlingLive.missing) throw new Error(bardlingLive.missing);
    if (typeof WebAssembly !== "object")
      throw new Error("This browser has no WebAssembly, which the C++ in the page needs; any browser of the last years has it.");
    await load("engine.js");
    const wasm = await file("wasm");
    try {
      return await inWorker(wasm);
    } catch {
      return onPage(wasm);
    }
  }

  // One engine for a widget, however often it asks before it has it; what failed is tried again.
  function starter() {
    let engine = null;
    return () => engine ??= start().catch((error) => { engine = null; throw error; });
  }

  function inWorker(wasm) {
    const text = `${bardlingEngine}
      let engine;
      onmessage = ({ data: { id, name, args } }) => {
        try {
          if (name === "start") engine = bardlingEngine(args[0]);
          postMessage({ id, value: name === "start" ? engine.recipes : engine[name](...args) });
        } catch (error) {
          postMessage({ id, error: error.message });
        }
      };`;
    const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
    const waiting = new Map();
    let last = 0;
    const call = (name, ...args) =>
      new Promise((done, failed) => {
        waiting.set(++last, { done, failed });
        worker.postMessage({ id: last, name, args });
      });
    worker.onmessage = ({ data: { id, value, error } }) => {
      const { done, failed } = waiting.get(id);
      waiting.delete(id);
      error === undefined ? done(value) : failed(new Error(error));
    };
    return new Promise((done, failed) => {
      worker.onerror = (event) => {
        event.preventDefault();
        failed(new Error("no worker"));
      };
      call("start", wasm).then((recipes) => done({ call, recipes, slice: 100 }), failed);
    });
  }

  function onPage(wasm) {
    const engine = bardlingEngine(wasm);
    const call = (name, ...args) =>
      new Promise((done, failed) => {
        setTimeout(() => {
          try {
            done(engine[name](...args));
          } catch (error) {
            failed(error);
          }
        });
      });
    return { call, recipes: engine.recipes, slice: 20 };
  }

  // A code point as readers write it: what cannot be seen gets a sign.
  function sign(point) {
    if (point === 10) return "↵";
    if (point === 32) return "␣";
    if (point === 9) return "⇥";
    const letter = String.fromCodePoint(point);
    return /[\p{L}\p{N}\p{P}\p{S}]/u.test(letter) ? letter : "U+" + point.toString(16).toUpperCase().padStart(4, "0");
  }
  const text = (all) => new TextDecoder().decode(all);
  const points = (words) => Uint32Array.from(words, (letter) => letter.codePointAt(0));

  // A reader's own file: take(bytes, name), or fail(error) where it cannot be read.
  function read(given, take, fail) {
    given.arrayBuffer().then((data) => take(new Uint8Array(data), given.name),
      (error) => fail(new Error(`${given.name} cannot be read: ${error.message}`)));
  }
  // The button and the place for it.
  function fileButton(label, accept, take, fail) {
    const input = bardling.element("input", { type: "file", accept, tabindex: "-1", "aria-hidden": "true", class: "unseen" });
    input.addEventListener("change", () => {
      const given = input.files[0];
      if (given) read(given, take, fail);
      input.value = ""; // so that the same file can be chosen again
    });
    const button = bardling.element("button", { type: "button", onclick: () => input.click() }, label);
    return bardling.element("span", { class: "file-button" }, button, input);
  }
  function dropped(root, take, fail) {
    root.addEventListener("dragover", (event) => event.preventDefault());
    root.addEventListener("drop", (event) => {
      const given = event.dataTransfer.files[0];
      if (!given) return;
      event.preventDefault();
      read(given, take, fail);
    });
  }

  return { start, starter, load, file, files, sign, text, points, fileButton, dropped };
})();
