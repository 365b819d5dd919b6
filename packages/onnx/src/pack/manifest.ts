import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';

/** The newest `schemaVersion` of pack.json that this package reads, and the one that it writes. */
export const packSchemaVersion = 1;

/** Size and hash of one file of a pack. */
export interface PackFile {
  /** SHA-256 in lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** A data set that the weights of a pack were trained on. */
export interface PackData {
  readonly name: string;
  readonly license: string;
  readonly source: string;
  readonly rows?: number | undefined;
  /** What it was used for. */
  readonly use?: string | undefined;
}

/** The content of pack.json. The sections of objects are checked by the packages that use them. */
export interface PackManifest {
  readonly schemaVersion: typeof packSchemaVersion;
  readonly name: string;
  readonly version: string;
  /** BCP 47 tag of the language that the pack serves, such as `en`. */
  readonly language: string;
  /** SPDX expression. */
  readonly license: string;
  readonly description?: string | undefined;
  /** Every file of the pack but pack.json, by path relative to the folder with forward slashes. */
  readonly files: Readonly<Record<string, PackFile>>;
  readonly inspector?: Readonly<Record<string, unknown>> | undefined;
  readonly aligner?: Readonly<Record<string, unknown>> | undefined;
  /** Measured numbers and how they were measured. */
  readonly metrics?: Readonly<Record<string, unknown>> | undefined;
  readonly data?: readonly PackData[] | undefined;
  /** Seed, versions and recipe that repeat the training. */
  readonly training?: Readonly<Record<string, unknown>> | undefined;
}

const text = z.string().min(1);
const section = z.record(z.string(), z.unknown());

const manifestSchema: z.ZodType<PackManifest> = z.strictObject({
  schemaVersion: z.literal(packSchemaVersion),
  name: text,
  version: text,
  language: text,
  license: text,
  description: z.string().optional(),
  files: z.record(z.string(), z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().min(0) })),
  inspector: section.optional(),
  aligner: section.optional(),
  metrics: section.optional(),
  data: z
    .array(
      z.strictObject({
        name: text,
        license: text,
        source: text,
        rows: z.int().min(0).optional(),
        use: z.string().optional(),
      }),
    )
    .optional(),
  training: section.optional(),
});

/**
 * Checks the parsed content of a pack.json, the paths of its files included.
 * @throws AlignSquadError `pack-version-unsupported` for a newer schema, `pack-path-outside` for a path that is not
 * plainly inside the folder, otherwise `pack-invalid` naming the field.
 */
export function parsePackManifest(value: unknown): PackManifest {
  const version = readSchemaVersion(value);
  if (version !== undefined && version > packSchemaVersion) {
    throw new AlignSquadError(
      `This pack has schema version ${version}, and this copy of @align-squad/onnx reads up to ${packSchemaVersion}: upgrade the align-squad packages.`,
      { code: 'pack-version-unsupported' },
    );
  }
  const manifest = parseWith(manifestSchema, value, { what: 'a `pack.json`', code: 'pack-invalid' });
  for (const file of Object.keys(manifest.files)) requirePackPath(file);
  return manifest;
}

/**
 * Refuses paths that are not relative, normal and written with forward slashes.
 * @throws AlignSquadError `pack-path-outside`.
 */
export function requirePackPath(file: string): void {
  const segments = file.split('/');
  const isPlain = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  // A colon or a backslash would lead elsewhere on Windows.
  if (isPlain && !/[\\:\0]/.test(file)) return;
  throw new AlignSquadError(
    `The path ${JSON.stringify(file)} is not inside the pack: use a relative path with forward slashes and without \`..\`.`,
    { code: 'pack-path-outside' },
  );
}

function readSchemaVersion(value: unknown): number | undefined {
  const parsed = z.looseObject({ schemaVersion: z.int() }).safeParse(value);
  return parsed.success ? parsed.data.schemaVersion : undefined;
}
