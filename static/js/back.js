// Goes back to where one came from; without such a place the button is not there.

export function start(button) {
  if (history.length < 2) button.hidden = true;
  button.addEventListener("click", () => history.back());
}
