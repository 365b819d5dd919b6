export { alignMiddleware, type AlignMiddlewareOptions } from './align-middleware.js';
export { createAlignRunnable, type AlignInput, type AlignRunnableOptions } from './align-runnable.js';
