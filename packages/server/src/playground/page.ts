import { createHash } from 'node:crypto';
import { clientScript } from './client-script.js';
import { playgroundStyle } from './style.js';

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%233b5bdb'/%3E%3Cpath d='M4 5h8M4 8h8M4 11h5' stroke='%23fff' stroke-width='1.6' stroke-linecap='round'/%3E%3C/svg%3E";

/** The page that `GET /` serves; all of it, as it asks for nothing else but the routes of its server. */
export const playgroundPage: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>align-squad playground</title>
<link rel="icon" href="${icon}">
<style>${playgroundStyle}</style>
</head>
<body>
<header><img src="${icon}" alt="" width="28" height="28"><h1>align-squad</h1><p>Inspect, align and stream an answer.</p></header>
<noscript><p>This page needs JavaScript. Its routes do not: POST /v1/align and /v1/inspect.</p></noscript>
<main></main>
<script type="module">${clientScript}</script>
</body>
</html>
`;

const policy = [
  "default-src 'none'",
  `script-src '${hashOf(clientScript)}'`,
  `style-src '${hashOf(playgroundStyle)}'`,
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // the page never makes elements of strings
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
];

/** Headers of the page: it may run and ask for nothing but what is its own. */
export const playgroundHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policy.join('; '),
  'cache-control': 'no-cache',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
