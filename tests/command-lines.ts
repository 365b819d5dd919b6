/** A call of `align-squad` in prose. */
export interface CommandLine {
  /** `path:line` of its first line. */
  readonly place: string;
  /** What stands before the first option, such as `generate status`. */
  readonly words: readonly string[];
  /** The long options, such as `--data`. */
  readonly options: readonly string[];
}

const fence = /^ *```sh\n(.*?)^ *```/gms;
const call = /^ *npx align-squad ((?:[^\\\n]|\\\n?)*)$/gm;

/** The `npx align-squad` lines in the ```sh blocks of a Markdown text; a line that ends with `\` goes on. */
export function commandLines(path: string, text: string): readonly CommandLine[] {
  return [...text.matchAll(fence)].flatMap((block) =>
    [...(block[1] ?? '').matchAll(call)].map((match) => {
      const line = text.slice(0, block.index + block[0].indexOf(match[0])).split('\n').length;
      const parts = (match[1] ?? '').replace(/"[^"]*"|'[^']*'|\\\n/g, ' ').split(/\s+/).filter((part) => part !== '');
      const at = parts.findIndex((part) => part.startsWith('-'));
      return {
        place: `${path}:${line}`,
        words: at < 0 ? parts : parts.slice(0, at),
        options: parts.filter((part) => part.startsWith('--')).map((part) => part.replace(/=.*/, '')),
      };
    }),
  );
}
