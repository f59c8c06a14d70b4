// The pages work without this script. With it nothing reloads: a form is sent and the answer put in place.
"use strict";
(() => {
  const SCRIPTED = { "Padan-Page": "script" };
  const NO_CACHE = { headers: SCRIPTED, cache: "no-store", credentials: "same-origin" };
  let polling = 0;
  let sending = false;
  let finished = false;

  const page = () => document.getElementById("page");
  const state = () => page().dataset.state;

  function begin() {
    const form = document.getElementById("form");
    if (state() === "form") groupNik(form);
    if (state() === "choose") searchWhileTyping();
    if (state() === "waiting" && !polling) waitForAnswer(250);
    if (state() === "ended") finish(document.getElementById("ended"));
    if (state() === "gone") tellOpener(document.getElementById("gone"));
  }

  // ---- sending and putting in place

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post" || state() === "launch") {
      sending = true;
      return;
    }
    event.preventDefault();
    if (sending) return;
    sending = true;
    const fields = new URLSearchParams(new FormData(form));
    const pressed = event.submitter;
    if (pressed && pressed.name) fields.set(pressed.name, pressed.value);
    page().setAttribute("aria-busy", "true");
    try {
      await put(await fetch(address(form), { ...NO_CACHE, method: "POST", body: fields }), true);
    } catch (error) {
      sayNotSent(form, error === NO_PAGE ? "trouble" : "offline");
    } finally {
      sending = false;
      page().removeAttribute("aria-busy");
    }
  });

  // The form has buttons named "action", which hide its property of that name.
  const address = (form) => form.getAttribute("action");

  // What a proxy says, or a server in trouble, takes the place of no page: what was typed would be lost.
  const NO_PAGE = new Error("the answer is no page of the session");

  async function read(answer) {
    // The page has the brand's style already; this one's nonce is not the page's, so the browser would complain.
    const text = (await answer.text()).replace(/<style.*?<\/style>/s, "");
    const next = new DOMParser().parseFromString(text, "text/html");
    const content = next.getElementById("page");
    if (!content || answer.status >= 500) throw NO_PAGE;
    return { content, language: next.documentElement.lang };
  }

  async function put(answer, moveFocus) {
    show(await read(answer), moveFocus);
  }

  function show({ content, language }, moveFocus) {
    page().replaceWith(document.adoptNode(content));
    document.title = content.dataset.title;
    document.documentElement.lang = language;
    if (moveFocus) focusFirst();
    begin();
  }

  function focusFirst() {
    const target = page().querySelector("[data-focus]") || page().querySelector("h1");
    if (target) target.focus();
    window.scrollTo(0, 0);
  }

  function sayNotSent(form, why) {
    const place = document.getElementById("offline");
    if (!place) return location.reload();
    place.textContent = form.dataset[why];
    place.hidden = false;
  }

  // ---- the form

  // Full-width digits, as some keyboards write them, are digits too.
  const digitsIn = (text) => text.normalize("NFKC").replace(/[\s.\-]/g, "");
  const grouped = (digits) => digits.replace(/(\d{4})(?=\d)/g, "$1 ");

  function groupNik(form) {
    const input = document.getElementById("nikIdNumber");
    if (!input) return;
    let asked = "";
    let timer = 0;
    const regroup = () => {
      const digits = digitsIn(input.value);
      if (/^\d*$/.test(digits)) {
        const before = digitsIn(input.value.slice(0, input.selectionStart)).length;
        const text = grouped(digits);
        if (text !== input.value) {
          input.value = text;
          const caret = before ? grouped(digits.slice(0, before)).length : 0;
          input.setSelectionRange(caret, caret);
        }
      }
      clearTimeout(timer);
      timer = setTimeout(() => check(digits), 150);
    };
    const check = async (digits) => {
      if (digits === asked) return;
      asked = digits;
      const spoken = document.documentElement.lang;
      const body = new URLSearchParams({ csrf: page().dataset.csrf, spoken, nik: digits.slice(0, 100) });
      try {
        const answer = await fetch(form.dataset.check, { ...NO_CACHE, method: "POST", body });
        if (answer.ok && digits === asked) tell(input, await answer.json());
      } catch {
        asked = "";
      }
    };
    input.addEventListener("input", regroup);
    if (input.value) regroup();
  }

  function tell(input, seen) {
    const live = document.getElementById("nikIdNumber-live");
    if (!live) return;
    // What the form said of another number is over; what it said of this one need not be said twice.
    const fault = document.getElementById("nikIdNumber-fault");
    if (fault) fault.hidden = digitsIn(input.value) !== digitsIn(input.defaultValue);
    const told = fault && !fault.hidden;
    const wrong = told || Boolean(seen.problem);
    live.textContent = (!told && seen.problem) || (!wrong && seen.region) || "";
    live.classList.toggle("fault", wrong);
    input.closest(".field").classList.toggle("wrong", wrong);
    if (wrong) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  // A link of the error summary leads to its field, not only to its place.
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest(".errors a");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: "center" });
  });

  function searchWhileTyping() {
    const input = document.getElementById("search-text");
    const choices = [...document.querySelectorAll("#choices li")];
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      for (const choice of choices) choice.hidden = !choice.dataset.search.includes(wanted);
      document.getElementById("nothing").hidden = choices.some((choice) => !choice.hidden);
    });
  }

  // ---- waiting: asked again after a quarter of a second at first, since most answers come at once

  function waitForAnswer(pause) {
    clearTimeout(polling);
    polling = setTimeout(async () => {
      try {
        const next = await read(await fetch(location.href, NO_CACHE));
        if (!sameAs(next.content)) show(next, true);
      } catch {
        // Without a connection there is nothing to say yet: the page waits on.
      }
      if (state() === "waiting") waitForAnswer(Math.min(pause * 2 || 250, 4000));
    }, pause);
  }

  const sameAs = (content) => content.querySelector("main").innerHTML === page().querySelector("main").innerHTML;

  // ---- the end

  function finish(end) {
    if (finished) return;
    const leave = () => {
      finished = true;
      const told = tellOpener(end);
      if (end.dataset.next) setTimeout(() => location.replace(end.dataset.next), told ? 500 : 0);
    };
    if (!("stay" in end.dataset)) return leave();
    const link = document.getElementById("continue");
    if (!link) return;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    });
  }

  // The message goes to allowed origins alone; the browser drops it where the other page is of none of them.
  function tellOpener(end) {
    const other = window.parent !== window ? window.parent : window.opener;
    if (!other || !end.dataset.targets) return false;
    const message = JSON.parse(end.dataset.message);
    for (const origin of end.dataset.targets.split(" ").filter(Boolean)) other.postMessage(message, origin);
    return true;
  }

  // ---- leaving: whoever closes the page has abandoned the session, unless they come back in time

  const mayBeLeft = () => state() === "form" || state() === "choose";

  window.addEventListener("pagehide", () => {
    if (sending || !mayBeLeft()) return;
    const form = document.getElementById("form");
    navigator.sendBeacon(address(form), new URLSearchParams({ csrf: page().dataset.csrf, action: "left" }));
  });

  // A page that is reloaded, looked at again, or left open when another tab is closed was not abandoned, though
  // "left" was sent. What was typed stays, unless the session went on or ended meanwhile.
  async function stillHere() {
    const before = state();
    try {
      const next = await read(await fetch(location.href, NO_CACHE));
      if (!sending && state() === before && next.content.dataset.state !== before) show(next, true);
    } catch {
      // Nothing is lost: the server hears of the person with the next thing they do.
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    if (state() === "waiting") waitForAnswer(0);
    if (mayBeLeft()) stillHere();
  });
  window.addEventListener("pageshow", (event) => {
    sending = false;
    const [navigation] = performance.getEntriesByType("navigation");
    if (event.persisted) stillHere();
    // The page before this one sends "left" only once this one is here.
    else if (mayBeLeft() && navigation && navigation.type !== "navigate") setTimeout(stillHere, 1000);
  });

  // The page's own links and its search lead away, but not off; a link that opens another tab does not lead away.
  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest && event.target.closest("a[href]");
    if (link && !link.target && link.origin === location.origin && !link.hash) sending = true;
  });

  begin();
})();
