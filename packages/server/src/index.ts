export { createServer, type AlignServer } from './create-server.js';
export type { ServerOptions } from './options.js';
export type { ListenOptions, RunningServer } from './listen.js';
export type { RequestLogEntry, RequestLogger } from './request-log.js';
export type { ServerEnv } from './parts.js';
export type { Call } from './calls.js';
export { loadServerConfig, type LoadServerConfigOptions } from './config/load-server-config.js';
export type { ResolvedServerConfig, ServerConfig } from './config/server-config.js';
