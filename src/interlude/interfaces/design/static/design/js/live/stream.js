// The one EventSource of the leading tab. A new set of topics opens the new stream before the old one is closed, so
// that nothing falls into the gap; what both deliver is passed on once.
const SETTLE_MS = 60;
const SHRINK_MS = 10000;
const SILENT_MS = 4000;
const REMEMBERED = 64;

export class Stream {
  constructor({ url, onMessage, onCovered }) {
    Object.assign(this, { url, onMessage, onCovered });
    this.topics = [];
    this.source = null;
    this.isOpen = false;
    this.recent = [];
    this.overlap = 0;
  }

  carry(topics) {
    const known = new Set(this.topics);
    const grows = topics.some((topic) => !known.has(topic));
    if (this.source && !grows && topics.length === this.topics.length) return;
    this.wanted = topics;
    clearTimeout(this.timer);
    // A page that closes may be followed by one that needs the same topics: shrinking can wait.
    this.timer = setTimeout(() => this.open(), this.source && !grows ? SHRINK_MS : SETTLE_MS);
  }

  open() {
    const topics = this.wanted || this.topics;
    const old = this.source;
    const address = new URL(this.url, location.href);
    address.searchParams.set("topics", topics.join(","));
    const source = new EventSource(address);
    this.source = source;
    this.topics = topics;
    this.heardAt = performance.now();
    this.isOpen = false;
    this.overlap = old ? performance.now() + 2000 : 0;
    source.onopen = () => {
      if (source !== this.source) return;
      old?.close();
      this.isOpen = true;
      this.onCovered(this.topics);
    };
    source.onerror = () => {
      if (source === this.source) this.isOpen = false;
    };
    source.onmessage = (event) => this.receive(event.data);
  }

  receive(text) {
    this.heardAt = performance.now();
    if (performance.now() < this.overlap) {
      if (this.recent.includes(text)) return;
    }
    this.recent.push(text);
    if (this.recent.length > REMEMBERED) this.recent.shift();
    try {
      this.onMessage(JSON.parse(text));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }

  // A stream that is silent although the server ticks each second is opened anew.
  check() {
    if (!this.source || performance.now() - this.heardAt < SILENT_MS) return;
    this.source.close();
    this.source = null;
    this.recent = [];
    this.open();
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.isOpen = false;
    this.topics = [];
  }
}
