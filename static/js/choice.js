// Shows of a form only what the chosen option needs: parts with data-when="<value> <value>". Hidden parts are sent all the same.

export function start(box) {
  const parts = [...box.querySelectorAll("[data-when]")];
  const radios = [...box.querySelectorAll('input[type="radio"]')].filter((radio) => !radio.closest("[data-when]"));
  const show = () => {
    const chosen = radios.find((radio) => radio.checked)?.value ?? "";
    for (const part of parts) part.hidden = !part.dataset.when.split(" ").includes(chosen);
  };
  box.addEventListener("change", show);
  // A link of the error summary leads to a field: what holds it must be there to be seen.
  for (const part of parts) part.addEventListener("focusin", () => (part.hidden = false));
  show();
}
