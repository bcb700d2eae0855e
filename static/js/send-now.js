// A form that was sent before and only has to be sent again, once.

export function start(form) {
  form.requestSubmit();
}
