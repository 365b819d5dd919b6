/*
 * What the middleware reads of the AI SDK's types. Specification v3 and v4 have both this shape, and a package can import
 * the types of one of them only.
 */

/** Options of one call of a language model, as far as they are read; the call has all that the AI SDK gives. */
export interface ModelCall {
  readonly prompt: readonly ModelMessage[];
  readonly responseFormat?: { readonly type: string } | undefined;
  readonly abortSignal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly providerOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

/** One message of a call's prompt. */
export interface ModelMessage {
  readonly role: string;
  readonly content: string | readonly { readonly type: string; readonly text?: string | undefined }[];
}

/** Metadata by provider; all of it is JSON. */
export type Metadata = Readonly<Record<string, unknown>>;

/** A part of a stream, or of the content of a result. */
export interface ModelPart {
  readonly type: string;
  readonly id?: string | undefined;
  readonly delta?: string | undefined;
  readonly text?: string | undefined;
  readonly error?: unknown;
  readonly providerMetadata?: Metadata | undefined;
}

/** What a model generated. */
export interface GenerateResult {
  readonly content: readonly ModelPart[];
  readonly providerMetadata?: Metadata | undefined;
  readonly structuredOutputText?: string | undefined;
  readonly response?: { readonly body?: unknown } | undefined;
}

/** What a model streams. */
export interface StreamResult {
  readonly stream: ReadableStream<ModelPart>;
}
