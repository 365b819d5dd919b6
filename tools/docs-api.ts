import { join, sep } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import { Application } from 'typedoc';
import { entryPoints, listPackages, root, type Package } from '../tests/walk.js';

// Writes the API reference of every entry point of every package; how is in typedoc.json.
const packages = listPackages();
// A name that several packages export is described at the first, so a package comes after those that it builds on.
const specifiers = new Map(
  packages
    .toSorted((first, second) => depth(first) - depth(second))
    .flatMap((found) => entryPoints(found).map(({ specifier, source }) => [slashed(join(found.folder, source)), specifier])),
);

const app = await Application.bootstrapWithPlugins({ options: join(root, 'typedoc.json'), entryPoints: [...specifiers.keys()] });
const points = (app.getEntryPoints() ?? []).map((point) => ({
  ...point,
  displayName: specifiers.get(slashed(point.sourceFile.fileName)) ?? point.displayName,
}));
const project = app.converter.convert(points);
app.validate(project);
await app.generateOutputs(project);
if (app.logger.hasErrors() || points.length < specifiers.size) {
  throw new AlignSquadError('The API reference is not complete; the messages above say why.', { code: 'invalid-options' });
}

function depth({ manifest }: Package): number {
  const below = packages.filter(({ manifest: { name } }) => manifest.dependencies?.[name] !== undefined);
  return Math.max(0, ...below.map((found) => depth(found) + 1));
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}
