// Draws docs/before-after.svg from the quickstart's own output: node --conditions=@align-squad/source --import tsx tools/before-after-picture.ts
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { diffTexts, type AlignResult, type DiffPart } from 'align-squad';

interface Shown extends Pick<AlignResult, 'original' | 'response' | 'outcome' | 'steps'> {
  readonly prompt: string;
}

const width = 860;
const lineHeight = 22;
const charactersALine = 96;
const colours = { same: '#1f2328', removed: '#b42318', added: '#1a7f37' } as const;

/** The parts of a diff as lines of at most 96 characters, broken at spaces. */
export function wrapParts(parts: readonly DiffPart[]): DiffPart[][] {
  const lines: DiffPart[][] = [[]];
  let used = 0;
  for (const { type, text } of parts) {
    for (const word of text.split(/(?<=\s)/)) {
      if (used + word.trimEnd().length > charactersALine) {
        lines.push([]);
        used = 0;
      }
      lines.at(-1)?.push({ type, text: word });
      used += word.length;
    }
  }
  return lines;
}

/** Text as XML character data. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function drawLine(parts: readonly DiffPart[], y: number): string {
  const spans = parts.map(({ type, text }) => {
    const style = type === 'removed' ? ' text-decoration="line-through"' : type === 'added' ? ' font-weight="600"' : '';
    return `<tspan fill="${colours[type]}"${style}>${escapeXml(text)}</tspan>`;
  });
  return `<text x="24" y="${y}" xml:space="preserve">${spans.join('')}</text>`;
}

/** The exchanges as one SVG picture: prompt, diff, scores of the accepted step. */
export function drawPicture(shown: readonly Shown[]): string {
  const rows: string[] = [];
  let y = 36;
  for (const { prompt, original, response, steps } of shown) {
    rows.push(`<text x="24" y="${y}" font-weight="700" fill="#1f2328">${escapeXml(prompt)}</text>`);
    for (const line of wrapParts(diffTexts(original, response))) rows.push(drawLine(line, (y += lineHeight)));
    const step = steps.findLast(({ accepted }) => accepted);
    const scores = step ? `${step.criterion}: P(misaligned) ${step.before[step.criterion]?.toFixed(2)} to ${step.after?.[step.criterion]?.toFixed(2)}` : '';
    rows.push(`<text x="24" y="${(y += lineHeight)}" fill="#656d76">${scores}</text>`);
    y += 2 * lineHeight;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="Answers before and after">`,
    `<rect width="${width}" height="${y}" rx="8" fill="#ffffff" stroke="#d0d7de"/>`,
    `<g font-family="ui-monospace, monospace" font-size="14">${rows.join('\n')}</g>`,
    '</svg>\n',
  ].join('\n');
}

const script = ['--conditions=@align-squad/source', '--import', 'tsx', 'tools/quickstart.ts', '--json'];
const { stdout } = await promisify(execFile)(process.execPath, script, { cwd: new URL('..', import.meta.url), maxBuffer: 2 ** 24 });
// The quickstart's own JSON; each exchange holds the fields of a result beside its prompt.
const { exchanges } = JSON.parse(stdout) as { exchanges: Shown[] };
await writeFile(new URL('../docs/before-after.svg', import.meta.url), drawPicture(exchanges.filter(({ outcome }) => outcome === 'aligned').slice(0, 3)));
