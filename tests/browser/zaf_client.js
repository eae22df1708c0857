/* Stands in for Zendesk's script in the browser tests: the documented calls (init, get, invoke, on), spoken to the window
   around the page. The real one is loaded from Zendesk and may not be fetched by a test. */
"use strict";
window.ZAFClient = {
  init: function () {
    const said = new URLSearchParams(location.search);
    const origin = said.get("origin");
    const guid = said.get("app_guid");
    if (!origin || !guid) { return false; }
    const waiting = new Map();
    const handlers = {};
    let last = 0;
    function tell(message) {
      window.parent.postMessage(JSON.stringify(Object.assign({ appGuid: guid, instanceGuid: guid }, message)), origin);
    }
    function ask(request, params) {
      last += 1;
      const id = last;
      return new Promise(function (resolve, reject) {
        waiting.set(id, { resolve: resolve, reject: reject });
        setTimeout(function () { reject(new Error("Timeout when invoking " + request)); }, 5000);
        tell({ id: id, request: request, params: params });
      });
    }
    window.addEventListener("message", function (event) {
      if (event.origin !== origin || event.source !== window.parent) { return; }
      const message = JSON.parse(event.data);
      const asked = waiting.get(message.id);
      if (asked && message.error) { asked.reject(new Error(message.error.message)); }
      else if (asked) { asked.resolve(message.result); }
      else if (/^zaf\./.test(message.key || "")) {
        (handlers[message.key.slice(4)] || []).forEach(function (handler) { handler(message.message); });
      }
    });
    tell({ key: "iframe.handshake", message: { version: "test" } });
    return {
      get: function (names) { return ask("get", [].concat(names)); },
      invoke: function (name, value) { return ask("invoke", { [name]: [value] }); },
      on: function (name, handler) {
        (handlers[name] = handlers[name] || []).push(handler);
        tell({ key: "iframe.on:" + name, message: { subscriberCount: handlers[name].length } });
      },
    };
  },
};
