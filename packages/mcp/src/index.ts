export { createMcpServer, type McpServerOptions } from './create-mcp-server.js';
export type { AlignOutput, InspectedVerdict, InspectOutput, ToolInput } from './tool-schemas.js';
