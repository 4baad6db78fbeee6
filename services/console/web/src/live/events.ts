/** Server-Sent Events out of text that arrives in pieces. */

export interface Message {
  event: string;
  data: string;
  id: string | null;
}

/** Takes pieces of a stream's text. Returns the messages that are whole by then. */
export class EventParser {
  #rest = "";

  take(piece: string): Message[] {
    const blocks = (this.#rest + piece).split(/\r?\n\r?\n/);
    this.#rest = blocks.pop() ?? "";
    return blocks.map(messageOf).filter((message) => message !== null);
  }
}

function messageOf(block: string): Message | null {
  const message: Message = { event: "message", data: "", id: null };
  const data: string[] = [];
  let named = false;
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon === 0) continue; // a comment, which only says that the line is alive
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") message.event = value;
    else if (name === "data") data.push(value);
    else if (name === "id") message.id = value;
    else continue;
    named = true;
  }
  return named ? { ...message, data: data.join("\n") } : null;
}
