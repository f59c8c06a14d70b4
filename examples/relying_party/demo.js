// The four ways. Each ends at /callback, where the server asks Padan for the results.
"use strict";

async function launchUrl(kind) {
  const answer = await fetch(`/sessions/${kind}`, { method: "POST" });
  if (!answer.ok) throw new Error("no session could be made: reload this page and try again");
  return (await answer.json()).launchUrl;
}

const WAYS = {
  iframe: async () => PadanUI.launchIframe(await launchUrl("hosted")),
  popup: () => PadanUI.launchPopup(() => launchUrl("hosted")),
  redirect: async () => PadanUI.launchRedirect(await launchUrl("hosted")),
  direct: async () => PadanUI.launchRedirect(await launchUrl("direct")),
};

for (const [name, launch] of Object.entries(WAYS)) {
  document.getElementById(name).addEventListener("click", async () => {
    try {
      ended(await launch());
    } catch (told) {
      ended(told);
    }
  });
}

// What the browser is told is a hint; only the session's id is used. After a redirect nothing is told here.
function ended(told) {
  if (told instanceof Error) document.getElementById("status").textContent = told.message;
  else if (told) location.assign(`/callback?sessionId=${encodeURIComponent(told.sessionId)}`);
}
