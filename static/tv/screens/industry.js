// 行业设置, as an installer sees it: enterprise ID and phone number, 查询 says whose they are, 上报 binds the box.

import { h, icon } from "../dom.js";
import { grouped, ID_DIGITS, isEnterpriseId, isPhone, PHONE_DIGITS } from "../numbers.js";

const FIELDS = {
  id: { digits: ID_DIGITS, groups: [4, 4, 4], valid: isEnterpriseId },
  phone: { digits: PHONE_DIGITS, groups: [3, 4, 4], valid: isPhone },
};
/** What the service answers, as what the installer reads. */
const REFUSALS = {
  invalid_enterprise_id: "wrongId",
  invalid_phone: "wrongPhone",
  no_licence_left: "noLicence",
  wrong_box_type: "wrongBox",
  serial_bound: "serialBound",
  bound_elsewhere: "boundElsewhere",
  too_many_requests: "tooOften",
};

export class Industry {
  first = "digit-1";
  #tv;
  #goTo;
  #typed = { id: "", phone: "" };
  #editing = "id";
  #fields = {};
  #note = h("div", { class: "note", role: "status" });
  #buttons;
  #looked = false;
  #busy = false;

  /** `goTo` moves the focus to an element by its name. */
  constructor(tv, goTo) {
    this.#tv = tv;
    this.#goTo = goTo;
    const { words } = tv;
    this.#fields = { id: this.#field("id", words.enterpriseId), phone: this.#field("phone", words.phone) };
    const form = h("div", "form", h("h1", {}, words.industry), h("p", {}, words.industryHint), this.#fields.id.root, this.#fields.phone.root, this.#note);
    this.#buttons = { look: this.#button("look", words.lookUp), report: this.#button("report", words.report) };
    this.root = h("section", "industry", form, this.#pad(), h("div", "acts", this.#buttons.look, this.#buttons.report));
    this.hints = [["0–9", words.type], ["▲ ▼", words.nextField], [words.back, words.eraseOne]];
    this.#draw();
  }

  #field(name, label) {
    const state = h("em");
    const value = h("div");
    const root = h("div", { class: "field", "data-focus": `field-${name}` }, h("label", {}, label, state), value);
    return { root, state, value };
  }

  #button(name, text) {
    return h("div", { class: "btn", "data-focus": `act-${name}` }, text);
  }

