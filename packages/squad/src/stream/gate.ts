/** A place where one waits until another opens it. */
export interface Gate {
  /** Waits for the next `open`. */
  readonly pass: () => Promise<void>;
  /** Lets through who waits now; who comes later waits again. */
  readonly open: () => void;
}

/** Makes a gate for one that waits at a time. */
export function createGate(): Gate {
  let open = (): void => undefined;
  return {
    pass: () =>
      new Promise((resolve) => {
        open = resolve;
      }),
    open: () => open(),
  };
}
