// Time from outside: a clock that can be set, and timers that a test winds by hand.

/** China Standard Time as people read it: hour, weekday and day of a moment. */
export function wallClock(moment, lang) {
  const zone = { timeZone: "Asia/Shanghai" };
  return {
    time: moment.toLocaleTimeString("en-GB", { ...zone, hour: "2-digit", minute: "2-digit" }),
    weekday: moment.toLocaleDateString(lang, { ...zone, weekday: "long" }),
    day: moment.toLocaleDateString(lang, { ...zone, month: "long", day: "numeric" }),
  };
}

/** A clock that runs on from the moment it was set to; unset it is the device's. */
export class Clock {
  #timers;
  #offset = 0;

  constructor(timers = realTimers) {
    this.#timers = timers;
  }

  now() {
    return new Date(this.#timers.now() + this.#offset);
  }

  /** From now on it is `moment` (a Date); null gives the device's own time back. */
  set(moment) {
    this.#offset = moment === null ? 0 : moment.getTime() - this.#timers.now();
  }
}

export const realTimers = {
  now: () => Date.now(),
  after: (milliseconds, run) => setTimeout(run, milliseconds),
  cancel: (id) => clearTimeout(id),
};

/** A turn of the event loop, without the delay that browsers put on nested timeouts. */
function otherWork() {
  return new Promise((go) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      go();
    };
    port2.postMessage(null);
  });
}

/** Timers that stand still until somebody winds them. */
export class ManualTimers {
  #now;
  #next = 1;
  #waiting = new Map();

  constructor(now = Date.UTC(2026, 10, 22, 6, 5)) {
    this.#now = now;
  }

  now() {
    return this.#now;
  }

  after(milliseconds, run) {
    const id = this.#next;
    this.#next += 1;
    this.#waiting.set(id, { at: this.#now + milliseconds, run });
    return id;
  }

  cancel(id) {
    this.#waiting.delete(id);
  }

  /** Lets the given time pass; what falls due runs in its order, what that sets runs too. */
  async wind(milliseconds) {
    const until = this.#now + milliseconds;
    for (let due = this.#first(until); due; due = this.#first(until)) {
      this.#waiting.delete(due[0]);
      this.#now = due[1].at;
      due[1].run();
      await otherWork(); // what the run set going goes on before the next one
    }
    this.#now = until;
  }

  #first(until) {
    return [...this.#waiting].filter(([, one]) => one.at <= until).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
  }
}
