/* The sidebar page inside Zendesk: learns which ticket it is beside, carries our pass, keeps its height and its focus. */
"use strict";

(function () {
  const card = document.getElementById("card");
  const told = document.getElementById("told");
  const unreached = document.getElementById("unreached");
  const client = window.ZAFClient ? window.ZAFClient.init() : null;
  const KEEP = 600000; // milliseconds after which a page that stays open fetches its next pass
  const CALM = 10000; // milliseconds in which a page that is shown again need not be fetched again
  let bearer = document.body.dataset.bearer;
  let ticket = "";
  let loaded = 0;
  let height = 0;

  function load() {
    unreached.hidden = true;
    if (ticket) {
      loaded = Date.now();
      window.htmx.ajax("GET", "/sidebar/card?ticket=" + encodeURIComponent(ticket), { target: "#card", swap: "innerHTML" });
      return;
    }
    client.get("ticket.id").then(function (found) {
      ticket = String(found["ticket.id"] || "");
      if (ticket) { load(); } else { fail(); }
    }).catch(fail);
  }

  function fail() {
    card.setAttribute("aria-busy", "false");
    card.replaceChildren();
    unreached.hidden = false;
    fit();
  }

  function fit() {
    const wanted = Math.ceil(document.querySelector("main").getBoundingClientRect().height);
    if (client && wanted !== height) {
      height = wanted;
      client.invoke("resize", { width: "100%", height: wanted + "px" });
    }
  }

  function paint(scheme) {
    if (scheme === "dark" || scheme === "light") { document.documentElement.dataset.theme = scheme; }
  }

  function isBusy() {
    return card.contains(document.activeElement) && document.activeElement.tagName === "SELECT";
  }

  function keep() {
    fetch("/sidebar/card?keep=1", { headers: { Authorization: "Bearer " + bearer } }).then(function (answer) {
      bearer = answer.headers.get("X-Followthrough-Bearer") || bearer;
    }).catch(function () {}); // the next click tells, where it matters
  }

  document.addEventListener("htmx:configRequest", function (event) {
    event.detail.headers.Authorization = "Bearer " + bearer;
  });
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    bearer = event.detail.xhr.getResponseHeader("X-Followthrough-Bearer") || bearer;
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    const waiting = event.detail.pathInfo.requestPath.includes("since=");
    if (waiting && (isBusy() || event.detail.xhr.status >= 400)) { event.detail.shouldSwap = false; }
  });
  document.addEventListener("htmx:afterSettle", function () {
    const words = card.querySelector("[data-told]");
    const place = card.querySelector("[data-focus]");
    card.setAttribute("aria-busy", "false");
    unreached.hidden = true;
    told.textContent = words ? words.textContent : "";
    if (place) { place.focus({ preventScroll: true }); }
    fit();
  });
  document.addEventListener("htmx:sendError", fail);
  document.addEventListener("htmx:timeout", fail);
  document.getElementById("retry").addEventListener("click", load);

  if (!client) { fail(); return; }
  client.on("app.activated", function () {
    if (ticket && Date.now() - loaded > CALM && !isBusy()) { load(); }
  });
  client.on("colorScheme.changed", paint);
  setInterval(keep, KEEP);
  new ResizeObserver(fit).observe(document.querySelector("main"));
  load();
})();
