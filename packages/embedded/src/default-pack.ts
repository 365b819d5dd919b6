import { packDirectory } from '@align-squad/pack-en';

/** Folder of the embedded English pack, to name it beside others: `createSquad({ pack: ['./my-pack', defaultPack] })`. */
export const defaultPack: URL = packDirectory;
