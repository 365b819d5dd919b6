import type { Options } from 'tsup';

/** Options of a package's build. */
type BuildOptions = Pick<Options, 'noExternal' | 'esbuildPlugins'>;

/** Lets a build import the part of zod that the packages share from core; its declarations still name zod. */
export const slimZod: BuildOptions = {
  // Else the build would leave it as it is before the plugin sees it.
  noExternal: ['zod'],
  esbuildPlugins: [
    {
      name: 'slim-zod',
      setup(build) {
        build.onResolve({ filter: /^zod$/ }, () => ({ path: '@align-squad/core/zod', external: true }));
      },
    },
  ],
};

/** The same for core itself, whose file of names bundles zod; `file` is the path of its `zod.ts`. */
export function bundleSlimZod(file: string): BuildOptions {
  return {
    noExternal: ['zod'],
    esbuildPlugins: [
      {
        name: 'bundle-slim-zod',
        setup(build) {
          build.onResolve({ filter: /^zod$/ }, ({ importer }) => (/zod-names\.ts$/.test(importer) ? undefined : { path: file }));
        },
      },
    ],
  };
}
