// Says which files were chosen beside the button that stands for a native file control.

export function start(pick) {
  const input = pick.querySelector('input[type="file"]');
  const say = pick.querySelector("[data-names]");
  const show = () => {
    say.textContent = [...input.files].map((file) => file.name).join(", ");
  };
  input.addEventListener("change", show);
  show();
}
