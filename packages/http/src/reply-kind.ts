import { AlignSquadError } from '@align-squad/core';

/** What decides how a reply is handled. */
export interface ReplyHead {
  /** Method of the request. */
  readonly method: string;
  readonly status: number;
  /** Value of a header of the reply, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
}

/** `pass` goes out untouched. */
export type ReplyKind = 'pass' | 'json' | 'text' | 'events';

/**
 * How a reply is handled: those to HEAD, without a body, that are no success, and of other types pass. One that says
 * nothing of its type is taken for text, so that an answer does not slip out.
 */
export function replyKind({ method, status, header }: ReplyHead): ReplyKind {
  if (method === 'HEAD' || status < 200 || status > 299 || status === 204 || status === 205) return 'pass';
  const type = mediaType(header('content-type'));
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  if (type === 'text/event-stream') return 'events';
  return type === '' || type === 'text/plain' || type === 'text/markdown' ? 'text' : 'pass';
}

/** Throws `invalid-exchange` for a reply whose body can't be read. */
export function assertReadable({ header }: Pick<ReplyHead, 'header'>): void {
  const encoding = header('content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') {
    throw refused('Expected a reply that is not compressed yet: put this middleware inside the compressor, so that it sees replies first.');
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(header('content-type') ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  if (!['utf-8', 'utf8', 'us-ascii'].includes(charset)) throw refused('Expected a reply whose charset is UTF-8.');
}

/** What a reply that can't be aligned is refused with. */
export function refused(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'invalid-exchange' });
}

function mediaType(value: string | undefined): string {
  return (value?.split(';')[0] ?? '').trim().toLowerCase();
}
