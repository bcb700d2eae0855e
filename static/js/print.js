// A button that prints the page.

export function start(button) {
  button.addEventListener("click", () => print());
}
