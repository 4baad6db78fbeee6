/** A storage as a browser has it: what is stored are its own properties. */
export function storage(): Storage {
  const methods = {
    getItem: (name: string) => stored[name] ?? null,
    setItem: (name: string, value: string) => void Object.assign(stored, { [name]: value }),
    removeItem: (name: string) => delete stored[name],
  };
  const stored: Record<string, string> = Object.create(methods);
  return stored as unknown as Storage;
}
