// Which tab leads. With Web Locks the browser hands the lead on when a tab dies; a leader that is alive but silent
// (frozen, blocked) is replaced by stealing its lock. Without Web Locks (plain HTTP on another machine) a lease in
// localStorage does the same; without a channel to talk over every tab leads itself.
const LOCK = "interlude-live";
const LEASE = "interlude-live-lease";
const SILENT_MS = 3000;
const ALIVE_MS = 1000;
const LEASE_MS = 3000;
const JITTER_MS = 700;

export class Election {
  constructor({ tab, say, onLead, onYield }) {
    Object.assign(this, { tab, say, onLead, onYield });
    this.leading = false;
    this.jitter = Math.random() * JITTER_MS;
    this.alone = !("BroadcastChannel" in window);
    this.locks = this.alone ? null : navigator.locks;
  }

  start() {
    this.running = true;
    this.leaderHeardAt = performance.now();
    if (this.alone) this.lead();
    else if (this.locks) this.queue(false);
    else this.lease();
  }

  stop() {
    this.running = false;
    this.abort?.abort();
    if (this.leading && !this.locks && !this.alone) localStorage.removeItem(LEASE);
    this.yield();
  }

  // Any message that only a leader sends proves that there is one.
  heard(message) {
    if (["event", "covered", "alive", "who"].includes(message.kind)) this.leaderHeardAt = performance.now();
  }

  check() {
    const now = performance.now();
    if (this.leading) {
      if (now - (this.saidAt || 0) >= ALIVE_MS) {
        this.saidAt = now;
        this.say({ kind: "alive" });
      }
      if (!this.locks && !this.alone) this.lease();
      return;
    }
    if (this.locks && now - this.leaderHeardAt > SILENT_MS + this.jitter) {
      this.leaderHeardAt = now;
      this.queue(true);
    } else if (!this.locks) this.lease();
  }

  queue(steal) {
    const options = { mode: "exclusive" };
    if (steal) options.steal = true;
    else {
      if (this.waiting) return;
      this.waiting = true;
      this.abort = new AbortController();
      options.signal = this.abort.signal;
    }
    this.locks
      .request(LOCK, options, () => {
        if (!steal) this.waiting = false;
        if (!this.running) return undefined;
        this.lead();
        return new Promise((resolve) => {
          this.release = resolve;
        });
      })
      .catch((error) => {
        if (!steal && this.waiting) this.waiting = false;
        if (error.name !== "AbortError" || !this.running) return;
        // Somebody took over because we were silent: follow, and wait in line again.
        this.yield();
        this.leaderHeardAt = performance.now();
        this.queue(false);
      });
  }

  lease() {
    const now = Date.now();
    const [owner, until] = (localStorage.getItem(LEASE) || " 0").split(" ");
    const mine = owner === this.tab;
    if (!mine && Number(until) > now) {
      this.candidate = false;
      if (this.leading) this.yield();
      return;
    }
    localStorage.setItem(LEASE, `${this.tab} ${now + LEASE_MS}`);
    // Two tabs may write at once; who still owns the lease at the next check leads.
    if (mine && !this.leading) this.lead();
  }

  lead() {
    if (this.leading) return;
    this.leading = true;
    this.onLead();
  }

  yield() {
    this.release?.();
    this.release = null;
    if (!this.leading) return;
    this.leading = false;
    this.onYield();
  }
}
