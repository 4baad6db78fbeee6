/** A refusal of the API: a problem document (RFC 9457). Its texts are for people, in the page's language. */
export class Problem extends Error {
  constructor(readonly document: ProblemDocument) {
    super(document.detail ?? document.title);
  }

  get status(): number {
    return this.document.status;
  }

  /** The refusal without its address, such as `not-allowed-in-state`. */
  get slug(): string {
    return this.document.type.replace("/problems/", "");
  }

  /** The text of the fault at one field of the body, if there is one. */
  faultAt(field: string): string | undefined {
    return this.document.errors?.find((fault) => fault.pointer === `#/${field}`)?.detail;
  }

  /** All that a person must read: what was refused, and each fault. */
  get sentences(): string[] {
    const faults = this.document.errors?.map((fault) => fault.detail) ?? [];
    return faults.length > 0 ? faults : [this.message];
  }
}

interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail?: string;
  trace_id?: string;
  errors?: { pointer?: string; parameter?: string; code: string; detail: string }[];
  [member: string]: unknown;
}

/** A problem document of an answer that has none, such as a proxy's page. */
export function problemOf(body: unknown, status: number): Problem {
  const known = typeof body === "object" && body !== null && "type" in body && "title" in body;
  return new Problem(known ? (body as ProblemDocument) : { type: "about:blank", title: `HTTP ${status}`, status });
}
