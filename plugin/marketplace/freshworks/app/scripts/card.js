/* The sidebar page inside Freshdesk: fetches the card through the app's request templates and puts it into the page.
   The server escapes every word it did not write itself; this file only places what it answers. */
"use strict";

(function () {
  const PASS = "x-followthrough-bearer";
  const PAUSE = 3000; // milliseconds between two looks whether the ticket was looked at again
  const TRIES = 10;
  const card = document.getElementById("card");
  const told = document.getElementById("told");
  const unreached = document.getElementById("unreached");
  let client = null;
  let bearer = "";
  let height = 0;
  let turn = 0; // what was asked last; a slower, older answer is not shown any more

  /* What this page says itself, in the browser's language, when the server cannot say it. */
  function translate() {
    const spoken = navigator.language.toLowerCase().split("-")[0];
    const words = window.FOLLOWTHROUGH_WORDS[spoken];
    if (!words) { return; }
    unreached.lang = spoken;
    unreached.dir = words.dir;
    unreached.querySelectorAll("[data-words]").forEach(function (one) { one.textContent = words[one.dataset.words]; });
  }

  function fit() {
    const wanted = Math.ceil(document.querySelector("main").getBoundingClientRect().height);
    if (client && wanted !== height) {
      height = wanted;
      client.instance.resize({ height: wanted + "px" });
    }
  }

  function fail() {
    card.setAttribute("aria-busy", "false");
    card.replaceChildren();
    unreached.hidden = false;
    fit();
  }

  /* A template's answer, also where the platform rejects because of its status. */
  function ask(template, context, body) {
    const options = { context: context };
    if (body !== undefined) { options.body = body; }
    return client.request.invokeTemplate(template, options).catch(function (error) {
      if (error && error.status && error.response) { return error; }
      throw error;
    }).then(function (answer) {
      const headers = answer.headers || {};
      const name = Object.keys(headers).find(function (key) { return key.toLowerCase() === PASS; });
      if (name) { bearer = String(headers[name]); }
      return answer;
    });
  }

  function show(html) {
    card.innerHTML = html;
    card.setAttribute("aria-busy", "false");
    unreached.hidden = true;
    const words = card.querySelector("[data-told]");
    const place = card.querySelector("[data-focus]");
    told.textContent = words ? words.textContent : "";
    if (place) { place.focus({ preventScroll: true }); }
    fit();
    const awaited = card.querySelector("[data-since]");
    if (awaited) { lookAgain(Number(awaited.dataset.since), TRIES, turn); }
  }

  function open() {
    turn += 1;
    const mine = turn;
    unreached.hidden = true;
    Promise.all([client.data.get("ticket"), client.data.get("loggedInUser")]).then(function (found) {
      const said = { ticket_id: found[0].ticket.id, agent_id: found[1].loggedInUser.id };
      return ask("card", {}, JSON.stringify(said));
    }).then(function (answer) {
      const said = JSON.parse(answer.response);
      bearer = said.bearer || bearer;
      if (mine === turn) { show(said.html); }
    }).catch(fail);
  }

  function act(form) {
    turn += 1;
    const mine = turn;
    const body = new URLSearchParams(new FormData(form)).toString();
    const route = form.getAttribute("hx-post").split("/").pop();
    form.querySelectorAll("button").forEach(function (button) { button.disabled = true; });
    ask("card_act", { bearer: bearer, act: route }, body).then(function (answer) {
      if (mine !== turn) { return; }
      if (answer.status === 401) { open(); } else { show(answer.response); } // the pass was over: fetch another, and the card
    }).catch(fail);
  }

  /* After a change the ticket is looked at anew; show that once it is there, unless somebody is choosing something. */
  function lookAgain(since, tries, mine) {
    setTimeout(function () {
      if (mine !== turn) { return; }
      ask("card_again", { bearer: bearer }).then(function (answer) {
        const fresh = document.createElement("template");
        fresh.innerHTML = answer.response;
        const time = fresh.content.querySelector("footer time");
        const there = time && Date.parse(time.dateTime) >= since;
        const choosing = document.activeElement && document.activeElement.tagName === "SELECT";
        if (mine !== turn) { return; }
        if ((there || tries <= 1) && !choosing) { show(answer.response); } else if (tries > 1) { lookAgain(since, tries - 1, mine); }
      }).catch(function () {});
    }, PAUSE);
  }

  translate();
  card.addEventListener("submit", function (event) {
    event.preventDefault();
    if (event.target.getAttribute("hx-post")) { act(event.target); }
  });
  document.getElementById("retry").addEventListener("click", open);
  new ResizeObserver(fit).observe(document.querySelector("main"));
  app.initialized().then(function (ready) {
    client = ready;
    client.events.on("app.activated", open);
  }).catch(fail);
})();
