const fenceLine = /^[ \t>]*(`{3,}|~{3,})([^]*)$/;
const fenceStart = /^[ \t>]*(?:`{3,}|~{3,})/;
const unfinishedStart = /^[ \t>]*(?:`{0,2}|~{0,2})$/;

/** Whether the start of a line says that the line is no code fence (`no`), may be one (`maybe`), or is too short to tell. */
export function looksLikeFence(lineStart: string): 'no' | 'maybe' | 'unsure' {
  if (fenceStart.test(lineStart)) return 'maybe';
  return unfinishedStart.test(lineStart) ? 'unsure' : 'no';
}

/** The fence that is open after `line`, by CommonMark's rules: a closing fence is as long as the open one and stands alone. */
export function fenceAfter(line: string, open: string | undefined): string | undefined {
  const match = fenceLine.exec(line);
  const marks = match?.[1];
  if (match === null || marks === undefined) return open;
  const rest = match[2] ?? '';
  if (open === undefined) return marks.startsWith('`') && rest.includes('`') ? undefined : marks;
  return marks.startsWith(open) && rest.trim() === '' ? undefined : open;
}
