// Copies the text of the element named by data-copy, and says so by its icon.

export function start(button) {
  const use = button.querySelector("use");
  const usual = use?.getAttribute("href");
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
    use?.setAttribute("href", usual.replace(/#.*/, "#check"));
    setTimeout(() => use?.setAttribute("href", usual), 1600);
  });
}
