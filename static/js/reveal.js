// Shows and hides a password. It is hidden again before the form is sent, so that no browser keeps it as text.

export function start(box) {
  const input = box.querySelector("input");
  const button = box.querySelector("[data-reveal]");
  const set = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => {
    set(input.type === "password");
    input.focus();
  });
  input.form?.addEventListener("submit", () => set(false));
}
