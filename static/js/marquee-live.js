// The message as it will look on the dark band of the television, while it is typed.

export function start(box) {
  const out = box.querySelector("[data-live]");
  const text = box.querySelector("textarea");
  const colour = box.querySelector('input[type="color"]');
  const show = () => {
    out.textContent = text.value.replace(/\s+/g, " ").trim() || "……";
    out.style.color = colour.value;
  };
  box.addEventListener("input", show);
  show();
}
