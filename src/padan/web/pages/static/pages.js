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
    clearTimeout(polling);
    const form = document.getElementById("form");
    if (state() === "form") groupNik(form);
    if (state() === "choose") searchWhileTyping();
    if (state() === "waiting") waitForAnswer(1000);
    if (state() === "ended") finish(document.getElementById("ended"));
  }

  // ---- sending and putting in place

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post" || state() === "launch") return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    const fields = new URLSearchParams(new FormData(form));
    const pressed = event.submitter;
    if (pressed && pressed.name) fields.set(pressed.name, pressed.value);
    page().setAttribute("aria-busy", "true");
    try {
      await put(await fetch(address(form), { ...NO_CACHE, method: "POST", body: fields }), true);
    } catch {
      sayOffline(form);
    } finally {
      sending = false;
      page().removeAttribute("aria-busy");
    }
  });

  // The form has buttons named "action", which hide its property of that name.
  const address = (form) => form.getAttribute("action");

  async function put(answer, moveFocus) {
    // The page has the brand's style already; this one's nonce is not the page's, so the browser would complain.
    const text = (await answer.text()).replace(/<style.*?<\/style>/s, "");
    const next = new DOMParser().parseFromString(text, "text/html");
    const content = next.getElementById("page");
    if (!content) return location.reload();
    const same = content.querySelector("main").innerHTML === page().querySelector("main").innerHTML;
    if (same && content.dataset.state === "waiting") return begin();
    page().replaceWith(document.adoptNode(content));
    document.title = content.dataset.title;
    document.documentElement.lang = next.documentElement.lang;
    if (moveFocus) focusFirst();
    begin();
  }

  function focusFirst() {
    const target = page().querySelector("[data-focus]") || page().querySelector("h1");
    if (target) target.focus();
    window.scrollTo(0, 0);
  }

  function sayOffline(form) {
    const place = document.getElementById("offline");
    if (!place) return location.reload();
    place.textContent = form.dataset.offline;
    place.hidden = false;
  }

  // ---- the form

  const digitsIn = (text) => text.replace(/[\s.\-]/g, "");
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
      const body = new URLSearchParams({ csrf: page().dataset.csrf, nik: digits });
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
    live.textContent = seen.problem || seen.region || "";
    live.classList.toggle("fault", Boolean(seen.problem));
    if (seen.problem) input.setAttribute("aria-invalid", "true");
    else if (!document.getElementById("nikIdNumber-fault")) input.removeAttribute("aria-invalid");
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

  // ---- waiting

  function waitForAnswer(pause) {
    polling = setTimeout(async () => {
      try {
        const before = page();
        await put(await fetch(location.href, NO_CACHE), false);
        if (page() !== before) focusFirst();
      } catch {
        waitForAnswer(Math.min(pause * 2, 8000));
      }
    }, pause);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && state() === "waiting") waitForAnswer(0);
  });

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
    if (!other) return false;
    const message = JSON.parse(end.dataset.message);
    for (const origin of end.dataset.targets.split(" ").filter(Boolean)) other.postMessage(message, origin);
    return true;
  }

  // ---- leaving: whoever closes the page has abandoned the session, unless they come back in time

  window.addEventListener("pagehide", () => {
    if (sending || (state() !== "form" && state() !== "choose")) return;
    const form = document.getElementById("form");
    navigator.sendBeacon(address(form), new URLSearchParams({ csrf: page().dataset.csrf, action: "left" }));
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) fetch(location.href, NO_CACHE).then((answer) => put(answer, false)).catch(() => {});
  });

  begin();
})();
