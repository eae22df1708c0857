/* Stands in for the Freshworks client in the browser tests: the documented calls, spoken to the window around the page. */
"use strict";
window.app = {
  initialized: function () {
    const waiting = new Map();
    let last = 0;
    function ask(what, said) {
      last += 1;
      const id = last;
      return new Promise(function (resolve, reject) {
        waiting.set(id, { resolve: resolve, reject: reject });
        window.parent.postMessage({ id: id, what: what, said: said }, "*");
      });
    }
    window.addEventListener("message", function (event) {
      const asked = waiting.get(event.data.id);
      if (!asked) { return; }
      if (event.data.failed) { asked.reject(event.data.failed); } else { asked.resolve(event.data.answer); }
    });
    return Promise.resolve({
      data: { get: function (name) { return ask("data", name); } },
      request: { invokeTemplate: function (name, options) { return ask("request", { name: name, options: options }); } },
      instance: { resize: function (size) { return ask("resize", size); } },
      events: { on: function (name, handler) { if (name === "app.activated") { setTimeout(handler, 0); } } },
    });
  },
};
