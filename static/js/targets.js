// A tree of box groups: a chosen group covers all below it, so those are shown as covered.

export function start(tree) {
  const show = () => {
    for (const box of tree.querySelectorAll('input[type="checkbox"]')) {
      const above = box.closest("li").parentElement.closest("li")?.querySelector(':scope > label input[type="checkbox"]');
      box.indeterminate = Boolean(above && (above.checked || above.indeterminate) && !box.checked);
    }
  };
  tree.addEventListener("change", show);
  show();
}
