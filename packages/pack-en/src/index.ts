/** The folder of the embedded pack: pack.json and the files that it names. */
export const packDirectory: URL = new URL('../pack/', import.meta.url);
