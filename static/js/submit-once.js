// A form is sent once: a second click while the first is under way does nothing. Ctrl+Enter sends it.

export function start(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    // After the browser has read the form: a disabled button would not be sent.
    setTimeout(() => event.submitter?.classList.add("is-busy"));
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) form.requestSubmit();
  });
  // Back to this page from the next one: the form may be sent again.
  addEventListener("pageshow", () => {
    sent = false;
    form.querySelector(".is-busy")?.classList.remove("is-busy");
  });
}