  #pad() {
    const { words } = this.#tv;
    const keys = [..."123456789"].map((digit) => h("div", { class: "key", "data-focus": `digit-${digit}` }, digit));
    return h(
      "div",
      "pad",
      keys,
      h("div", { class: "key soft", "data-focus": "key-clear" }, words.clear),
      h("div", { class: "key", "data-focus": "digit-0" }, "0"),
      h("div", { class: "key soft", "data-focus": "key-erase" }, words.erase),
    );
  }

  entered(at) {
    if (!at.startsWith("field-")) return;
    this.#editing = at.slice("field-".length);
    this.#draw();
  }

  key(key, at) {
    if (this.#busy) return true;
    if (/^[0-9]$/.test(key)) return this.#type(key);
    if (key === "back") return this.#erase();
    if (key !== "ok") return false;
    if (at.startsWith("digit-")) return this.#type(at.slice("digit-".length));
    if (at === "key-erase") this.#erase();
    else if (at === "key-clear") this.#clear();
    else if (at === "act-look") this.#lookUp();
    else if (at === "act-report") this.#report();
    else if (at === "act-home") this.#tv.home();
    else this.#goTo("digit-1");
    return true;
  }

  #type(digit) {
    const field = FIELDS[this.#editing];
    const typed = this.#typed[this.#editing];
    if (typed.length < field.digits) this.#typed[this.#editing] = typed + digit;
    this.#looked = false;
    if (this.#typed.id.length === ID_DIGITS && this.#editing === "id" && isEnterpriseId(this.#typed.id)) this.#editing = "phone";
    this.#draw();
    if (this.#complete()) this.#goTo("act-look");
    return true;
  }

  /** With nothing left to erase Back means back. */
  #erase() {
    const typed = this.#typed[this.#editing];
    if (typed === "" && this.#editing === "id") return false;
    if (typed === "") this.#editing = "id";
    else this.#typed[this.#editing] = typed.slice(0, -1);
    this.#looked = false;
    this.#draw();
    return true;
  }

  #clear() {
    this.#typed[this.#editing] = "";
    this.#looked = false;
    this.#draw();
  }

  #complete() {
    return Object.entries(FIELDS).every(([name, field]) => field.valid(this.#typed[name]));
  }

  #draw() {
    const { words } = this.#tv;
    for (const [name, field] of Object.entries(FIELDS)) {
      const typed = this.#typed[name];
      const { root, state, value } = this.#fields[name];
      const editing = this.#editing === name;
      const full = typed.length === field.digits;
      root.classList.toggle("edit", editing);
      value.replaceChildren(
        grouped(typed, field.groups),
        ...(editing && !full ? [h("span", "caret"), h("span", "rest", "_".repeat(Math.min(4, field.digits - typed.length)))] : []),
      );
      const good = full && field.valid(typed);
      state.className = good ? "" : "bad";
      state.replaceChildren(...(good ? [icon("check"), words.valid] : full ? [name === "id" ? words.wrongId : words.wrongPhone] : []));
    }
    const complete = this.#complete();
    this.#buttons.look.classList.toggle("off", !complete);
    this.#buttons.report.classList.toggle("off", !complete || !this.#looked);
    if (!this.#looked) this.#say(this.#advice());
  }

  #advice() {
    const { words } = this.#tv;
    if (this.#typed.id.length < ID_DIGITS) return words.idShort(ID_DIGITS - this.#typed.id.length);
    if (!isEnterpriseId(this.#typed.id)) return words.wrongId;
    if (this.#typed.phone.length < PHONE_DIGITS) return words.phoneShort(PHONE_DIGITS - this.#typed.phone.length);
    return isPhone(this.#typed.phone) ? words.readyToLookUp : words.wrongPhone;
  }

  #say(text) {
    this.#note.className = "note";
    this.#note.replaceChildren(text);
  }

  #sayRefused(text) {
    this.#say(text);
    this.#note.classList.add("bad");
  }

  async #ask(call) {
    const { words, shell } = this.#tv;
    if (!shell.service) {
      this.#sayRefused(words.notHere);
      return null;
    }
    this.#busy = true;
    try {
      return await call(shell.service, { enterprise_id: this.#typed.id, installer_phone: this.#typed.phone });
    } catch {
      this.#sayRefused(words.noService);
      return null;
    } finally {
      this.#busy = false;
    }
  }

  async #lookUp() {
    if (!this.#complete()) return this.#say(this.#advice());
    const answer = await this.#ask((service, typed) => service.lookUp(typed));
    if (answer === null) return undefined;
    const { words } = this.#tv;
    this.#looked = answer.ok || answer.code === "unknown_enterprise";
    this.#draw();
    if (answer.ok) this.#found(answer.body);
    else if (this.#looked) this.#say(words.unknown);
    else this.#sayRefused(words[REFUSALS[answer.code]] ?? words.noService);
    if (this.#looked) this.#goTo("act-report");
    return undefined;
  }

  #found(body) {
    const { words } = this.#tv;
    const phone = grouped(body.installer_phone, FIELDS.phone.groups);
    this.#note.className = "found";
    this.#note.replaceChildren(h("h3", {}, icon("check"), words.found), h("p", {}, body.name), h("small", {}, `${words.phone} ${phone}`));
  }

  async #report() {
    if (!this.#complete() || !this.#looked) return this.#say(this.#advice());
    const answer = await this.#ask((service, typed) => service.report(typed));
    if (answer === null) return undefined;
    const { words } = this.#tv;
    if (answer.ok && answer.body.state === "bound") return this.#done();
    return answer.ok ? this.#say(words.waitingConfirmation) : this.#sayRefused(words[REFUSALS[answer.code]] ?? words.noService);
  }

  #done() {
    const { words } = this.#tv;
    this.root.classList.add("is-done");
    this.root.replaceChildren(
      h("section", "done", h("div", "tick", icon("check")), h("h1", {}, words.reported), h("p", {}, words.reportedMore)),
      h("div", "acts", h("div", { class: "btn", "data-focus": "act-home" }, words.enterDesktop)),
    );
    this.#goTo("act-home");
  }
}
