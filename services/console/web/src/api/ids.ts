/** A new random id (UUID, version 4). The browser's own `randomUUID` is missing on a page that came from another computer
 * without HTTPS.
 */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const digits = Array.from(bytes, (byte, place) => {
    if (place === 6) return (byte & 0x0f) | 0x40; // the version
    return place === 8 ? (byte & 0x3f) | 0x80 : byte; // the variant of RFC 9562
  });
  const hex = digits.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
