// Padan for the pages of relying parties: the three calls of the web SDK 2.x, against this server.
//
//   <script src="https://verify.example/padan.js"></script>
//   const result = await PadanUI.launchIframe(launchUrl);
//
// A promise is fulfilled with {success: true, msg, sessionId} and rejected with the same where success is false.
// Neither proves anything: let your server ask for the results. `data-global` on the script names the object.
"use strict";
(() => {
  const script = document.currentScript;
  const home = new URL(script.src).origin;

  // Launch URLs are secrets of this server's; one of another would get this page's trust.
  function checked(launchUrl, mode) {
    const url = new URL(launchUrl);
    if (url.origin !== home) throw new Error(`the launch URL is of ${url.origin}, this script of ${home}`);
    url.searchParams.set("launchMode", mode);
    url.searchParams.set("origin", location.origin);
    return url;
  }

  // Listens to one window of one origin, until it says how the session ended, or the person closes it.
  function hear(other, url, close) {
    const sessionId = url.searchParams.get("sessionId");
    let closed;
    const result = new Promise((resolve, reject) => {
      const end = (told) => {
        window.removeEventListener("message", listen);
        close();
        (told.success ? resolve : reject)(told);
      };
      const listen = (event) => {
        if (event.origin !== home || event.source !== other) return;
        const told = event.data;
        if (told && typeof told.success === "boolean" && told.sessionId === sessionId) end(told);
      };
      window.addEventListener("message", listen);
      closed = () => end({ success: false, msg: "user-closed", sessionId });
    });
    return { result, closed };
  }

  const styled = (element, styles) => Object.assign(element.style, styles) && element;

  // The button has a bar of its own above the frame, in the system's colours, light or dark as the frame is.
  function dialogWith(frame, label) {
    const dialog = styled(document.createElement("dialog"), {
      width: "min(30rem, 100vw)", height: "min(48rem, 100dvh)", maxWidth: "100vw", maxHeight: "100dvh",
      padding: "0", border: "0", borderRadius: ".75rem", overflow: "hidden", background: "Canvas",
      color: "CanvasText", colorScheme: "light dark", gridTemplateRows: "auto minmax(0, 1fr)",
    });
    const button = styled(document.createElement("button"), {
      width: "48px", height: "48px", margin: "0", padding: "0", border: "0", justifySelf: "end",
      background: "Canvas", color: "CanvasText", font: "28px/1 sans-serif", cursor: "pointer",
    });
    button.type = "button";
    button.textContent = "\u00d7";
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => dialog.close());
    styled(frame, { width: "100%", height: "100%", border: "0" });
    dialog.append(button, frame);
    return dialog;
  }

  /** Show the session in a dialog of this page. Options: `title` of the frame, `closeLabel` of its button. */
  async function launchIframe(launchUrl, { title = "Padan", closeLabel = "Close" } = {}) {
    const url = checked(launchUrl, "iframe");
    url.searchParams.set("embed", "iframe");
    const frame = document.createElement("iframe");
    frame.title = title;
    frame.src = url.href;
    const dialog = dialogWith(frame, closeLabel);
    document.body.append(dialog);
    const { result, closed } = hear(frame.contentWindow, url, () => dialog.remove());
    dialog.addEventListener("close", closed);
    dialog.style.display = "grid";
    dialog.showModal();
    frame.focus();
    return result;
  }

  /** Show the session in a popup. Call it from a click; `getLaunchUrl` may ask your server for the URL. */
  async function launchPopup(getLaunchUrl) {
    const popup = window.open(`${home}/loading`, "padan", "popup,width=600,height=900");
    if (!popup) throw new Error("the browser blocked the popup: call launchPopup from a click");
    let url;
    try {
      url = checked(await getLaunchUrl(), "popup");
    } catch (error) {
      popup.close();
      throw error;
    }
    popup.location.href = url.href;
    const { result, closed } = hear(popup, url, () => popup.close());
    const watch = setInterval(() => popup.closed && closed(), 500);
    return result.finally(() => clearInterval(watch));
  }

  /** Leave this page for the session; the person comes back to `redirectUrl`, or to the session's own. */
  async function launchRedirect(launchUrl, redirectUrl) {
    const url = checked(launchUrl, "redirect");
    if (redirectUrl) url.searchParams.set("redirectUrl", redirectUrl);
    location.assign(url.href);
  }

  window[script.dataset.global || "PadanUI"] = Object.freeze({ launchIframe, launchPopup, launchRedirect });
})();
