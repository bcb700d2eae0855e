// A form that carries a passkey's answer: the browser is asked as the server says, and what it answers is sent like any field.
// data-act="prove" uses a passkey, "enrol" makes one; then the form's own fields go along when the server is asked.
// What the browser is asked comes from the address in data-options, or stands in data-request.
// A button with data-plain sends the form as it is: there is another way beside the passkey.

import { browserSupportsWebAuthn, startAuthentication, startRegistration } from "../vendor/simplewebauthn.esm.js";

export function start(form) {
  const button = form.querySelector('button[type="submit"]:not([data-plain])');
  const credential = form.querySelector("input[data-credential]") ?? form.querySelector('input[name="credential"]');
  const problem = form.querySelector("[data-problem]");

  const say = (text) => {
    problem.hidden = !text;
    problem.querySelector("[data-problem-text]").textContent = text;
  };

  form.addEventListener("submit", async (event) => {
    if (event.submitter?.hasAttribute("data-plain")) return;
    event.preventDefault();
    say("");
    button.disabled = true;
    try {
      credential.value = await ask(form);
      form.submit();
    } catch (error) {
      say(error.message);
      button.disabled = false;
    }
  });
}

// Has the browser use or make a passkey as a form's data says; returns its answer, or throws an error in words for people.
export async function ask(form) {
  if (!browserSupportsWebAuthn()) throw new Told(form.dataset.saysUnsupported);
  try {
    const optionsJSON = form.dataset.request ? JSON.parse(form.dataset.request) : await askServer(form);
    const enrols = form.dataset.act === "enrol";
    return JSON.stringify(await (enrols ? startRegistration({ optionsJSON }) : startAuthentication({ optionsJSON })));
  } catch (error) {
    throw new Told(sentence(form, error));
  }
}

class Told extends Error {}

async function askServer(form) {
  const enrols = form.dataset.act === "enrol";
  const answer = await fetch(form.dataset.options, {
    method: enrols ? "POST" : "GET",
    body: enrols ? new FormData(form) : undefined,
    headers: { Accept: "application/json" },
  });
  const told = await answer.json();
  if (!answer.ok) throw new Told(told.detail);
  return told;
}

function sentence(form, error) {
  if (error instanceof Told) return error.message;
  const cause = error.cause?.name ?? error.name;
  if (cause === "InvalidStateError") return form.dataset.saysKnown;
  if (cause === "NotAllowedError" || cause === "AbortError") return form.dataset.saysCancelled;
  return form.dataset.saysFailed;
}
