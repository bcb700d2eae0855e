// Before anything is drawn: there are scripts, and which theme it is. Later the page would jump, and a dark one flash white.

{
  const root = document.documentElement;
  root.classList.add("js");
  // The device decides the theme unless the person has; Tabler's own dark rules need the attribute.
  if (root.dataset.themeChoice === "auto") {
    root.dataset.bsTheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
}
