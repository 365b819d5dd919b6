/** The folder of the embedded pack: pack.json and the files that it names. */
export const packDirectory: URL = new URL('../pack/', import.meta.url);

/** The encoder of that pack, in the form that the ONNX runtime would give it: it needs no optimisation when it is loaded. */
export const encoderFile: URL = new URL('onnx/model_quantized.onnx', packDirectory);
