import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where models come from and where they are kept. */
export interface HubSettings {
  /** Folder for downloads. */
  readonly cacheDirectory: string;
  /** Base address of the hub, with a slash at its end. */
  readonly endpoint: string;
  /** Nothing is downloaded. */
  readonly isOffline: boolean;
  readonly token?: string | undefined;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

// Our layout is not that of the Hugging Face libraries, which share the folder above.
const subfolder = 'align-squad';

/**
 * Reads the environment variables of the Hugging Face libraries, which transformers.js does not: HF_HUB_CACHE, HF_HOME,
 * HF_ENDPOINT, HF_HUB_OFFLINE and HF_TOKEN. Without the first two, downloads are kept in `huggingface/hub` of the user's
 * cache folder: XDG_CACHE_HOME, otherwise the one of the platform.
 */
export function hubSettings(environment: Environment, platform: NodeJS.Platform = process.platform): HubSettings {
  const { HF_HUB_CACHE, HF_HOME, HF_ENDPOINT, HF_HUB_OFFLINE, HF_TOKEN } = environment;
  const home = HF_HOME || join(userCache(environment, platform), 'huggingface');
  return {
    cacheDirectory: join(HF_HUB_CACHE || join(home, 'hub'), subfolder),
    endpoint: `${(HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/u, '')}/`,
    isOffline: /^(?:1|on|yes|true)$/iu.test(HF_HUB_OFFLINE ?? ''),
    ...(HF_TOKEN ? { token: HF_TOKEN } : {}),
  };
}

function userCache({ XDG_CACHE_HOME, LOCALAPPDATA, HOME }: Environment, platform: NodeJS.Platform): string {
  const home = HOME || homedir();
  if (XDG_CACHE_HOME) return XDG_CACHE_HOME;
  if (platform === 'win32') return LOCALAPPDATA || join(home, 'AppData', 'Local');
  return platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
}
