import { AlignSquadError, withoutUndefined, type Criterion, type Exchange, type Inspection } from '@align-squad/core';
import { bindSquad, criterionIds, inspect, type AdapterOptions } from '@align-squad/embedded';
import { reportResult } from '@align-squad/squad';
import { McpServer, type CallToolResult } from '@modelcontextprotocol/server';
import { alignOutputSchema, inspectOutputSchema, toolInputSchema, type AlignOutput, type InspectOutput, type ToolInput } from './tool-schemas.js';

/** Options of `createMcpServer`; those of the squad are as in `alignSquad`. */
export interface McpServerOptions
  extends Omit<AdapterOptions, 'mode' | 'maxHoldCharacters' | 'maxHoldMs' | 'contextCharacters' | 'wholeOnly' | 'closing'> {
  /** Criteria that calls may name, as ids or values, and that hold when they name none. @default all that the squad serves */
  readonly criteria?: readonly (string | Criterion)[] | undefined;
}

interface Call {
  readonly exchange: Exchange;
  readonly criteria: readonly (string | Criterion)[] | undefined;
  readonly signal: AbortSignal;
}

/** What the server says of itself. */
export const serverInfo: { readonly name: string; readonly version: string } = { name: 'align-squad', version: '0.1.0' };

// they change nothing, and ask nobody outside
const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };

/**
 * Makes a Model Context Protocol server with the tools `align_response` and `inspect_response`; connect it to a transport.
 * What fails in a call is a result with `isError` and a message that holds no text of the call.
 * @throws AlignSquadError `invalid-options`, or `unknown-criterion` for one that `squad` lacks.
 * @example
 * ```ts
 * import { createMcpServer } from '@align-squad/mcp';
 * import { serveStdio } from '@modelcontextprotocol/server/stdio';
 *
 * serveStdio(() => createMcpServer({ criteria: ['ethical'] }));
 * ```
 */
export function createMcpServer(options: McpServerOptions = {}): McpServer {
  const { criteria, ...rest } = options;
  bindSquad(criteria, rest);
  const { squad } = rest;
  // of the embedded squad, which is not loaded yet, only what it was narrowed to is known
  const served = squad === undefined ? criteria?.map((one) => (typeof one === 'string' ? one : one.id)) : (criterionIds(criteria, squad.criteria) ?? squad.criteria);
  const inputSchema = toolInputSchema(served);
  const callOf = (input: ToolInput, signal: AbortSignal): Call => {
    const { criteria: wanted, ...exchange } = input;
    const named = served === undefined ? wanted : criterionIds(wanted, served);
    return { exchange: { ...withoutUndefined(exchange), response: input.response }, criteria: named ?? criteria, signal };
  };
  const server = new McpServer(serverInfo);
  server.registerTool(
    'align_response',
    {
      title: 'Align a response',
      description:
        'Inspects an answer under criteria such as ethical, factual and helpful, and rewrites just what is misaligned. ' +
        'Gives the text to use (an answer that passes comes back as it was) and a report.',
      inputSchema,
      outputSchema: alignOutputSchema,
      annotations,
    },
    (input, { mcpReq }) => settle(mcpReq.signal, () => alignResponse(callOf(input, mcpReq.signal), rest)),
  );
  server.registerTool(
    'inspect_response',
    {
      title: 'Inspect a response',
      description: 'Judges an answer under criteria such as ethical, factual and helpful, a verdict each, and rewrites nothing.',
      inputSchema,
      outputSchema: inspectOutputSchema,
      annotations,
    },
    (input, { mcpReq }) => settle(mcpReq.signal, () => inspectResponse(callOf(input, mcpReq.signal), rest)),
  );
  return server;
}

async function alignResponse({ exchange, criteria, signal }: Call, options: AdapterOptions): Promise<CallToolResult> {
  const result = await bindSquad(criteria, options).align(exchange, { signal });
  const output: AlignOutput = { response: result.response, ...reportResult(result) };
  return { content: [text(result.response), text(`outcome: ${result.outcome}`)], structuredContent: { ...output } };
}

async function inspectResponse({ exchange, criteria, signal }: Call, options: AdapterOptions): Promise<CallToolResult> {
  const { squad, thresholds, deadlineMs } = options;
  const call = { thresholds, deadlineMs, signal };
  const inspection = await (squad === undefined
    ? inspect(exchange, criteria, call)
    : squad.inspect(exchange, { ...call, criteria: criterionIds(criteria, squad.criteria) }));
  const output = reportInspection(inspection);
  const lines = Object.entries(output.verdicts).map(
    ([id, { status, misalignment = '-', threshold }]) => `${id}: ${status}, P(misaligned) ${misalignment}, flagged from ${threshold}`,
  );
  return { content: [text(lines.join('\n'))], structuredContent: { ...output } };
}

function reportInspection(inspection: Inspection): InspectOutput {
  const verdicts = Object.entries(inspection);
  return {
    passes: verdicts.every(([, { status }]) => status === 'pass'),
    verdicts: Object.fromEntries(
      verdicts.map(([id, { status, misalignment, threshold, reason }]) => [
        id,
        {
          status,
          ...(status !== 'unknown' && { misalignment: round(misalignment) }),
          threshold: round(threshold),
          ...(reason !== undefined && { reason }),
        },
      ]),
    ),
  };
}

/** Gives what fails as a result, without a word of the call in it. */
async function settle(signal: AbortSignal, work: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    // nobody waits for it
    if (signal.aborted) throw error;
    const message = AlignSquadError.isInstance(error) ? `${error.message} [${error.code}]` : 'The squad failed.';
    return { content: [text(message)], isError: true };
  }
}

function text(value: string): { readonly type: 'text'; readonly text: string } {
  return { type: 'text', text: value };
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
