/** Node's Request takes whole addresses alone: those of the page are completed, as a browser does it. */
const Whole = globalThis.Request;
globalThis.Request = class extends Whole {
  constructor(address: RequestInfo | URL, init?: RequestInit) {
    super(typeof address === "string" ? new URL(address, "http://sigap.test") : address, init);
  }
};
